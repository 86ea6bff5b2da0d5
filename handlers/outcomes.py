"""How requests end, and what a trouble means for one on its way. Pure: a row in, the next row out."""

from datetime import datetime

from handlers.environments import Environment
from handlers.errors import AnswerLost, AzureRefused, PackageUnusable, Unavailable
from handlers.ledger import Entry, end, postpone, withdraw
from handlers.model import (
    BringBack,
    Goal,
    Outcome,
    PutAway,
    Readiness,
    Result,
    Retire,
    Rollback,
    RunCommit,
    RunRelease,
    RunVersion,
    SetStatus,
    SwapSlots,
    Walk,
)
from handlers.model.codes import CANCELLED
from handlers.model.durations import in_words
from handlers.planning import Decision, Impossible, Situation, TakeStep, next_step, undo
from handlers.queueing.pacing import GIVE_UP_AFTER, retry_delay

Trouble = Unavailable | AnswerLost | AzureRefused | PackageUnusable
"""What a flow catches where it reaches out for one request."""

TROUBLES = (Unavailable, AnswerLost, AzureRefused, PackageUnusable)


def decide(entry: Entry, environment: Environment, situation: Situation) -> Decision:
    """Say what a row's next step is: towards its goal, or back from it."""
    if entry.undoing is not None:
        return undo(entry.request, environment, situation, entry.taken)
    decision = next_step(entry.request, environment, situation, entry.taken)
    if entry.cancelling is not None and isinstance(decision, TakeStep):
        return Impossible(CANCELLED, f"Cancelled by {entry.cancelling.name}.")
    return decision


def succeed(entry: Entry, now: datetime, readiness: Readiness, runs: str) -> Entry:
    """End with the goal reached; where it was the way back, end with the failure that was rolled back.

    `runs` names the version in the environment's slot.
    """
    if entry.undoing is not None:
        sentence = f"{entry.undoing.message} Rolled back: what ran before runs again."
        return end(entry, entry.undoing.model_copy(update={"message": sentence, "ended_at": now}))
    ready = entry.change(now, readiness=readiness)
    message = _reached(entry.request.goal, readiness, entry.request.environment, runs)
    return end(ready, Outcome(result=Result.SUCCESS, message=message, ended_at=now))


def _reached(goal: Goal, readiness: Readiness, environment: str, runs: str) -> str:
    """Write what is true now, in the environment's name: two of them may have the same slot."""
    match goal:
        case RunRelease() | RunVersion() | RunCommit() if readiness.waiting:
            return f"{goal.title} is deployed to {environment} and suspended, as asked."
        case RunRelease() | RunVersion() | RunCommit():
            return f"{goal.title} runs in {environment}, {readiness.words}."
        case SetStatus(status="Suspended"):
            return f"{environment} is suspended. Azure charges for it all the same."
        case Rollback() | SwapSlots() if readiness.waiting:
            return f"{runs} stands in {environment} and is suspended."
        case Rollback() | SwapSlots() | SetStatus():
            return f"{runs} runs in {environment}, {readiness.words}."
        case Walk():
            return f"{environment}: {goal.title} has been walked."
        case Retire(name=name):
            return f"Deployment {name} is no longer kept in staging."
        case PutAway(kept=kept):
            return f"{environment} is empty for the night; package and configuration of {kept.version} are kept."
        case BringBack(kept=kept):
            return f"{kept.version} runs in {environment} again, {readiness.words}."
        case _:
            return f"{environment}: {goal.title} done, {readiness.words}."


def impossible(entry: Entry, now: datetime, code: str, reason: str) -> Entry:
    """End because no call leads to the goal; where it was the way back, say that too."""
    if entry.undoing is not None:
        sentence = f"{entry.undoing.message} Not rolled back: {reason}"
        return end(entry, entry.undoing.model_copy(update={"message": sentence, "ended_at": now}))
    if code == CANCELLED:
        return stop_trying(entry, now, code, reason)
    return fail(entry, now, code, reason)


def leaving(entry: Entry, environment: Environment, situation: Situation) -> Entry:
    """Write down what stands in the environment's slot where the request has ended."""
    if not entry.ended:
        return entry
    return entry.model_copy(update={"runs_since": situation.request_at(environment.slot)})


def fail(entry: Entry, now: datetime, code: str, message: str, request_id: str | None = None) -> Entry:
    """End because Azure, or a rule, said no. `request_id` is that of the call that Azure refused."""
    outcome = Outcome(result=Result.FAILURE, code=code, message=message, ended_at=now, request_id=request_id)
    return end(entry, outcome)


def stop_trying(entry: Entry, now: datetime, code: str, message: str) -> Entry:
    """End without knowing Azure's last word."""
    return end(entry, Outcome(result=Result.ERROR, code=code, message=message, ended_at=now))


def after_trouble(entry: Entry, now: datetime, trouble: Trouble) -> Entry:
    """Say what a trouble means for a row: a refusal ends it, anything else delays it, but not for ever."""
    match trouble:
        case AzureRefused(code=code, message=message) if entry.undoing is not None:
            return impossible(entry, now, code, message)
        case AzureRefused(code=code, message=message, request_id=request_id):
            return fail(entry, now, code, message, request_id)
        case PackageUnusable(code=code, reason=reason):
            return fail(entry, now, code, reason)
        case _ if is_too_late(entry, now):
            return stop_trying(entry, now, "GaveUp", f"Stopped trying after {in_words(GIVE_UP_AFTER)}: {trouble}")
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
