"""The goal and what runs now -> the next step. Pure.

A step is never "number k": it follows from what Azure shows, so that a step whose answer was lost, that ran twice or
that somebody did by hand is seen as done. `taken` are the steps that Azure accepted for the request: where a goal
cannot be read off what runs (which of two deployments was to be swapped in?), they say what was meant.

`situation` is what runs, `decisions` what can be decided, `release` the strategies, `night` what is deleted for a
night, `changes` every other goal, `forecast` the effect of a step in thought.
"""

from handlers.environments import Environment
from handlers.model import BringBack, DeploymentRequest, PutAway, RunCommit, RunHead, RunRelease, RunVersion, Step
from handlers.planning.changes import change
from handlers.planning.decisions import Decision, Impossible, Reached, Settle, TakeStep
from handlers.planning.forecast import after
from handlers.planning.night import night
from handlers.planning.release import run_release, undo
from handlers.planning.situation import Deployed, Instance, Situation, Update

MOST_STEPS = 64
"""More than any plan has: 20 upgrade domains, and some."""

__all__ = [
    "Decision",
    "Deployed",
    "Impossible",
    "Instance",
    "Reached",
    "Settle",
    "Situation",
    "TakeStep",
    "Update",
    "forecast",
    "next_step",
    "undo",
]


def next_step(
    request: DeploymentRequest, environment: Environment, situation: Situation, taken: tuple[Step, ...] = ()
) -> Decision:
    """Say what leads from what runs now to the request's goal."""
    if isinstance(request.goal, RunRelease | RunVersion | RunCommit | RunHead):
        return run_release(request, environment, situation, taken)
    if isinstance(request.goal, PutAway | BringBack):
        return night(request, request.goal, environment, situation, taken)
    return change(request.goal, environment, situation, taken)


def forecast(
    request: DeploymentRequest, environment: Environment, situation: Situation
) -> tuple[tuple[Step, ...], Decision]:
    """Take every step in thought, each with success; return the steps and how it ends."""
    taken: tuple[Step, ...] = ()
    decision = next_step(request, environment, situation, taken)
    while isinstance(decision, TakeStep) and len(taken) < MOST_STEPS:
        taken = (*taken, decision.step)
        situation = after(decision.step, request, situation)
        decision = next_step(request, environment, situation, taken)
    return taken, decision
