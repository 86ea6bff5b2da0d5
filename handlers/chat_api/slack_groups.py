"""Slack's user groups: who is in one now.

Source: *usergroups.users.list*, docs.slack.dev. The bot token needs the scope `usergroups:read`. Groups that were
disabled are not asked for.
"""

from datetime import timedelta

from pydantic import SecretStr

from handlers.chat_api.addresses import check_address
from handlers.chat_api.http import ChatHttp, plain_word
from handlers.chat_api.limits import Pace
from handlers.chat_api.slack import FOR_NOW, OWNER_HAS_TO, SLACK
from handlers.errors import SlipwayError, Unavailable
from handlers.policy.membership import Answer, Membership, Question
from handlers.ports import Clock

ASK_EVERY = timedelta(seconds=3)
"""A tier 2 method: some 20 calls a minute for a workspace."""

BURST = 10
"""Calls at once after a rest. Our choice: Slack tolerates bursts and does not say how long."""

_METHOD = "usergroups.users.list"
_OWNER_HAS_TO = {
    **OWNER_HAS_TO,
    "missing_scope": "give the app the scope usergroups:read and install it again",
    "no_permission": "give the app the scope usergroups:read and install it again",
    "no_such_subteam": "check the group's id",
    "plan_upgrade_required": "the workspace's plan has no user groups",
}
"""What helps, by Slack's error."""


class GroupUnreadable(SlipwayError):
    """Slack does not say who is in a group, and would not if asked again. The text says what helps."""


class SlackGroups:
    """Asks Slack. Threads may share it."""

    def __init__(self, http: ChatHttp, now: Clock, token: SecretStr, base: str = SLACK) -> None:
        """`token` is `xoxb-...`. Raises SettingsWrong where `base` is no safe address."""
        self._http = http
        self._token = token
        self._base = check_address(base, "SLACK_API_URL")
        self._pace = Pace(now, ASK_EVERY, BURST)

    def stands_for(self, question: Question) -> Answer:
        """Say whether a Slack id is in a user group. Raises Unavailable to ask again later."""
        try:
            members = self.members(question.group.name)
        except GroupUnreadable as error:
            return Answer(Membership.UNKNOWN, str(error))
        if question.identity in members:
            return Answer(Membership.MEMBER, f"Slack lists {question.identity}")
        return Answer(Membership.NOT_A_MEMBER, f"Slack does not list {question.identity}")

    def members(self, group: str) -> frozenset[str]:
        """Return the ids in a user group. Raises GroupUnreadable, Unavailable."""
        with self._pace.turn(_METHOD, f"Slack {_METHOD}"):
            # Slack's methods that only read take no JSON.
            answer = self._http.send(
                "GET",
                f"{self._base}/{_METHOD}",
                f"Slack {_METHOD}",
                params={"usergroup": group},
                token=self._token.get_secret_value(),
            ).json()
        if answer.get("ok") is not True:
            error = plain_word(answer.get("error")) or "an unnamed error"
            if error in FOR_NOW:
                raise Unavailable(f"Slack {_METHOD}: {error}")
            help_ = f"; {_OWNER_HAS_TO[error]}" if error in _OWNER_HAS_TO else ""
            raise GroupUnreadable(f"Slack says {error}{help_}")
        users = answer.get("users")
        if not isinstance(users, list):
            raise Unavailable(f"Slack {_METHOD}: an answer without users")
        return frozenset(one for one in users if isinstance(one, str))
