"""The rules of an environment's nights, as `environments.toml` says them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from handlers.environments import Environment
from handlers.model import Slot
from handlers.nights.days import Days, read_days, say_days
from handlers.nights.holidays import Calendar, NoCalendar, read_calendar

ReadFile = Callable[[str], str]
"""Returns the text of a file beside `environments.toml`. Raises OSError, UnicodeDecodeError."""


class Way(StrEnum):
    """How an environment sleeps."""

    SUSPEND = "suspend"
    """Update Deployment Status. Cannot lose a deployment, and saves nothing: Azure charges for it all the same."""
    DELETE = "delete"
    """Delete the deployment, create it again in the morning from the package and the configuration that were kept."""
    SCALE = "scale"
    """Run fewer instances."""


class Wakes(StrEnum):
    """What the morning resumes."""

    OWN = "own"
    """What the night itself put to sleep."""
    ANY = "any"
    """Whatever is suspended, also by a human."""


def _time(value: object) -> object:
    if isinstance(value, str):
        try:
            return time.fromisoformat(value) if len(value) == len("19:00") else value
        except ValueError:
            return value
    return value


def _days(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return read_days(value)
    except ValueError:
        return value


def _no_days(value: object) -> object:
    return frozenset() if value == "" else _days(value)


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return value


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _dates(value: object) -> object:
    return tuple(_date(one) for one in value) if isinstance(value, list) else value


def _date(value: object) -> object:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _word(kind: type[StrEnum]) -> BeforeValidator:
    return BeforeValidator(lambda value: kind(value) if isinstance(value, str) and value in set(kind) else value)


TimeOfDay = Annotated[time, BeforeValidator(_time)]


class Rule(BaseModel):
    """When an environment sleeps, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True)

    name: str = Field(default="night", pattern=r"^[a-z][a-z0-9-]{0,30}$")
    """Tells the rules of an environment apart, in the ledger too: what a rule has done is kept under it."""
    suspend: TimeOfDay
    resume: TimeOfDay | None = None
    ready_by: TimeOfDay | None = None
    """The resume begins as long before this as past ones took."""
    days: Annotated[Days, BeforeValidator(_days)] = frozenset(range(7))
    """Weekdays on which nights begin."""
    weekend: Annotated[Days, BeforeValidator(_no_days)] = frozenset({5, 6})
    """Weekdays on which no night ends, unless nights begin on them."""
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)]
    holidays: Annotated[tuple[date, ...], BeforeValidator(_dates)] = ()
    """Days on which no night begins or ends."""
    holidays_file: str | None = Field(default=None, min_length=1)
    sleep: Annotated[Way, _word(Way)] = Way.SUSPEND
    instances: Mapping[str, Annotated[int, Field(ge=0, le=9999)]] = Field(default_factory=dict)
    """By role, for `sleep = "scale"`."""
    slots: Annotated[tuple[Annotated[Slot, _word(Slot)], ...], BeforeValidator(_tuple)] = ()
    """Has to be written where the environment's slot is production."""
    wakes: Annotated[Wakes, _word(Wakes)] = Wakes.OWN
    max_lateness: int = Field(default=120, ge=0, le=24 * 60)
    """Minutes after its time in which a night may still begin."""
    warn_before: int = Field(default=15, ge=0, le=24 * 60)
    """Minutes before a night begins that its owner is told. 0 tells nobody."""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.morning == self.suspend:
            raise PydanticCustomError("resume", "a night that ends when it begins")
        if (self.sleep is Way.SCALE) != bool(self.instances):
            raise PydanticCustomError("instances", "instances and scale belong together")
        return self

    @property
    def morning(self) -> time:
        """When a night has ended at the latest, on local clocks. Raises a validation error where nothing says so."""
        given = [at for at in (self.resume, self.ready_by) if at is not None]
        if not given:
            raise PydanticCustomError("resume", "no morning")
        return min(given)

    @property
    def lateness(self) -> timedelta:
        """How late a night may begin."""
        return timedelta(minutes=self.max_lateness)

    @property
    def text(self) -> str:
        """The rule in one line, for people."""
        morning = f"ready by {self.ready_by:%H:%M}" if self.ready_by is not None else f"{self.morning:%H:%M}"
        way = "" if self.sleep is Way.SUSPEND else f" {self.sleep}"
        return f"{self.name}: {say_days(self.days)} {self.suspend:%H:%M} to {morning} {self.zone.key}{way}"


