"""Every rule, and every reason that one gives for its verdict. `docs/policy.md` lists the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """What a verdict is about, in the order in which the rules are asked."""

    MESSAGE = "message"
    COMMENT = "comment"
    RIGHT = "right"
    FREEZE = "freeze"
    LOCK = "lock"
    TURN = "turn"
    APPROVAL = "approval"
    REPOSITORY = "repository"
    HEAD = "head"
    WHAT = "what"
    """Which commit: where it is, and what its checks say."""


class Effect(StrEnum):
    """What a rule says."""

    PASS = "pass"  # noqa: S105 - a verdict
    WAIT = "wait"
    """Not yet: something that can still come is missing."""
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why a rule says what it says: the stable code for programs."""

    AS_SENT = "as_sent"
    EDITED = "edited"
    DELETED = "deleted"
    BY_A_BOT = "by_a_bot"
    BY_AN_APP = "by_an_app"
    FROM_A_FORK = "from_a_fork"

    COMMENTS_TAKEN = "comments_taken"
    NO_COMMENTS = "no_comments"
    NOT_FROM_HERE = "not_from_here"

    HAS_THE_RIGHT = "has_the_right"
    ALLOWED = "allowed"
    ANYBODY_BY_THIS_ENTRANCE = "anybody_by_this_entrance"
    NOBODY_ALLOWED = "nobody_allowed"
    NOT_ALLOWED = "not_allowed"
    MEMBER_OF = "member_of"
    ASKED_LATER = "asked_later"
    NOT_A_MEMBER = "not_a_member"
    MEMBERSHIP_UNKNOWN = "membership_unknown"
    ASKED_LATELY = "asked_lately"
    OPEN_TO_READ = "open_to_read"
    MAY_NOT_READ = "may_not_read"

    NOT_FROZEN = "not_frozen"
    GLASS_BROKEN = "glass_broken"
    FROZEN = "frozen"
    GLASS_ASKED_LATER = "glass_asked_later"
    MAY_NOT_BREAK_GLASS = "may_not_break_glass"
    FROZEN_UNDER_WAY = "frozen_under_way"

    NOT_LOCKED = "not_locked"
    OWN_LOCK = "own_lock"
    LOCKED = "locked"
    LOCKED_UNDER_WAY = "locked_under_way"

    YOUR_TURN = "your_turn"
    BEHIND = "behind"
    SUPERSEDED = "superseded"

    NO_APPROVAL_NEEDED = "no_approval_needed"
    APPROVED = "approved"
    APPROVAL_MISSING = "approval_missing"
    APPROVAL_EXPIRED = "approval_expired"
    APPROVAL_LAPSED = "approval_lapsed"
    TAKES_A_SECOND_PERSON = "takes_a_second_person"
    OWN_REQUEST = "own_request"
    APPROVED_ALREADY = "approved_already"
    NOTHING_TO_APPROVE = "nothing_to_approve"
    CHANGED_SINCE = "changed_since"

    SAME_REPOSITORY = "same_repository"
    ANOTHER_REPOSITORY = "another_repository"

    HEAD_STANDS = "head_stands"
    HEAD_MOVES = "head_moves"
    HEAD_MOVED = "head_moved"
    PULL_REQUEST_CLOSED = "pull_request_closed"

    ANY_COMMIT = "any_commit"
    REACHABLE = "reachable"
    NOT_REACHABLE = "not_reachable"
    SAME_COMMIT = "same_commit"
    NO_COMMIT = "no_commit"
    MOVED = "moved"
    NOT_KNOWN = "not_known"
    NO_CHECKS_REQUIRED = "no_checks_required"
    CHECKS_PASSED = "checks_passed"
    CHECK_MISSING = "check_missing"
    CHECK_RUNNING = "check_running"
    CHECK_FAILED = "check_failed"


@dataclass(frozen=True)
class Meaning:
    """What a reason stands for."""

    rule: Rule
    effect: Effect
    words: str


