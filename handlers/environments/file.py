"""`environments.toml`: text in, environments or one error out. Pure."""

import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from handlers.environments.environment import Environment, Environments
from handlers.environments.people import read_people
from handlers.errors import SettingsWrong


def read_environments(text: str, file: str) -> Environments:
    """Read the text of `environments.toml`.

    `file` is the name that mistakes are reported under. Raises SettingsWrong with a line for every mistake: file,
    key, rule and the value seen.
    """
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers and nesting beyond what Python reads
        raise SettingsWrong(f"{file}: not TOML: {error}") from error
    mistakes = [
        f"{file}: {key}: only [environments.NAME] and [people.NAME] may stand here"
        for key in tables
        if key not in {"environments", "people"}
    ]
    people = read_people(tables.get("people", {}), file, mistakes)
    given = tables.get("environments")
    if not isinstance(given, dict) or not given:
        raise SettingsWrong("\n".join([*mistakes, f"{file}: no [environments.NAME] in it, at least one is needed"]))
    environments: dict[str, Environment] = {}
    for name, table in given.items():
        if not isinstance(table, dict):
            mistakes.append(f"{file}: environments.{name}: must be a table, [environments.{name}], not {table!r}")
            continue
        try:
            if "people" in table:
                mistakes.append(f"{file}: environments.{name}.people: they stand in tables of their own, [people.NAME]")
            environments[name] = Environment.model_validate({**table, "name": name, "people": people})
        except ValidationError as error:
            mistakes += [f"{file}: environments.{name}{_say(detail, table)}" for detail in error.errors()]
            continue
        mistakes += [
            f"{file}: environments.{name}.rights.{right}: there is no [people.{subject}]"
            for right, subjects in environments[name].rights.items()
            for subject in subjects
            if ":" not in subject and subject not in people
        ]
    if mistakes:
        raise SettingsWrong("\n".join(mistakes))
    return environments


RULES = {
    "name": "lower-case letters, digits and dashes, beginning with a letter, at most 63",
    "subscription": "the subscription's id, 8-4-4-4-12 hex digits",
    "cloud_service": "letters, digits and dashes, at most 63",
    "slot": '"production" or "staging"',
    "repository": '"owner/name"',
    "repository_id": "the repository's numeric id, as https://api.github.com/repos/owner/name says it",
    "release": 'a pattern for tags such as "v*"',
    "push": 'the name of a branch such as "main"',
    "workflow": "the name of a GitHub Actions workflow",
    "deployment": "the name of a GitHub environment",
    "comments": "true or false",
    "package_url": "http(s) address of a blob with {sha} in its path; {repository} and {branch} are filled in too",
    "configuration_url": "http(s) address of a blob; {repository}, {branch} and {sha} are filled in",
    "branches": 'a list of branches or patterns of them, such as ["main", "release/*"]',
    "tags": 'a list of tags or patterns of them, such as ["v*"]',
    "required_checks": 'a list of names of checks or tables such as { context = "build", app_id = 15368 }',
    "allow": 'lists of user ids by source, such as { slack = ["U0123ABCD"] }',
    "rights": 'lists by right, such as { deploy = ["mona", "slack:U0123ABCD", "github-team:contoso/deployers"] }',
    "freezes": "tables with reason and either begins and ends or weekly; zone, window, verbs and running if need be",
    "approvals": "a whole number from 0 to 5",
    "suspend_approvals": "a whole number from 0 to 5",
    "approval_within": "minutes, a whole number from 1 to 1440",
    "notify": 'a channel by source, such as { slack = "C0123ABCD" }',
    "package": 'a pattern for the asset such as "*.cspkg"',
    "configuration": 'a pattern for the asset such as "*.cscfg"',
    "start": "true or false",
    "prereleases": "true or false",
    "strategy": '"swap" (into production only), "create", "replace" or "upgrade"',
    "mode": '"Auto", "Manual" or "Simultaneous"',
    "walk_pause": "minutes, a whole number from 0 to 1440",
    "on_unready": '"rollback" or "leave"',
    "keep_previous": "minutes, a whole number from 0 to 10080",
    "ready_within": "minutes, a whole number from 1 to 1440",
    "night": 'a table such as { suspend = "19:00", resume = "07:00", days = "mon-fri", zone = "Europe/Berlin" }',
}
"""Each key with its rule in words, for mistakes and for the documentation."""


def _say(detail: ErrorDetails, table: Mapping[str, Any]) -> str:
    """Write one mistake: the key, the rule and the value seen."""
    key = str(detail["loc"][0] if detail["loc"] else detail["type"])
    unknown = detail["type"] == "extra_forbidden"
    if key in {"rights", "freezes", "required_checks"}:
        path = ".".join(map(str, detail["loc"]))
        return f".{path}: {detail['msg']}; must be {RULES[key]}{'' if unknown else _seen(detail['input'])}"
    if detail["type"] == "missing":
        return f".{key}: missing; {RULES[key]}"
    if unknown:
        close = get_close_matches(key, RULES, n=1)
        # What stands under a key that is none of ours may be somebody's token.
        return f".{key}: no such key" + (f"; did you mean {close[0]}?{_seen(table[key])}" if close else "")
    if key == "name":
        return f": the name must be {RULES['name']}"
    return f".{key}: must be {RULES[key]}{_seen(table.get(key))}"


_USER = re.compile(r"(?<=://)[^\s/?#'\"]*@")
_QUERY = re.compile(r"(?<=://)([^\s?#'\"]*[?#])[^\s'\"]+")


def _seen(value: object) -> str:
    """Show a value, without what may be secret in an address: its user and password, and its query."""
    shown = _QUERY.sub(r"\1...", _USER.sub("...@", repr(value)))
    return f" (seen: {shown})"
