"""What others are asked to agree to before a request begins, and who did. Values alone."""

from pydantic import AwareDatetime

from handlers.model import Actor, Message


class Approval(Message):
    """One person's consent."""

    actor: Actor
    at: AwareDatetime


class Proposal(Message):
    """What others are asked to agree to: this commit by this plan, and nothing else."""

    sha: str | None = None
    """40 hex digits; None where no commit is deployed."""
    plan: str
    """`policy.approvals.fingerprint` of the goal and of the steps that lead to it."""
    asked_at: AwareDatetime
    expires_at: AwareDatetime
    approvals: tuple[Approval, ...] = ()
