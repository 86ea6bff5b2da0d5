"""When: freezes, and the glass that is broken to set one aside."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from handlers.environments import Environment
from handlers.environments.rights import Freeze, Right
from handlers.policy.attempt import BY_PEOPLE, Attempt
from handlers.policy.reasons import Effect, Reason
from handlers.policy.verdict import Ruling
from handlers.policy.who import rule_right


def rule_freeze(attempt: Attempt) -> Ruling:
    """Say whether a freeze holds the attempt back."""
    environment = attempt.environment
    freeze = freeze_at(environment, attempt.right, attempt.now)
    if freeze is None:
        return Ruling(Reason.NOT_FROZEN, f"No freeze of {environment.name} holds it back.")
    if freeze.window == "deny":
        sentence = f"{environment.name} is frozen, {freeze.words}: {freeze.reason}."
    else:
        sentence = f"{environment.name} is open only {freeze.words}: {freeze.reason}."
    if attempt.begun:
        if freeze.running == "stop" and attempt.break_glass is None:
            return Ruling(Reason.FROZEN_UNDER_WAY, sentence)
        return Ruling(Reason.NOT_FROZEN, f"What is under way in {environment.name} is finished.")
    if attempt.break_glass is None:
        return Ruling(Reason.FROZEN, sentence)
    if attempt.entrance not in BY_PEOPLE:
        return Ruling(Reason.MAY_NOT_BREAK_GLASS, f"{sentence} Only people break the glass.")
    may = rule_right(replace(attempt, right=Right.BREAK_GLASS))
    match may.effect:
        case Effect.PASS:
            return Ruling(Reason.GLASS_BROKEN, f"{attempt.actor.name} breaks the glass: {attempt.break_glass}")
        case Effect.WAIT:
            return Ruling(Reason.GLASS_ASKED_LATER, f"{sentence} {may.sentence}")
        case Effect.REFUSE:
            return Ruling(Reason.MAY_NOT_BREAK_GLASS, f"{sentence} {may.sentence}")


def freeze_at(environment: Environment, right: Right, now: datetime) -> Freeze | None:
    """Return the freeze that holds a right back at an instant, None where it is free."""
    concerned = [freeze for freeze in environment.freezes if right in freeze.verbs]
    denying = _first(freeze for freeze in concerned if freeze.window == "deny" and freeze.covers(now))
    if denying is not None:
        return denying
    openings = [freeze for freeze in concerned if freeze.window == "allow"]
    return openings[0] if openings and not any(freeze.covers(now) for freeze in openings) else None


def _first(freezes: Iterable[Freeze]) -> Freeze | None:
    return next(iter(freezes), None)
