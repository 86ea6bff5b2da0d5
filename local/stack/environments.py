"""The `environments.toml` of a stack."""

import json
import tomllib
from collections.abc import Mapping, Sequence

SUBSCRIPTION = "6c6f6361-6c00-4000-8000-000000000001"
SERVICE = "contoso-web"
REPOSITORY = "contoso/web"
"""What an environment gets that does not say: the simulator's subscription, its cloud service, GitHub's repository."""

Table = Mapping[str, str | int | Sequence[str]]
Value = str | bool | int | Sequence[str] | Sequence[Table] | Table
Given = str | Mapping[str, Mapping[str, Value]]
"""The text of the file, or the keys by environment; keys left out get a value that works here."""

DEFAULTS: Mapping[str, Value] = {
    "subscription": SUBSCRIPTION,
    "cloud_service": SERVICE,
    "slot": "production",
    "repository": REPOSITORY,
    "release": "v*",
    "package": "*.cspkg",
    "configuration": "*.production.cscfg",
}


def write_environments(given: Given) -> str:
    """Return the text of the file."""
    if isinstance(given, str):
        return given
    return "\n".join(
        "\n".join([f"[environments.{name}]", *(f"{key} = {_toml(value)}" for key, value in table.items()), ""])
        for name, table in ((name, {**DEFAULTS, **keys}) for name, keys in given.items())
    )


def places(text: str) -> tuple[set[str], set[str], set[str]]:
    """Return the subscriptions, cloud services and repositories that a file names."""
    tables = tomllib.loads(text)["environments"].values()
    subscriptions, services, repositories = (
        {str(table[key]) for table in tables} for key in ("subscription", "cloud_service", "repository")
    )
    return subscriptions, services, repositories


def _toml(value: Value) -> str:
    """Write a value; all but tables look in TOML as they do in JSON."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value)
