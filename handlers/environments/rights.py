"""Who may do what, and when, as `environments.toml` says it: rights, people, freezes. Values alone."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from handlers.environments.groups import GROUP, group_in, is_meant_as_group
from handlers.environments.people import PERSON


class Right(StrEnum):
    """What somebody can be allowed to do in an environment. Most are the verbs of the commands."""

    READ = "read"
    """Ask what runs, what was asked for, what a command would do and who may. Every other right includes it."""
    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    SUSPEND = "suspend"
    """In staging; what is in production has a right of its own."""
    SUSPEND_PRODUCTION = "suspend-production"
    RESUME = "resume"
    SCALE = "scale"
    SET = "set"
    CONFIG = "config"
    SWAP = "swap"
    WALK = "walk"
    CANCEL = "cancel"
    APPROVE = "approve"
    LOCK = "lock"
    UNLOCK = "unlock"
    """One's own lock."""
    UNLOCK_OTHERS = "unlock-others"
    BREAK_GLASS = "break-glass"
    """Change what is frozen, with a reason that is said aloud."""


NAMED_ONLY = frozenset({Right.UNLOCK_OTHERS, Right.BREAK_GLASS})
"""The rights that `allow` does not give: they set aside what somebody else, or a rule, has said."""

FROZEN_BY_DEFAULT = (Right.DEPLOY, Right.SWAP, Right.WALK, Right.CONFIG, Right.SET, Right.SCALE)
"""What a freeze without `verbs` holds back. The way back to what ran before, and suspend and resume, stay open."""

OCCASIONS = ("release", "push", "workflow", "deployment", "clock")
"""The entrances that can have a right themselves: whoever GitHub lets publish or push, and the clock."""

_ID = r"(github|slack|teams|mattermost):[A-Za-z0-9_.-]{1,100}"
_ANYBODY = f"any:({'|'.join(OCCASIONS)})"


def _read_group(subject: str) -> str:
    if is_meant_as_group(subject) and group_in(subject) is None:
        raise PydanticCustomError(
            "group", "a group is github-team:ORGANIZATION/SLUG, github-permission:ROLE or slack-group:ID"
        )
    return subject


Allowed = Annotated[str, AfterValidator(_read_group)]
"""Who may command from a chat: an immutable id there, or a group."""

Subject = Annotated[str, Field(pattern=f"^({PERSON}|{_ID}|{_ANYBODY}|{GROUP})$"), AfterValidator(_read_group)]
"""Who has a right: `mona`, whose identities stand in `[people.mona]`; `slack:U0123ABCD`, one immutable id;
`any:release`, whoever a published release is from; or `github-team:contoso/deployers`, whoever GitHub counts in."""

Rights = Mapping[Right, tuple[Subject, ...]]
"""By right. A right that is not in it is given by `allow` and by the environment's own keys."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKLY = rf"^({'|'.join(_DAYS)}) ([01][0-9]|2[0-3]):[0-5][0-9] - ({'|'.join(_DAYS)}) ([01][0-9]|2[0-3]):[0-5][0-9]$"
_MINUTES_A_DAY = 24 * 60


class Freeze(BaseModel):
    """A time in which an environment is left alone, or the only time in which it is not."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    reason: str = Field(min_length=1, max_length=200)
    """For people: it is part of the refusal."""
    window: Literal["deny", "allow"] = "deny"
    """What happens inside. With windows that allow, everything outside of all of them is frozen."""
    zone: str = "UTC"
    """The IANA name of the time zone in which the other keys are read."""
    begins: datetime | None = None
    """Wall-clock time in the zone, without an offset."""
    ends: datetime | None = None
    """The first instant that is free again."""
    weekly: str | None = Field(default=None, pattern=_WEEKLY)
    """`Fri 16:00 - Mon 08:00`, in place of begins and ends."""
    verbs: tuple[Right, ...] = FROZEN_BY_DEFAULT
    """What is held back."""
    running: Literal["finish", "stop"] = "finish"
    """What becomes of a run that is under way when a freeze begins: it is finished, or takes no further step."""

    @field_validator("verbs", mode="before")
    @classmethod
    def _read_verbs(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        return tuple(Right(one) if one in set(Right) else one for one in value)

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise PydanticCustomError("zone", "no such time zone") from error
        return value

    @model_validator(mode="after")
    def _has_one_time(self) -> Self:
        if (self.weekly is None) == (self.begins is None) or (self.begins is None) != (self.ends is None):
            raise PydanticCustomError("time", "a freeze needs begins and ends, or weekly")
        if self.begins is not None and self.ends is not None:
            if self.begins.tzinfo is not None or self.ends.tzinfo is not None:
                raise PydanticCustomError("time", "begins and ends stand without an offset; zone says it")
            if self.begins >= self.ends:
                raise PydanticCustomError("time", "begins comes before ends")
        return self

    def covers(self, now: datetime) -> bool:
        """Say whether an instant lies in the window, by the wall clocks of the zone."""
        wall = now.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        if self.begins is not None and self.ends is not None:
            return self.begins <= wall < self.ends
        begins, ends = map(_minute_of_the_week, (self.weekly or "").split(" - "))
        minute = wall.weekday() * _MINUTES_A_DAY + wall.hour * 60 + wall.minute
        return begins <= minute < ends if begins <= ends else minute >= begins or minute < ends

    @property
    def words(self) -> str:
        """Say when it is."""
        if self.weekly is not None:
            return f"{self.weekly} ({self.zone})"
        return f"{self.begins:%Y-%m-%d %H:%M} - {self.ends:%Y-%m-%d %H:%M} ({self.zone})"


def _minute_of_the_week(text: str) -> int:
    day, clock = text.split()
    hour, minute = map(int, clock.split(":"))
    return _DAYS.index(day) * _MINUTES_A_DAY + hour * 60 + minute
