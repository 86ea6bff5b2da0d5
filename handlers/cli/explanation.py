"""What every rule says about one delivery, as if it came now: nothing is changed and nobody is asked. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from handlers import commands
from handlers.commands import (
    Approve,
    Cancel,
    Command,
    CommandNotUnderstood,
    History,
    KeepUp,
    Lock,
    Order,
    Plan,
    SkipTonight,
    SleepNow,
    Status,
    Unlock,
    WhoMay,
)
from handlers.environments import Environments
from handlers.environments.rights import Right
from handlers.events import CommandGiven, CommitReady, Event, Ignored, ReleasePublished
from handlers.model import Goal, RunCommit, RunHead, RunRelease, SetStatus
from handlers.policy import Attempt, Effect, Entrance, Reason, Rule, at_the_door, entrance_at, right_for, visible_from
from handlers.policy.approvals import rule_sleep
from handlers.policy.routes import route
from handlers.policy.what import allowed_refs, questions

HEAD = ("environment", "rule", "verdict", "reason", "sentence")

LATER = (Rule.LOCK, Rule.TURN, Rule.APPROVAL)
"""The rules that need the ledger, and are asked before the call."""

Row = tuple[str, str, str, str, str]


def explain(event: Event, environments: Environments, now: datetime) -> list[Row]:
    """Return a row for every environment and rule; where nothing is asked for, one that says so."""
    command = _command(event, environments)
    rows = [row for attempt in _attempts(event, environments, now) for row in _judge(attempt, command)]
    rows += _perhaps(event, environments)
    rows += _unwanted(event, environments)
    if not rows:
        what = _said(event, environments)
        rows = [("-", "-", "pass", "-", f"Asks for nothing that a rule stands before: {what.rstrip('.')}.")]
    return rows


def _judge(attempt: Attempt, command: Command | None) -> Iterator[Row]:
    name = f"{attempt.environment.name}: {attempt.right}"
    verdict = at_the_door(attempt)
    for ruling in verdict.rulings:
        yield name, ruling.rule, ruling.effect, ruling.reason, ruling.sentence
    if verdict.refusal is not None:
        return
    if not (command is None or isinstance(command, Order)):
        yield from ((name, *row) for row in _of_an_answer(attempt, command))
        return
    for rule in LATER:
        yield name, rule, "later", "-", "Asked in the ledger, immediately before the call."
    if command is not None and isinstance(command.goal, RunHead):
        yield name, Rule.HEAD, "later", "-", _ASKED.format("where the pull request's branch is, and since when")
    if attempt.right in _BRINGS_A_COMMIT:
        yield (name, Rule.WHAT, *_what(attempt))


def _of_an_answer(attempt: Attempt, command: Command) -> Iterator[tuple[str, str, str, str]]:
    """Say what else is asked when a command is answered that calls nothing itself."""
    match command:
        case Lock() | Unlock():
            yield Rule.LOCK, "later", "-", "Asked in the ledger, when it is answered."
        case Approve(request=request):
            sentence = f"Asked in the ledger, when it is answered, if {request} is for {attempt.environment.name}."
            yield Rule.APPROVAL, "later", "-", sentence
        case SleepNow():
            ruling = rule_sleep(attempt.right, attempt.entrance, attempt.environment)
            yield ruling.rule, ruling.effect, ruling.reason, ruling.sentence
        case _:
            return


_BRINGS_A_COMMIT = {Right.DEPLOY, Right.CONFIG, Right.SWAP}
_ASKED = "Asked of GitHub when the work begins, and again before the first call: {}."

_ASKED_OF_A_SWAP = "Asked of GitHub when the work begins, if another environment deployed what is in staging: {}."


def _what(attempt: Attempt) -> tuple[str, str, str]:
    """Say what GitHub will be asked about the commit."""
    place = attempt.environment
    refs = allowed_refs(attempt.entrance, place)
    asked = questions(refs, place.required_checks)
    if asked is None:
        return Effect.PASS, Reason.ANY_COMMIT, f"{place.name} has no branches, tags or required_checks."
    if attempt.right is Right.SWAP:
        return "later", "-", _ASKED_OF_A_SWAP.format(asked)
    return "later", "-", _ASKED.format(asked)


def _command(event: Event, environments: Environments) -> Command | None:
    """Return what somebody says, None where nobody does or it is no command."""
    if not isinstance(event, CommandGiven):
        return None
    try:
        return commands.read(event.text, environments, commands.manner_at(event.place))
    except CommandNotUnderstood:
        return None


def _said(event: Event, environments: Environments) -> str:
    """Say what it is that asks for nothing."""
    match event:
        case Ignored(reason=reason):
            return reason
        case CommandGiven(text=text, place=place):
            try:
                return commands.say(commands.read(text, environments, commands.manner_at(place)))
            except CommandNotUnderstood as error:
                return error.sentence
        case _:
            return type(event).__name__


def _attempts(event: Event, environments: Environments, now: datetime) -> Iterator[Attempt]:
    """Yield what a delivery attempts, in every environment that it is about."""
    match event:
        case ReleasePublished(release=release, actor=actor):
            goal: Goal = RunRelease(release=release)
            for place in (environments[name] for name in route(event, environments).wanted):
                yield Attempt(right_for(goal, place) or Right.DEPLOY, place, actor, Entrance.RELEASE, now)
        case CommitReady(commit=commit, actor=actor, trigger=trigger):
            goal = RunCommit(commit=commit)
            for place in (environments[name] for name in route(event, environments).wanted):
                yield Attempt(right_for(goal, place) or Right.DEPLOY, place, actor, Entrance(trigger), now)
        case CommandGiven():
            for attempt in _of_command(event, environments, now):
                yield replace(attempt, message=event.message, place=event.place)
        case _:
            return


def _of_command(event: CommandGiven, environments: Environments, now: datetime) -> Iterator[Attempt]:
    actor, entrance = event.actor, entrance_at(event.place)
    visible = visible_from(event.place, environments)
    match _command(event, environments):
        case Order(names, goal, glass):
            for place in (environments[name] for name in names):
                right = right_for(goal, place)
                if right is not None:
                    yield Attempt(right, place, actor, entrance, now, break_glass=glass)
        case Lock(environment=name):
            yield Attempt(Right.LOCK, environments[name], actor, entrance, now)
        case Unlock(environment=name):
            for right in (Right.UNLOCK, Right.UNLOCK_OTHERS):
                yield Attempt(right, environments[name], actor, entrance, now)
        case Approve() | Cancel() as about:
            # Which environment its request is for stands in the ledger.
            one = Right.APPROVE if isinstance(about, Approve) else Right.CANCEL
            yield from (Attempt(one, place, actor, entrance, now) for place in visible.values())
        case KeepUp(environment=name) | SkipTonight(environment=name):
            yield Attempt(Right.RESUME, environments[name], actor, entrance, now)
        case Status() | History() | Plan() | WhoMay() as question:
            names = commands.environments_in(question) or tuple(visible)
            yield from (Attempt(Right.READ, environments[name], actor, entrance, now) for name in names)
        case SleepNow(environment=name):
            asleep = right_for(SetStatus(status="Suspended"), environments[name])
            yield Attempt(asleep or Right.SUSPEND, environments[name], actor, entrance, now)
        case _:
            return


def _perhaps(event: Event, environments: Environments) -> Iterator[Row]:
    """Name the environments whose repository this may be under another name."""
    if not isinstance(event, ReleasePublished | CommitReady):
        return
    for name in route(event, environments).perhaps:
        sentence = "It counts where the ledger knows this repository, by its id, under the name in the file."
        yield name, Rule.REPOSITORY, "later", "-", sentence


def _unwanted(event: Event, environments: Environments) -> Iterator[Row]:
    """Say of each environment that a release is not for why that is so."""
    if not isinstance(event, ReleasePublished):
        return
    perhaps = route(event, environments).perhaps
    for place in environments.values():
        reason = place.wants(event.release)
        if reason is not None and place.name not in perhaps:
            yield place.name, "-", "ignored", "-", f"{reason}."