@dataclass(frozen=True)
class Reading:
    """What was read of an environment's rules."""

    rules: tuple[Rule, ...] = ()
    """None at all where there is any mistake: things stay up."""
    mistakes: tuple[str, ...] = ()
    """One line each: the rule's name where there are several, key, what it has to be and the value seen."""
    remarks: tuple[str, ...] = ()
    """What was left out of a calendar."""


RULES = {
    "name": "lower-case letters, digits and dashes, beginning with a letter, at most 31, each only once",
    "suspend": 'a time of day such as "19:00"',
    "resume": 'a time of day such as "07:00", not the one of suspend; or ready_by',
    "ready_by": 'a time of day such as "08:00"',
    "days": 'days on which nights begin such as "mon-fri" or "mon,wed,fri-sun"',
    "weekend": 'days such as "sat-sun", or "" for none',
    "zone": 'a time zone of the IANA database such as "Europe/Berlin"',
    "holidays": 'a list of dates such as ["2026-12-25"]',
    "holidays_file": "the path of an .ics file, from the folder of the app",
    "sleep": '"suspend", "delete" or "scale"',
    "instances": 'counts by role such as { Web = 1 }, with sleep = "scale" and only there',
    "slots": 'a list of "production" and "staging" that holds the slot of the environment; production has to be listed',
    "wakes": '"own" or "any"',
    "max_lateness": "minutes, a whole number from 0 to 1440",
    "warn_before": "minutes, a whole number from 0 to 1440",
}
"""Each key with its rule in words, for mistakes and for the documentation."""


def read_rules(environment: Environment, read_file: ReadFile) -> Reading:
    """Read the rules of one environment. A mistake in one of them leaves the environment up altogether."""
    rules: list[Rule] = []
    mistakes: list[str] = []
    remarks: list[str] = []
    for number, table in enumerate(environment.night, 1):
        named = {"name": "night" if number == 1 else f"night-{number}", **table}
        which = f".{named['name']}" if len(environment.night) > 1 else ""
        try:
            rule = Rule.model_validate(named)
        except ValidationError as error:
            mistakes += [f"{which}{_say(detail, table)}" for detail in error.errors()]
            continue
        if environment.slot not in (rule.slots or (Slot.STAGING,)):
            mistakes.append(f"{which}{_say_slots(table)}")
        if rule.name in {other.name for other in rules}:
            mistakes.append(f"{which}.name: must be {RULES['name']} (seen: {rule.name!r})")
        if rule.holidays_file is not None:
            calendar, trouble = _calendar(rule.holidays_file, read_file)
            mistakes += [f"{which}.holidays_file: {trouble}"] if trouble else []
            remarks += [f"{which}.holidays_file: not read: {one}" for one in calendar.unread]
            rule = WithCalendar(**dict(rule), calendar=calendar)
        rules.append(rule)
    return Reading(
        () if mistakes else tuple(rules),
        tuple(f"environments.{environment.name}.night{one}" for one in mistakes),
        tuple(f"environments.{environment.name}.night{one}" for one in remarks),
    )


class WithCalendar(Rule):
    """A rule whose calendar file has been read."""

    calendar: Calendar


def is_off(rule: Rule, day: date) -> bool:
    """Say whether a day is a holiday."""
    return day in rule.holidays or (isinstance(rule, WithCalendar) and day in rule.calendar)


def _calendar(path: str, read_file: ReadFile) -> tuple[Calendar, str | None]:
    try:
        return read_calendar(read_file(path)), None
    except NoCalendar as reason:
        return Calendar(), f"{path} is not a calendar: {reason}"
    except FileNotFoundError:
        return Calendar(), f"there is no file {path}"
    except (OSError, UnicodeDecodeError) as error:
        return Calendar(), f"{path} cannot be read: {type(error).__name__}"


def _say_slots(table: Mapping[str, Any]) -> str:
    if "slots" not in table:
        return f".slots: missing; {RULES['slots']}"
    return f".slots: must be {RULES['slots']} (seen: {table['slots']!r})"


def _say(detail: ErrorDetails, table: Mapping[str, Any]) -> str:
    """Write one mistake: the key, the rule and the value seen."""
    loc: Sequence[int | str] = detail["loc"]
    key = str(loc[0] if loc else detail["type"])
    if detail["type"] == "missing" or (key not in table and key in RULES):
        return f".{key}: missing; {RULES[key]}"
    if detail["type"] == "extra_forbidden":
        close = get_close_matches(key, RULES, n=1)
        return f".{key}: no such key{f'; did you mean {close[0]}?' if close else ''} (seen: {table[key]!r})"
    return f".{key}: must be {RULES[key]} (seen: {table.get(key)!r})"
