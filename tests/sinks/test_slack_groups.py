"""Who is in a user group of Slack, over real HTTP."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from handlers.chat_api.http import ChatHttp
from handlers.chat_api.slack_groups import BURST, SlackGroups
from handlers.environments.groups import Group, Kind
from handlers.errors import Unavailable
from handlers.policy.membership import Answer, Membership, Question
from local.chat.answers import Limit
from local.chat.server import FakeChats
from tests.sinks.conftest import SLACK_TOKEN

GROUP = Group(Kind.SLACK_GROUP, "S0123ABCD")
LIST = "usergroups.users.list"


@pytest.fixture
def groups(chats: FakeChats, http: ChatHttp) -> SlackGroups:
    """Give a bot that may read groups, and a group of two."""
    chats.world.add_slack(SLACK_TOKEN, scopes=("chat:write", "usergroups:read"))
    chats.world.slack.groups[GROUP.name] = ["U1", "U2"]
    return SlackGroups(http, chats.world.clock.now, SecretStr(SLACK_TOKEN), chats.slack_api)


def ask(groups: SlackGroups, identity: str, group: Group = GROUP) -> Answer:
    """Ask whether somebody is in a group."""
    return groups.stands_for(Question(group, identity))


def test_who_is_listed_counts_and_nobody_else(groups: SlackGroups) -> None:
    """By the exact id."""
    assert ask(groups, "U1") == Answer(Membership.MEMBER, "Slack lists U1")
    assert ask(groups, "U3") == Answer(Membership.NOT_A_MEMBER, "Slack does not list U3")
    assert ask(groups, "u1").membership is Membership.NOT_A_MEMBER


def test_nothing_is_kept(groups: SlackGroups, chats: FakeChats) -> None:
    """Whoever is taken out is out with the next question."""
    assert ask(groups, "U1").membership is Membership.MEMBER
    chats.world.slack.groups[GROUP.name] = ["U2"]
    assert ask(groups, "U1").membership is Membership.NOT_A_MEMBER


def test_the_scope_is_named_where_it_is_missing(groups: SlackGroups, chats: FakeChats) -> None:
    """And it is no yes."""
    chats.world.add_slack(SLACK_TOKEN)
    assert ask(groups, "U1") == Answer(
        Membership.UNKNOWN, "Slack says missing_scope; give the app the scope usergroups:read and install it again"
    )


def test_a_group_that_is_not_there_is_no_yes(groups: SlackGroups) -> None:
    """The id is wrong, or somebody has deleted it."""
    answer = ask(groups, "U1", Group(Kind.SLACK_GROUP, "S9"))
    assert answer == Answer(Membership.UNKNOWN, "Slack says no_such_subteam; check the group's id")


@pytest.mark.parametrize("status", [0, 500, 503])
def test_a_service_that_is_away_is_asked_later(groups: SlackGroups, chats: FakeChats, status: int) -> None:
    """No answer is neither yes nor no."""
    chats.fault(LIST, status)
    with pytest.raises(Unavailable):
        ask(groups, "U1")


@pytest.mark.parametrize(
    "body", [{"ok": True}, {"ok": True, "users": "U1"}, {"ok": False, "error": "internal_error"}, ["U1"]]
)
def test_an_answer_that_slack_does_not_document_is_no_yes(groups: SlackGroups, chats: FakeChats, body: object) -> None:
    """It is asked again."""
    chats.fault(LIST, 200, body=body)
    with pytest.raises(Unavailable):
        ask(groups, "U1")


def test_a_limit_is_obeyed_without_another_call(groups: SlackGroups, chats: FakeChats) -> None:
    """Until it is over."""
    chats.world.slack.groups_asked = Limit(1, timedelta(seconds=30))
    ask(groups, "U1")
    for _ in range(2):
        with pytest.raises(Unavailable) as later:
            ask(groups, "U1")
        assert later.value.retry_after is not None
    assert len(chats.calls(LIST)) == 2
    chats.world.clock.forward(timedelta(minutes=2))
    assert ask(groups, "U1").membership is Membership.MEMBER


def test_our_own_pace_is_slacks(groups: SlackGroups, chats: FakeChats) -> None:
    """Some at once, then one in three seconds."""
    for _ in range(BURST):
        ask(groups, "U1")
    with pytest.raises(Unavailable, match="not so fast"):
        ask(groups, "U1")
    assert len(chats.calls(LIST)) == BURST
