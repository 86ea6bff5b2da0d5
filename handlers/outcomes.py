"""How requests end, and what a trouble means for one on its way. Pure: a row in, the next row out."""

from datetime import datetime, timedelta

from handlers.errors import AnswerLost, AzureRefused, PackageUnusable, Unavailable
from handlers.ledger import Entry, end, postpone, withdraw
from handlers.model import Outcome, Readiness, Result, Slot
from handlers.pacing import GIVE_UP_AFTER, retry_delay

Trouble = Unavailable | AnswerLost | AzureRefused | PackageUnusable
"""What a flow catches where it reaches out for one request."""

TROUBLES = (Unavailable, AnswerLost, AzureRefused, PackageUnusable)


def succeed(entry: Entry, now: datetime, readiness: Readiness, slot: Slot) -> Entry:
    """End with the goal reached."""
    tag = entry.request.goal.release.tag
    if readiness.waiting:
        message = f"{tag} is deployed to {slot} and suspended, as asked."
    else:
        message = f"{tag} runs in {slot}, {readiness.ready} of {readiness.total} instances ready."
    ready = entry.change(now, readiness=readiness)
    return end(ready, Outcome(result=Result.SUCCESS, message=message, ended_at=now))


def fail(entry: Entry, now: datetime, code: str, message: str) -> Entry:
    """End because Azure, or a rule, said no."""
    return end(entry, Outcome(result=Result.FAILURE, code=code, message=message, ended_at=now))


def stop_trying(entry: Entry, now: datetime, code: str, message: str) -> Entry:
    """End without knowing Azure's last word."""
    return end(entry, Outcome(result=Result.ERROR, code=code, message=message, ended_at=now))


def after_trouble(entry: Entry, now: datetime, trouble: Trouble) -> Entry:
    """Say what a trouble means for a row: a refusal ends it, anything else delays it, but not for ever."""
    match trouble:
        case AzureRefused(code=code, message=message):
            return fail(entry, now, code, message)
        case PackageUnusable(code=code, reason=reason):
            return fail(entry, now, code, reason)
        case _ if is_too_late(entry, now):
            return stop_trying(entry, now, "GaveUp", f"Stopped trying after {words(GIVE_UP_AFTER)}: {trouble}")
        case Unavailable(reason=reason, retry_after=asked):
            return postpone(entry, now, retry_delay(entry.attempts, asked), reason)
        case AnswerLost():
            return postpone(entry, now, retry_delay(entry.attempts), str(trouble))


def after_unheard_call(entry: Entry, now: datetime, trouble: Unavailable) -> Entry:
    """Say what follows where Azure did not act on an announced call: the announcement is taken back."""
    delayed = after_trouble(entry, now, trouble)
    if delayed.ended:
        return delayed
    return withdraw(entry, now, retry_delay(entry.attempts, trouble.retry_after), trouble.reason)


def is_too_late(entry: Entry, now: datetime) -> bool:
    """Say whether a row has been held up for longer than we wait."""
    return entry.delayed_since is not None and now - entry.delayed_since >= GIVE_UP_AFTER


def words(duration: timedelta) -> str:
    """Write a duration for people: `42 s`, `3 min 5 s`, `2 h`."""
    seconds = int(duration.total_seconds())
    hours, minutes = divmod(seconds // 60, 60)
    parts = [(hours, "h"), (minutes, "min"), (seconds % 60 if not hours else 0, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
