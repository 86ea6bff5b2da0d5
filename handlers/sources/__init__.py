"""Where deliveries come from. A new source is one file that reads them and one line in `_READERS`. Pure."""

from collections.abc import Callable, Mapping

from handlers import model
from handlers.sources.door import Source, Sources, read_delivery
from handlers.sources.github import GitHubSource
from handlers.sources.signatures import usable

__all__ = ["Source", "Sources", "read_delivery", "sources_from"]

_READERS: Mapping[model.Source, Callable[[tuple[str, ...]], Source]] = {
    model.Source.GITHUB: GitHubSource,
}


def sources_from(secrets: Mapping[str, tuple[str, ...]]) -> Sources:
    """Return the sources that have a secret; one without is off. Blank secrets count as none."""
    return {name: reader(secrets[name]) for name, reader in _READERS.items() if usable(secrets.get(name, ()))}
