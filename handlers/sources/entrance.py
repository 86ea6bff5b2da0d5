"""What lets the deliveries of one source in."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rules:
    """Where a chat may be spoken from. Ids, not names; an empty set lets every one in."""

    workspaces: frozenset[str] = frozenset()
    """The `team_id` of Slack or Mattermost; in Teams the tenant's id, as a team there has a secret of its own."""
    channels: frozenset[str] = frozenset()

    def refuse(self, workspace: str, channel: str) -> str | None:
        """Say why a command from there is not taken, or None where it is."""
        if self.workspaces and workspace not in self.workspaces:
            return "Commands are not taken from this workspace."
        if self.channels and channel not in self.channels:
            return "Commands are not taken from this channel."
        return None


ANYWHERE = Rules()


@dataclass(frozen=True)
class Entrance:
    """The active secrets of a source, newest first, and its rules."""

    secrets: tuple[str, ...] = field(repr=False)
    rules: Rules = ANYWHERE
