"""Who may do what. Pure; deny is the default, and a refusal names the rule."""

from dataclasses import dataclass

from handlers.environments import Environment
from handlers.model import Actor


@dataclass(frozen=True)
class Refusal:
    """A rule says no."""

    reason_code: str
    """Stable, for programs."""
    sentence: str
    """For people: what is missing, and who can give it."""


def refuses_command(actor: Actor, environment: Environment) -> Refusal | None:
    """Say why somebody may not change an environment from a chat, or None where they may.

    Their immutable id decides; the name is for reading.
    """
    allowed = environment.allow.get(actor.source, ())
    if actor.id in allowed:
        return None
    if not allowed:
        return Refusal(
            "nobody_allowed", f"Nobody may command {environment.name} from {actor.source}: its allow list is empty."
        )
    return Refusal(
        "not_allowed",
        f"You may not command {environment.name}: your {actor.source} id {actor.id} is not on its allow list.",
    )
