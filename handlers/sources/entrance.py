"""What lets the deliveries of one source in."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rules:
    """Where a chat may be spoken from. Ids, not names; an empty set lets every one in."""

    workspaces: frozenset[str] = frozenset()
    """Slack's `team_id`, Mattermost's `team_id`, the tenant's id in Teams."""
    channels: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Entrance:
    """The active secrets of a source, newest first, and its rules."""

    secrets: tuple[str, ...] = field(repr=False)
    rules: Rules = Rules()
