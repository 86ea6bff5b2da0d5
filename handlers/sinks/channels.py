"""Which channel of a chat is told about a request. Pure.

A request may be shown in two channels of one chat: where it was asked for, and where its environment's news go. Each
is a sink of its own, so that one that fails takes nothing from the other; where both are the same channel, the first
one shows it.
"""

from collections.abc import Callable

from handlers.environments import Environments
from handlers.model import DeploymentRequest, GitHubPlace, Retire, Source

Where = Callable[[DeploymentRequest], str | None]
"""Returns the channel's id, None where the request is not shown."""


def asked_in(source: Source) -> Where:
    """Return the channel where the request's command was given.

    The removal of what a release replaced is not shown there: nobody asked for it.
    """

    def channel(request: DeploymentRequest) -> str | None:
        place = request.place
        if place is None or isinstance(place, GitHubPlace) or isinstance(request.goal, Retire):
            return None
        if place.kind != source.value:
            return None
        return place.channel

    return channel


def told_in(source: Source, environments: Environments) -> Where:
    """Return the channel that the request's environment names for its news, unless it was asked for there."""
    asked = asked_in(source)

    def channel(request: DeploymentRequest) -> str | None:
        environment = environments.get(request.environment)
        named = environment.notify.get(source) if environment is not None else None
        return named if named != asked(request) else None

    return channel