REASONS: Mapping[Reason, Meaning] = {
    Reason.AS_SENT: Meaning(Rule.MESSAGE, Effect.PASS, "A person has just written it, or an event says it itself."),
    Reason.EDITED: Meaning(Rule.MESSAGE, Effect.REFUSE, "The message was edited; write a new one instead."),
    Reason.DELETED: Meaning(Rule.MESSAGE, Effect.REFUSE, "The message was deleted."),
    Reason.BY_A_BOT: Meaning(Rule.MESSAGE, Effect.REFUSE, "A bot wrote it."),
    Reason.BY_AN_APP: Meaning(Rule.MESSAGE, Effect.REFUSE, "An app wrote it in a person's name."),
    Reason.FROM_A_FORK: Meaning(Rule.MESSAGE, Effect.REFUSE, "It is about a commit in somebody's fork."),
    Reason.COMMENTS_TAKEN: Meaning(
        Rule.COMMENT, Effect.PASS, "The environment takes comments on pull requests of its repository."
    ),
    Reason.NO_COMMENTS: Meaning(
        Rule.COMMENT, Effect.REFUSE, "The environment takes no comments: `comments = true` is not set."
    ),
    Reason.NOT_FROM_HERE: Meaning(
        Rule.COMMENT, Effect.REFUSE, "The environment is deployed from another repository than the pull request's."
    ),
    Reason.HAS_THE_RIGHT: Meaning(Rule.RIGHT, Effect.PASS, "`rights` names this person or identity."),
    Reason.ALLOWED: Meaning(
        Rule.RIGHT, Effect.PASS, "`allow` names this identity, and `rights` says nothing about this right."
    ),
    Reason.ANYBODY_BY_THIS_ENTRANCE: Meaning(
        Rule.RIGHT, Effect.PASS, "The environment takes it from this entrance, whoever caused it."
    ),
    Reason.NOBODY_ALLOWED: Meaning(Rule.RIGHT, Effect.REFUSE, "Nobody has the right by this entrance."),
    Reason.NOT_ALLOWED: Meaning(Rule.RIGHT, Effect.REFUSE, "Others have the right; this identity does not."),
    Reason.MEMBER_OF: Meaning(
        Rule.RIGHT, Effect.PASS, "This identity is in a team, a permission or a user group that has the right."
    ),
    Reason.ASKED_LATER: Meaning(
        Rule.RIGHT, Effect.WAIT, "A team, a permission or a user group decides; it is asked when the work begins."
    ),
    Reason.NOT_A_MEMBER: Meaning(
        Rule.RIGHT,
        Effect.REFUSE,
        "This identity is in none of the teams, permissions and user groups that have the right.",
    ),
    Reason.MEMBERSHIP_UNKNOWN: Meaning(
        Rule.RIGHT, Effect.REFUSE, "Nobody says whether this identity is in the team, the permission or the user group."
    ),
    Reason.ASKED_LATELY: Meaning(
        Rule.RIGHT,
        Effect.REFUSE,
        "This identity was in none of the groups a moment ago; they are not asked again so soon.",
    ),
    Reason.OPEN_TO_READ: Meaning(
        Rule.RIGHT, Effect.PASS, "Everybody in the chats may read where `rights` says nothing about `read`."
    ),
    Reason.MAY_NOT_READ: Meaning(
        Rule.RIGHT, Effect.REFUSE, "This identity has no right there, so it may not read either."
    ),
    Reason.NOT_FROZEN: Meaning(Rule.FREEZE, Effect.PASS, "No freeze holds it back."),
    Reason.GLASS_BROKEN: Meaning(
        Rule.FREEZE, Effect.PASS, "A freeze is set aside with a reason, by somebody who may do that."
    ),
    Reason.GLASS_ASKED_LATER: Meaning(
        Rule.FREEZE,
        Effect.WAIT,
        "A team or a group decides who may set the freeze aside; it is asked when the work begins.",
    ),
    Reason.FROZEN: Meaning(Rule.FREEZE, Effect.REFUSE, "A freeze holds it back."),
    Reason.MAY_NOT_BREAK_GLASS: Meaning(
        Rule.FREEZE, Effect.REFUSE, "A freeze holds it back, and this identity has no right to set it aside."
    ),
    Reason.FROZEN_UNDER_WAY: Meaning(
        Rule.FREEZE, Effect.REFUSE, 'A freeze with `running = "stop"` began; no further step is taken.'
    ),
    Reason.NOT_LOCKED: Meaning(Rule.LOCK, Effect.PASS, "There is no lock, or it has run out."),
    Reason.OWN_LOCK: Meaning(Rule.LOCK, Effect.PASS, "The lock is the requester's own."),
    Reason.LOCKED: Meaning(Rule.LOCK, Effect.REFUSE, "Somebody else has locked the environment."),
    Reason.LOCKED_UNDER_WAY: Meaning(
        Rule.LOCK, Effect.WAIT, "Somebody locked the environment after the first step; the next one waits."
    ),
    Reason.YOUR_TURN: Meaning(Rule.TURN, Effect.PASS, "No other request is changing the environment."),
    Reason.BEHIND: Meaning(Rule.TURN, Effect.WAIT, "Another request is under way, or was accepted earlier."),
    Reason.SUPERSEDED: Meaning(
        Rule.TURN, Effect.REFUSE, "A newer request for the same was accepted before this one had begun."
    ),
    Reason.NO_APPROVAL_NEEDED: Meaning(Rule.APPROVAL, Effect.PASS, "Nobody else has to agree."),
    Reason.APPROVED: Meaning(Rule.APPROVAL, Effect.PASS, "Enough others agreed to this very commit and plan."),
    Reason.APPROVAL_MISSING: Meaning(Rule.APPROVAL, Effect.WAIT, "Somebody else has to agree."),
    Reason.APPROVAL_EXPIRED: Meaning(Rule.APPROVAL, Effect.REFUSE, "Nobody agreed in time."),
    Reason.APPROVAL_LAPSED: Meaning(
        Rule.APPROVAL,
        Effect.WAIT,
        "Somebody agreed whose consent counts no more before the first call: somebody else has to agree.",
    ),
    Reason.TAKES_A_SECOND_PERSON: Meaning(
        Rule.APPROVAL, Effect.REFUSE, "Somebody else has to agree, whom the clock cannot ask; `suspend` can."
    ),
    Reason.OWN_REQUEST: Meaning(
        Rule.APPROVAL, Effect.REFUSE, "Nobody approves a request of their own, under any identity."
    ),
    Reason.APPROVED_ALREADY: Meaning(
        Rule.APPROVAL, Effect.REFUSE, "One person's approval counts once, and no more of them than are needed."
    ),
    Reason.NOTHING_TO_APPROVE: Meaning(Rule.APPROVAL, Effect.REFUSE, "The request does not wait for an approval."),
    Reason.CHANGED_SINCE: Meaning(
        Rule.APPROVAL,
        Effect.REFUSE,
        "The commit, the package or the plan is not the approved one any more, or not the one that was seen.",
    ),
    Reason.SAME_REPOSITORY: Meaning(Rule.REPOSITORY, Effect.PASS, "It comes from the repository with the right id."),
    Reason.ANOTHER_REPOSITORY: Meaning(
        Rule.REPOSITORY, Effect.REFUSE, "It comes from a repository that has the name and another id."
    ),
    Reason.HEAD_STANDS: Meaning(
        Rule.HEAD, Effect.PASS, "The pull request's head is still the one that it had when the comment was written."
    ),
    Reason.HEAD_MOVES: Meaning(
        Rule.HEAD, Effect.WAIT, "GitHub does not say yet since when the head has been where it is."
    ),
    Reason.HEAD_MOVED: Meaning(
        Rule.HEAD, Effect.REFUSE, "The head was pushed after the comment, or too close to it to be sure."
    ),
    Reason.PULL_REQUEST_CLOSED: Meaning(Rule.HEAD, Effect.REFUSE, "The pull request is closed, or merged."),
    Reason.ANY_COMMIT: Meaning(
        Rule.WHAT, Effect.PASS, "Neither `branches` nor `tags` is set, so the commit may be anywhere."
    ),
    Reason.REACHABLE: Meaning(
        Rule.WHAT, Effect.PASS, "An allowed branch contains the commit, or an allowed tag is it."
    ),
    Reason.NOT_REACHABLE: Meaning(
        Rule.WHAT, Effect.REFUSE, "No allowed branch contains the commit, and no allowed tag is it."
    ),
    Reason.SAME_COMMIT: Meaning(Rule.WHAT, Effect.PASS, "The tag still points to the same commit."),
    Reason.NO_COMMIT: Meaning(Rule.WHAT, Effect.REFUSE, "The tag is gone, so nobody knows the commit."),
    Reason.MOVED: Meaning(Rule.WHAT, Effect.REFUSE, "The tag points to another commit than before."),
    Reason.NOT_KNOWN: Meaning(Rule.WHAT, Effect.WAIT, "GitHub cannot be asked; after two hours it is refused."),
    Reason.NO_CHECKS_REQUIRED: Meaning(Rule.WHAT, Effect.PASS, "`required_checks` is not set."),
    Reason.CHECKS_PASSED: Meaning(Rule.WHAT, Effect.PASS, "Every required check has succeeded on this very commit."),
    Reason.CHECK_MISSING: Meaning(
        Rule.WHAT, Effect.WAIT, "A required check has not reported yet; after two hours it is refused."
    ),
    Reason.CHECK_RUNNING: Meaning(
        Rule.WHAT, Effect.WAIT, "The newest run is still going, or waits for its turn; after two hours it is refused."
    ),
    Reason.CHECK_FAILED: Meaning(Rule.WHAT, Effect.REFUSE, "The newest run did not end with success."),
}
