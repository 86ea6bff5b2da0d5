"""Teams, permissions and user groups that somebody else keeps, as `environments.toml` names them. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from re import fullmatch

from handlers.model import Source

_NAMES = {
    "github-team": r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9_-]{1,100}",
    "github-permission": r"[A-Za-z0-9]([A-Za-z0-9 _.-]{0,98}[A-Za-z0-9_.-])?",
    "slack-group": r"S[A-Z0-9]{1,39}",
}
GROUP = "|".join(f"{kind}:{name}" for kind, name in _NAMES.items())
"""The subjects that stand for several people: `github-team:contoso/deployers`, `github-permission:maintain`,
`slack-group:S0123ABCD`."""


class Kind(StrEnum):
    """What is asked, and so whom."""

    GITHUB_TEAM = "github-team"
    """`ORGANIZATION/SLUG`. Active members, those of its child teams too."""
    GITHUB_PERMISSION = "github-permission"
    """A role in the environment's repository: one of GitHub's own or a higher one, or a custom role by its name."""
    SLACK_GROUP = "slack-group"
    """The id of a user group."""

    @property
    def source(self) -> Source:
        """Where its members have their identities."""
        return Source.SLACK if self is Kind.SLACK_GROUP else Source.GITHUB


@dataclass(frozen=True)
class Group:
    """People who are counted by somebody else's list."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


def is_meant_as_group(subject: str) -> bool:
    """Say whether a text begins like a group's, right or wrong."""
    return subject.partition(":")[0] in set(Kind) and ":" in subject


def group_in(subject: str) -> Group | None:
    """Read a subject; None where it is no group."""
    kind, _, name = subject.partition(":")
    if kind not in set(Kind) or not fullmatch(_NAMES[kind], name) or subject == _NOBODY:
        return None
    return Group(Kind(kind), name)


_NOBODY = f"{Kind.GITHUB_PERMISSION}:none"
"""GitHub says `none` of those who have no permission at all."""
