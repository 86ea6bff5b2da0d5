"""What others are asked to agree to before a request begins, and who did. Values alone."""

import hashlib
from collections.abc import Sequence

from pydantic import AwareDatetime

from handlers.model.base import Message
from handlers.model.people import Actor


class Approval(Message):
    """One person's consent."""

    actor: Actor
    at: AwareDatetime
    inquiry: str = ""
    """The id of the inquiry that said it: the same one again is the same consent."""


class Lapse(Message):
    """A consent that does not count any more, for whoever gave it has lost the right before anything began."""

    approval: Approval
    why: str
    """For people: who, and what is missing."""


class Proposal(Message):
    """What others are asked to agree to: this commit by this plan, and nothing else."""

    sha: str | None = None
    """40 hex digits; None where no commit is deployed."""
    package: str | None = None
    """The name of the package's blob, which is the SHA-256 of its bytes; None where no package is deployed."""
    plan: str
    """`policy.approvals.fingerprint` of the goal, of the steps that lead to it and of what they carry."""
    steps: tuple[str, ...] = ()
    """The plan for people, a sentence for each step."""
    needed: int = 1
    """How many others have to agree."""
    asked_at: AwareDatetime
    expires_at: AwareDatetime
    approvals: tuple[Approval, ...] = ()
    """Those that count."""
    lapsed: tuple[Lapse, ...] = ()

    @property
    def missing(self) -> int:
        """How many have not agreed yet."""
        return max(self.needed - len(self.approvals), 0)

    def has_heard(self, inquiry: str) -> bool:
        """Say whether an inquiry has agreed already, also where that does not count any more."""
        return any(one.inquiry == inquiry for one in (*self.approvals, *(lapse.approval for lapse in self.lapsed)))

    def without(self, lapsed: Sequence[Lapse]) -> "Proposal":
        """Return what is asked for where these consents do not count any more."""
        gone = [one.approval for one in lapsed]
        counting = tuple(one for one in self.approvals if one not in gone)
        return self.model_copy(update={"approvals": counting, "lapsed": (*self.lapsed, *lapsed)})

    @property
    def mark(self) -> str:
        """Equal for the same commit and plan, 32 hex digits: a button carries what its presser has seen."""
        return hashlib.sha256(f"{self.sha or '-'}\n{self.plan}".encode()).hexdigest()[:32]
