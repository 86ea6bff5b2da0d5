"""`python -m handlers check`: settings, environments, nights, secrets and services, and a list of what is wrong."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from handlers.cli.findings import Finding, Mark
from handlers.cli.names import NO_ENVIRONMENTS
from handlers.cli.secrets import secrets
from handlers.environments import Environments
from handlers.errors import SettingsWrong
from handlers.model import Source
from handlers.nights.instants import Action
from handlers.nights.rules import ReadFile, Rule, WithCalendar, read_rules
from handlers.nights.transitions import Night, nights, overlaps
from handlers.settings import Settings
from handlers.sleeping.holding import what_rights_hold
from handlers.timers.ncrontab import Every, Schedule, parse_schedule

AHEAD = timedelta(days=400)
"""Our choice: a year and a month are looked through for nights that overlap."""


MORNING_MAY_WAIT = timedelta(hours=1)
"""Our choice: a resume that comes later than this is nothing that anybody wants. An evening has its `max_lateness`."""


def of_settings(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield what can be said of the settings without asking anybody."""
    yield Finding("settings", Mark.OK, "can be read")
    if settings.storage is None and None in {settings.storage_blobs, settings.storage_queues, settings.storage_tables}:
        yield Finding(
            "settings",
            Mark.WRONG,
            "AzureWebJobsStorage: not set, nor all of AzureWebJobsStorage__blobServiceUri, __queueServiceUri and "
            "__tableServiceUri: there is nowhere to keep anything. local.settings.sample.json, copied to "
            "local.settings.json, is a beginning",
        )
    yield from _of_schedules(settings, now)
    if Source.MATTERMOST in settings.speaking and settings.url is None:
        yield Finding("settings", Mark.NOTE, "SLIPWAY_URL: not set; messages in Mattermost have no buttons")
    yield from secrets(settings)


def _of_schedules(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield what is strange about the schedules of timers, which can be read by now."""
    if settings.poll_schedule is None:
        yield Finding("settings", Mark.WRONG, "POLL_SCHEDULE: not set; nobody asks how operations went")
    given = {
        "POLL_SCHEDULE": settings.poll_schedule,
        "SWEEP_SCHEDULE": settings.sweep_schedule,
        "NIGHT_SCHEDULE": settings.night_schedule,
    }
    for name, text in given.items():
        if text is None:
            continue
        schedule = parse_schedule(text)
        if schedule.after(now) is None:
            yield Finding("settings", Mark.WRONG, f"{name}: no date fits {text!r}, so its timer never runs")
        if isinstance(schedule, Every):
            note = "is a TimeSpan, which Azure reads on an App Service plan alone; elsewhere write NCRONTAB"
            yield Finding("settings", Mark.NOTE, f"{name}: {text!r} {note}")


def of_mistakes(part: str, error: SettingsWrong) -> Iterator[Finding]:
    """Yield a line for each mistake that stops the start."""
    yield from (Finding(part, Mark.WRONG, mistake) for mistake in str(error).splitlines())


def of_environments(
    environments: Environments, read_file: ReadFile, now: datetime, looks: Schedule | None = None
) -> Iterator[Finding]:
    """Yield a line for each environment, and for each rule of its nights.

    `looks` is when the timer of the nights runs; None where its setting cannot be read.
    """
    if not environments:
        yield Finding("environments", Mark.WRONG, NO_ENVIRONMENTS)
    for environment in environments.values():
        where = f"{environment.cloud_service}, {environment.slot}"
        yield Finding("environments", Mark.OK, f"{environment.name}: {where}, from {environment.repository}")
        reading = read_rules(environment, read_file)
        for rule in reading.rules:
            note = "" if rule.sleep != "suspend" else "; Azure charges for what is suspended all the same"
            yield Finding("environments", Mark.OK, f"{environment.name}, {rule.text}{note}")
            held = what_rights_hold(rule, environment, now)
            if held is not None:
                yield Finding("environments", Mark.WRONG, f"{environment.name}, {rule.name}: {held}; it stays up")
        yield from (Finding("environments", Mark.WRONG, f"{mistake}; it stays up") for mistake in reading.mistakes)
        yield from (Finding("environments", Mark.NOTE, remark) for remark in reading.remarks)
        ahead = [night for rule in reading.rules for night in nights(rule, now.date(), (now + AHEAD).date())]
        yield from _without_days_off(environment.name, reading.rules, now)
        if looks is not None:
            yield from _seldom_looked_at(environment.name, ahead, looks)
            yield from _not_warned_of(environment.name, ahead, looks)
        for one, other in list(overlaps(ahead))[:1]:
            yield Finding(
                "environments",
                Mark.WRONG,
                f"{environment.name}: {one.rule.name} of {one.began} and {other.rule.name} of {other.began} overlap; "
                "it stays up in both",
            )


def _without_days_off(environment: str, rules: Sequence[Rule], now: datetime) -> Iterator[Finding]:
    """Name each calendar that knows no day off ahead: somebody has to bring the next year's."""
    for rule in rules:
        days = (now.date() + timedelta(days=number) for number in range(AHEAD.days))
        if isinstance(rule, WithCalendar) and not any(day in rule.calendar for day in days):
            text = f"{rule.holidays_file} has no day off within {AHEAD.days} days; is it an old one?"
            yield Finding("environments", Mark.NOTE, f"{environment}, {rule.name}: {text}")


def _seldom_looked_at(environment: str, ahead: Sequence[Night], looks: Schedule) -> Iterator[Finding]:
    """Name the first end of a night of each rule for which the timer looks again too late."""
    named: set[str] = set()
    for one in (end for night in ahead for end in night.transitions):
        rule = one.night.rule
        may_wait = rule.lateness if one.action is Action.SUSPEND else MORNING_MAY_WAIT
        next_look = looks.after(one.at)
        if next_look is None:
            return  # it never looks, which is said beside the settings, and to search for that again takes long
        if next_look - one.at <= may_wait or rule.name in named:
            continue
        named.add(rule.name)
        yield Finding(
            "environments",
            Mark.WRONG,
            f"{environment}, {rule.name}: NIGHT_SCHEDULE looks too seldom: after {one.at:%Y-%m-%d %H:%M} UTC, the time "
            f"to {one.action}, it looks at {next_look:%Y-%m-%d %H:%M} UTC again",
        )


def _not_warned_of(environment: str, ahead: Sequence[Night], looks: Schedule) -> Iterator[Finding]:
    """Name the first night of each rule before which the timer does not look within `warn_before`."""
    named: set[str] = set()
    for night in ahead:
        rule = night.rule
        from_then_on = night.evening - timedelta(minutes=rule.warn_before)
        look = looks.after(from_then_on - timedelta(seconds=1))
        if look is None:
            return
        if not rule.warn_before or look < night.evening or rule.name in named:
            continue
        named.add(rule.name)
        yield Finding(
            "environments",
            Mark.NOTE,
            f"{environment}, {rule.name}: nobody is warned of {night.evening:%Y-%m-%d %H:%M} UTC: NIGHT_SCHEDULE does "
            f"not look within the {rule.warn_before} minutes of warn_before",
        )
