"""Where deliveries come from: one file that reads them for each source, and one line in `_READERS`. Pure."""

from collections.abc import Callable, Mapping

from handlers import model
from handlers.sources.door import Source, Sources, read_delivery, render_refusal
from handlers.sources.entrance import Entrance, Rules
from handlers.sources.github import GitHubSource
from handlers.sources.mattermost import MattermostSource
from handlers.sources.signatures import usable
from handlers.sources.slack import SlackSource
from handlers.sources.teams import TeamsSource

__all__ = ["Entrance", "Rules", "Source", "Sources", "read_delivery", "render_refusal", "sources_from"]

_READERS: Mapping[model.Source, Callable[[Entrance], Source]] = {
    model.Source.GITHUB: lambda entrance: GitHubSource(entrance.secrets),
    model.Source.SLACK: lambda entrance: SlackSource(entrance.secrets, entrance.rules),
    model.Source.TEAMS: lambda entrance: TeamsSource(entrance.secrets, entrance.rules),
    model.Source.MATTERMOST: lambda entrance: MattermostSource(entrance.secrets, entrance.rules),
}


def sources_from(entrances: Mapping[str, Entrance]) -> Sources:
    """Return the sources that have a secret; one without is off. Blank secrets count as none. Raises SettingsWrong."""
    return {
        name: reader(entrances[name])
        for name, reader in _READERS.items()
        if name in entrances and usable(entrances[name].secrets)
    }
