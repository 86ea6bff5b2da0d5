"""Comments on pull requests: which environments they can steer, and which they can ask about."""

from handlers.environments import Environment, Environments
from handlers.model import GitHubPlace, Place
from handlers.policy.reasons import Reason
from handlers.policy.verdict import Ruling


def rule_comment(environment: Environment, place: Place | None) -> Ruling:
    """Say whether an environment takes comments that are written there.

    The sentences name neither another repository nor what it deploys: whoever can comment can read them.
    """
    name = environment.name
    if not isinstance(place, GitHubPlace) or not environment.is_from(place.repository, place.repository_id):
        return Ruling(
            Reason.NOT_FROM_HERE,
            f"{name} is not deployed from this repository, so it is not steered from its pull requests.",
        )
    if not environment.comments:
        return Ruling(Reason.NO_COMMENTS, f"{name} takes no comments: comments = true is not set.")
    return Ruling(Reason.COMMENTS_TAKEN, f"{name} takes comments on pull requests of {environment.repository}.")


def visible_from(place: Place, environments: Environments) -> Environments:
    """Return the environments that can be asked about in a place.

    In a chat these are all; in a pull request, which anybody may read, those that take comments there.
    """
    if not isinstance(place, GitHubPlace):
        return environments
    return {
        name: environment
        for name, environment in environments.items()
        if rule_comment(environment, place).reason is Reason.COMMENTS_TAKEN
    }
