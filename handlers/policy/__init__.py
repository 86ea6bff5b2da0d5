"""One policy for every entrance: who may do what, where and when. Pure; deny is the default.

Each rule answers with a `Ruling`: a stable reason and a sentence for people. `at_the_door` asks what a file and a
clock can answer; `before_a_call` asks what can have changed since, immediately before Azure is called. `reasons` lists
every reason there is. The rules stand in modules of their own: `who` and `when`; `what`, `heads`, `comments` and
`routes` for what comes from GitHub; `locks`, `approvals` and `standing` for those who share an environment.
"""

from handlers.events import Message
from handlers.policy.attempt import Attempt, Entrance, entrance_at, entrance_of, right_for
from handlers.policy.comments import rule_comment, visible_from
from handlers.policy.locks import Lock, rule_lock
from handlers.policy.reasons import REASONS, Effect, Reason, Rule
from handlers.policy.verdict import Ruling, Verdict
from handlers.policy.when import freeze_at, rule_freeze
from handlers.policy.who import has_right, rule_right, who_may

__all__ = [
    "REASONS",
    "Attempt",
    "Effect",
    "Entrance",
    "Lock",
    "Message",
    "Reason",
    "Rule",
    "Ruling",
    "Verdict",
    "at_the_door",
    "before_a_call",
    "entrance_at",
    "entrance_of",
    "freeze_at",
    "has_right",
    "right_for",
    "rule_comment",
    "rule_lock",
    "rule_message",
    "visible_from",
    "who_may",
]

_MESSAGES = {
    Message.AS_SENT: Reason.AS_SENT,
    Message.EDITED: Reason.EDITED,
    Message.DELETED: Reason.DELETED,
    Message.BY_A_BOT: Reason.BY_A_BOT,
    Message.BY_AN_APP: Reason.BY_AN_APP,
    Message.FROM_A_FORK: Reason.FROM_A_FORK,
}


def rule_message(message: Message) -> Ruling:
    """Say whether words in this state may be a command."""
    reason = _MESSAGES[message]
    return Ruling(reason, REASONS[reason].words)


def at_the_door(attempt: Attempt) -> Verdict:
    """Ask the rules that need nothing but the file of environments and the clock."""
    rulings = [rule_message(attempt.message)]
    if attempt.entrance is Entrance.COMMENT:
        rulings.append(rule_comment(attempt.environment, attempt.place))
    return Verdict((*rulings, rule_right(attempt), rule_freeze(attempt)))


def before_a_call(attempt: Attempt, lock: Lock | None) -> Verdict:
    """Ask what can have changed since the door, with what was looked up just now."""
    return Verdict((rule_freeze(attempt), rule_lock(attempt, lock)))
