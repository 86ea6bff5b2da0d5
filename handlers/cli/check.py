"""`python -m handlers check`: settings, environments, nights, secrets and services, and a list of what is wrong."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from handlers.cli.findings import Finding, Mark
from handlers.cli.secrets import secrets
from handlers.environments import Environments
from handlers.errors import SettingsWrong
from handlers.model import Source
from handlers.nights.rules import ReadFile, read_rules
from handlers.nights.transitions import nights, overlaps
from handlers.settings import Settings

AHEAD = timedelta(days=400)
"""Our choice: a year and a month are looked through for nights that overlap."""


def of_settings(settings: Settings) -> Iterator[Finding]:
    """Yield what can be said of the settings without asking anybody."""
    yield Finding("settings", Mark.OK, "can be read")
    if settings.storage is None and None in {settings.storage_blobs, settings.storage_queues, settings.storage_tables}:
        yield Finding(
            "settings",
            Mark.WRONG,
            "AzureWebJobsStorage: not set, nor all of AzureWebJobsStorage__blobServiceUri, __queueServiceUri and "
            "__tableServiceUri: there is nowhere to keep anything",
        )
    if Source.MATTERMOST in settings.speaking and settings.url is None:
        yield Finding("settings", Mark.NOTE, "SLIPWAY_URL: not set; messages in Mattermost have no buttons")
    yield from secrets(settings)


def of_mistakes(part: str, error: SettingsWrong) -> Iterator[Finding]:
    """Yield a line for each mistake that stops the start."""
    yield from (Finding(part, Mark.WRONG, mistake) for mistake in str(error).splitlines())


def of_environments(environments: Environments, read_file: ReadFile, now: datetime) -> Iterator[Finding]:
    """Yield a line for each environment, and for each rule of its nights."""
    if not environments:
        yield Finding("environments", Mark.WRONG, "none; copy environments.sample.toml to environments.toml")
    for environment in environments.values():
        where = f"{environment.cloud_service}, {environment.slot}"
        yield Finding("environments", Mark.OK, f"{environment.name}: {where}, from {environment.repository}")
        reading = read_rules(environment, read_file)
        for rule in reading.rules:
            note = "" if rule.sleep != "suspend" else "; Azure charges for what is suspended all the same"
            yield Finding("environments", Mark.OK, f"{environment.name}, {rule.text}{note}")
        yield from (Finding("environments", Mark.WRONG, f"{mistake}; it stays up") for mistake in reading.mistakes)
        yield from (Finding("environments", Mark.NOTE, remark) for remark in reading.remarks)
        ahead = [night for rule in reading.rules for night in nights(rule, now.date(), (now + AHEAD).date())]
        for one, other in list(overlaps(ahead))[:1]:
            yield Finding(
                "environments",
                Mark.WRONG,
                f"{environment.name}: {one.rule.name} of {one.began} and {other.rule.name} of {other.began} overlap; "
                "it stays up in both",
            )
