"""A command in the words that are read as it again."""

from dataclasses import replace
from datetime import timedelta

from handlers.commands.command import (
    Approve,
    Cancel,
    Command,
    CommandGoal,
    Help,
    History,
    KeepUp,
    Lock,
    Order,
    Plan,
    SkipTonight,
    SleepNow,
    Status,
    Unlock,
    Until,
    WhoMay,
    Wish,
)
from handlers.commands.reasons import BREAK_GLASS, say_time
from handlers.commands.verbs import Verb
from handlers.model import Configure, Rollback, RunHead, RunVersion, SetStatus, SwapSlots, UseConfiguration, Walk


def say(command: Command) -> str:
    """Write a command in its one canonical form."""
    match command:
        case Order(environments, goal, break_glass):
            glass = f" {BREAK_GLASS} because {break_glass}" if break_glass is not None else ""
            return _say_order(", ".join(environments), goal) + glass
        case Plan(order):
            return f"{Verb.PLAN} {say(order)}"
        case Status(environment):
            return _with(Verb.STATUS, environment)
        case History(environment):
            return _with(Verb.HISTORY, environment)
        case Cancel(request):
            return _with(Verb.CANCEL, request)
        case Approve(request, seen):
            return _with(Verb.APPROVE, request) + (f" if {seen}" if seen is not None else "")
        case Lock(environment, reason, lasts):
            time = f" for {say_time(lasts)}" if lasts is not None else ""
            return f"{Verb.LOCK} {environment} because {reason}{time}"
        case Unlock(environment):
            return _with(Verb.UNLOCK, environment)
        case WhoMay(right, environment):
            return f"{Verb.WHO} may {right} {environment}"
        case KeepUp() | SkipTonight() | SleepNow():
            return _say_wish(command)
        case Help(topic):
            return _with(Verb.HELP, topic)


def say_openly(command: Command) -> str:
    """Write a command for everybody's eyes: the values of settings, which may be secrets, are left out."""
    match command:
        case Order(goal=Configure(settings=settings) as goal) if settings:
            hidden = goal.model_copy(update={"settings": dict.fromkeys(settings, "…")})
            return say(replace(command, goal=hidden))
        case Plan(order):
            return f"{Verb.PLAN} {say_openly(order)}"
        case _:
            return say(command)


def _say_order(places: str, goal: CommandGoal) -> str:
    match goal:
        case RunVersion(tag=tag):
            return f"{Verb.DEPLOY} {tag} to {places}"
        case RunHead():
            return f"{Verb.DEPLOY} to {places}"
        case Rollback():
            return f"{Verb.ROLLBACK} {places}"
        case SetStatus(status=status):
            return f"{Verb.RESUME if status == 'Running' else Verb.SUSPEND} {places}"
        case Configure(instances=instances) if instances:
            return f"{Verb.SCALE} {places} {' '.join(f'{role}={count}' for role, count in instances.items())}"
        case Configure(settings=settings):
            return f"{Verb.SET} {places} {' '.join(f'{name}={quoted(value)}' for name, value in settings.items())}"
        case UseConfiguration(tag=tag):
            return f"{Verb.CONFIG} {places} from {tag}"
        case SwapSlots():
            return f"{Verb.SWAP} {places}"
        case Walk(domain=domain):
            return f"{Verb.WALK} {places} {domain}"


def _say_wish(wish: Wish) -> str:
    because = f" because {wish.reason}" if wish.reason is not None else ""
    match wish:
        case KeepUp(environment, end):
            return f"{Verb.KEEP} {environment} up {_say_end(end)}{because}"
        case SkipTonight(environment):
            return f"{Verb.SKIP} tonight {environment}{because}"
        case SleepNow(environment):
            return f"{Verb.SLEEP} {environment} now{because}"


def _say_end(end: Until | timedelta) -> str:
    if isinstance(end, timedelta):
        return f"for {say_time(end)}"
    return f"until {'tomorrow ' if end.tomorrow else ''}{end.at:%H:%M}"


def quoted(value: str) -> str:
    """Write a value, in quotes where it is more than letters, digits and `.`, `_`, `-`, `/`, `:`."""
    if value and value.isascii() and all(c.isalnum() or c in "._-/:" for c in value):
        return value
    return '"' + value.replace('"', '""') + '"'


def _with(verb: Verb, word: str | None) -> str:
    return f"{verb} {word}" if word is not None else str(verb)
