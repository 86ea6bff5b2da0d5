"""A second person: who may agree to what, and for how long."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from handlers.environments import Environment
from handlers.environments.people import are_one
from handlers.environments.rights import Right
from handlers.model import Actor, Goal, Step
from handlers.model.consent import Proposal
from handlers.policy.attempt import BY_PEOPLE, Attempt, Entrance
from handlers.policy.reasons import Effect, Reason
from handlers.policy.verdict import Ruling
from handlers.policy.who import rule_right, who_may

_STEPS: TypeAdapter[tuple[Step, ...]] = TypeAdapter(tuple[Step, ...])
_GOAL: TypeAdapter[Goal] = TypeAdapter(Goal)


def fingerprint(goal: Goal, steps: Sequence[Step], contents: Sequence[str] = ()) -> str:
    """Return a text that is equal for equal plans: 32 hex digits.

    `contents` name the bytes that are brought, as `Materials.contents` does: a release's files can be replaced while
    its tag stays.
    """
    text = "\n".join([_GOAL.dump_json(goal).decode(), _STEPS.dump_json(tuple(steps)).decode(), *contents]).encode()
    return hashlib.sha256(text).hexdigest()[:32]


def approvals_needed(right: Right, entrance: Entrance, environment: Environment) -> int:
    """Say how many others have to agree. The clock and the way back to running need nobody."""
    if entrance is Entrance.CLOCK or right is Right.RESUME:
        return 0
    if right is Right.SUSPEND_PRODUCTION and entrance in BY_PEOPLE:
        return max(environment.approvals, environment.suspend_approvals)
    return environment.approvals


def rule_sleep(right: Right, entrance: Entrance, environment: Environment) -> Ruling:
    """Say whether somebody may let the clock suspend it now. `right` is the one that suspending it takes.

    The clock asks nobody, so nobody suspends by it what takes two.
    """
    if approvals_needed(right, entrance, environment) == 0:
        return Ruling(Reason.NO_APPROVAL_NEEDED, "Nobody else has to agree.")
    name = environment.name
    sentence = f"To suspend {name} takes a second person: write suspend {name}, which somebody else can approve."
    return Ruling(Reason.TAKES_A_SECOND_PERSON, sentence)


def propose(attempt: Attempt, sha: str | None, package: str | None, plan: str, steps: Sequence[str]) -> Proposal:
    """Ask for approval. `package` names the package's bytes, `steps` is the plan for people."""
    needed = approvals_needed(attempt.right, attempt.entrance, attempt.environment)
    now, within = attempt.now, timedelta(minutes=attempt.environment.approval_within)
    return Proposal(
        sha=sha, package=package, plan=plan, steps=tuple(steps), needed=needed, asked_at=now, expires_at=now + within
    )


def rule_approval(attempt: Attempt, proposal: Proposal | None, sha: str | None, plan: str) -> Ruling:
    """Say whether enough others agreed to this very commit and plan. `sha` and `plan` are as they are now."""
    needed = approvals_needed(attempt.right, attempt.entrance, attempt.environment)
    if attempt.begun or needed == 0:
        return Ruling(Reason.NO_APPROVAL_NEEDED, "Nobody else has to agree.")
    given = proposal.approvals if proposal is not None else ()
    missing = needed - len(given)
    if proposal is not None and (proposal.sha, proposal.plan) != (sha, plan):
        sentence = "The commit, the package or the plan changed after others were asked to agree to it."
        return Ruling(Reason.CHANGED_SINCE, sentence)
    if proposal is not None and attempt.now >= proposal.expires_at:
        said = "It was approved, and did not begin" if missing <= 0 else "Nobody agreed"
        return Ruling(Reason.APPROVAL_EXPIRED, f"{said} within {attempt.environment.approval_within} min.")
    if missing > 0:
        return Ruling(
            Reason.APPROVAL_MISSING, f"{missing} more to agree: somebody else has to write `approve` and its id."
        )
    return Ruling(Reason.APPROVED, f"Approved by {', '.join(one.actor.name for one in given)}.")


def rule_consent(attempt: Attempt, counted: Sequence[Actor]) -> Ruling:
    """Say whether somebody's consent still counts. `attempt` is that they agree now.

    `counted` are the requester and those whose consent counts already: one person, under all identities, is one.
    """
    name, ruling = attempt.actor.name, rule_right(attempt)
    same = next((one for one in counted if are_one(one, attempt.actor, attempt.environment.people)), None)
    if same is not None:
        sentence = f"{name} agreed and is the same person as {same.name} ({same.source.label} id {same.id})."
        return Ruling(Reason.APPROVAL_LAPSED, sentence)
    if ruling.effect is Effect.PASS:
        return Ruling(Reason.APPROVED, f"Approved by {name}.")
    asked = ruling.reason in {Reason.NOT_A_MEMBER, Reason.MEMBERSHIP_UNKNOWN}
    why = ruling.sentence if asked else f"Who may {who_may(attempt.right, attempt.environment)}"
    return Ruling(Reason.APPROVAL_LAPSED, f"{name} agreed and has lost the right to. {why}")


def rule_approving(
    approver: Actor,
    requester: Actor,
    proposal: Proposal | None,
    environment: Environment,
    now: datetime,
    seen: str | None = None,
) -> Ruling:
    """Say whether somebody who has the right may agree to this request of somebody else's.

    `seen` is the mark of the proposal that was in front of them (`Proposal.mark`), None where they did not say.
    """
    if proposal is None:
        return Ruling(Reason.NOTHING_TO_APPROVE, "It is not waiting for an approval.")
    if now >= proposal.expires_at:
        return Ruling(Reason.APPROVAL_EXPIRED, f"It had to be approved within {environment.approval_within} min.")
    if are_one(approver, requester, environment.people):
        return Ruling(Reason.OWN_REQUEST, "You cannot approve your own request.")
    if any(are_one(approver, one.actor, environment.people) for one in proposal.approvals):
        return Ruling(Reason.APPROVED_ALREADY, "You have approved it already.")
    if proposal.missing == 0:
        return Ruling(Reason.APPROVED_ALREADY, "Enough others have approved it already.")
    if seen is not None and seen != proposal.mark:
        return Ruling(
            Reason.CHANGED_SINCE, "The commit or the plan is not the one that you saw. Look again, then agree."
        )
    return Ruling(Reason.APPROVED, f"Approved by {approver.name}.")
