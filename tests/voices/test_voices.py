"""Answers in a chat: fixed-width text that the fakes of each place accept, with nothing in it that acts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from handlers.chat_api.http import ChatHttp
from handlers.chat_api.mattermost import MattermostApi
from handlers.chat_api.slack import SlackApi, SlackReplies
from handlers.chat_api.workflows import TeamsWorkflow
from handlers.errors import SinkRefused
from handlers.model import Actor, MattermostPlace, SlackPlace, Source, TeamsPlace
from handlers.ports import Offer
from handlers.sources.buttons import is_over
from handlers.voices.github import fixed_width as in_github
from handlers.voices.lines import lines_of
from handlers.voices.mattermost import MattermostVoice, fixed_width
from handlers.voices.slack import SlackVoice, payload
from handlers.voices.teams import TeamsVoice, card
from local.chat.adaptive_card import mistakes as card_mistakes
from local.chat.block_kit import mistakes as block_mistakes
from local.chat.rendering import render_message
from local.chat.server import FakeChats, running_chats

LINE_ENDS = "one\r\v\f\x1c\x1d\x1e\x85\u2028\u2029line"
"""What programs take for the end of a line, and we do not write."""

TEXT = "environment  slot        version\nproduction   production  v1 <!channel> @all `x`"

EVE = Actor(source=Source.SLACK, id="U0EVE", name="eve")


def now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def chats() -> Iterator[FakeChats]:
    """Run the three chats."""
    with running_chats() as running:
        running.world.add_slack("xoxb-1", "C0001")
        running.world.add_mattermost("bot", "m" * 26)
        yield running


def slack(chats: FakeChats, *, bot: bool = True) -> SlackVoice:
    """Speak in Slack, as a bot or without one."""
    http = ChatHttp(now)
    api = SlackApi(http, now, SecretStr("xoxb-1"), chats.slack_api) if bot else None
    return SlackVoice(api, SlackReplies(http, chats.slack_api))


def test_slack_shows_the_text_in_a_code_block(chats: FakeChats) -> None:
    """As the bot, without a mention in it."""
    slack(chats).say(SlackPlace(team="T1", channel="C0001"), TEXT, "k1")
    shown = chats.world.slack.messages[-1].content["blocks"][0]["text"]["text"]
    assert shown.startswith("```\nenvironment  slot")
    assert "<!channel>" not in shown


def test_slack_shows_an_offer_as_a_button_that_stands_for_its_command(chats: FakeChats) -> None:
    """Pressing it is typing it."""
    offer = Offer("Keep it up", "keep staging up for 3h", now() + timedelta(hours=9))
    slack(chats).say(SlackPlace(team="T1", channel="C0001"), TEXT, "k-offer", offer)
    row = chats.world.slack.messages[-1].content["blocks"][-1]
    ends = [is_over(row["block_id"], offer.until + more) for more in (-timedelta(seconds=1), timedelta(0))]
    assert ends == [False, True]
    (button,) = row["elements"]
    assert (button["type"], button["text"]["text"], button["value"]) == ("button", offer.label, offer.command)


def test_the_same_answer_to_a_second_question_is_a_message_of_its_own(chats: FakeChats) -> None:
    """It is told apart by the question, not by its words."""
    before = len(chats.world.slack.messages)
    for key in ("question-1", "question-2", "question-2"):
        slack(chats).say(SlackPlace(team="T1", channel="C0001"), "Nothing yet.", key)
    assert len(chats.world.slack.messages) == before + 2


def test_slack_without_a_bot_answers_to_the_command(chats: FakeChats) -> None:
    """Through its response_url."""
    reply = chats.world.add_reply("C0001")
    place = SlackPlace(team="T1", channel="C0001", response_url=chats.response_url(reply))
    slack(chats, bot=False).say(place, TEXT, "k2")
    assert reply.uses == 1


def test_slack_whispers_to_whoever_pressed(chats: FakeChats) -> None:
    """Through the address that came with the press; the message with the button stays."""
    reply = chats.world.add_reply("C0001", user="U0EVE", kind="actions")
    as_sent = f"https://hooks.slack.com{reply.path.removeprefix('/slack')}"
    place = SlackPlace(team="T1", channel="C0001", response_url=as_sent)
    slack(chats).whisper(place, EVE, "You may not <!channel>.", "k-whisper")
    message = chats.world.slack.messages[-1]
    assert (message.only_for, reply.uses) == ("U0EVE", 1)
    assert "You may not &lt;!channel&gt;." in message.content["blocks"][0]["text"]["text"]
    sent = chats.calls("/slack/actions/")[-1]["body"]
    assert (sent["response_type"], sent["replace_original"]) == ("ephemeral", False)


@pytest.mark.parametrize("url", ["https://hooks.slack.com.evil.example/actions/T1/1/x", "https://evil.example/x"])
def test_nobody_else_hears_a_whisper(chats: FakeChats, url: str) -> None:
    """The address is looked at again where it is used."""
    before = len(chats.calls())
    with pytest.raises(SinkRefused, match="does not lead to Slack"):
        slack(chats).whisper(SlackPlace(team="T1", channel="C0001", response_url=url), EVE, "No.", "k")
    assert len(chats.calls()) == before


def test_who_cannot_be_whispered_to_is_named(chats: FakeChats) -> None:
    """In Mattermost and Teams, and in Slack where the press gave no address."""
    slack(chats).whisper(SlackPlace(team="T1", channel="C0001"), EVE, "You may not.", "k-named")
    assert "eve: You may not." in chats.world.slack.messages[-1].content["text"]
    voice = MattermostVoice(MattermostApi(ChatHttp(now), now, chats.mattermost, SecretStr("bot")))
    voice.whisper(MattermostPlace(channel="m" * 26), EVE, "You may not.", "k-named")
    assert chats.world.mattermost.posts[-1].content["message"] == "    eve: You may not."


def test_slack_without_either_says_what_is_missing(chats: FakeChats) -> None:
    """Final: nobody can be answered."""
    with pytest.raises(SinkRefused, match="SLACK_BOT_TOKEN is not set"):
        slack(chats, bot=False).say(SlackPlace(team="T1", channel="C0001"), TEXT, "k1")


def test_mattermost_shows_the_text(chats: FakeChats) -> None:
    """As the bot."""
    voice = MattermostVoice(MattermostApi(ChatHttp(now), now, chats.mattermost, SecretStr("bot")))
    voice.say(MattermostPlace(channel="m" * 26), TEXT, "k3")
    shown = chats.world.mattermost.posts[-1].content["message"]
    assert shown.splitlines()[0] == "    environment  slot        version"
    assert "@all" not in shown


def test_teams_shows_an_offer_as_a_command_to_copy(chats: FakeChats) -> None:
    """Alone on its line: a Workflow hands no press back."""
    workflow = chats.world.add_workflow("offers")
    offer = Offer("Keep it up", "keep staging up for 3h", now())
    url = SecretStr(chats.workflow_url(workflow))
    TeamsVoice(TeamsWorkflow(ChatHttp(now), now, url)).say(TeamsPlace(channel="19:x"), TEXT, "k", offer)
    shown = render_message(workflow.cards[-1]).splitlines()
    assert shown[-2:] == ["Keep it up, type @Slipway and then:", "keep staging up for 3h"]


def test_teams_shows_the_text(chats: FakeChats) -> None:
    """As a card, through the Workflow."""
    workflow = chats.world.add_workflow()
    url = SecretStr(chats.workflow_url(workflow))
    TeamsVoice(TeamsWorkflow(ChatHttp(now), now, url)).say(TeamsPlace(channel="19:x"), TEXT, "k4")
    assert workflow.cards


@settings(max_examples=200)
@given(st.text(max_size=9000))
def test_any_text_fits_each_place(text: str) -> None:
    """Within its limits and its schema, and without a sign that would act."""
    sent = payload(text)
    inside = sent["blocks"][0]["text"]["text"].removeprefix("```\n").removesuffix("\n```")
    assert block_mistakes(sent["blocks"]) == []
    assert not set("<>`\u202e\u200b\x1b") & set(inside)
    assert card_mistakes(card(text)) == []
    assert all(line.startswith("    ") for line in fixed_width(text).split("\n") if line)


def test_outside_text_begins_no_line_of_an_answer() -> None:
    """Only our own line ends do, in every place."""
    assert lines_of(f"{LINE_ENDS}\nnext") == ["oneline", "next"]
    for shown in (fixed_width(LINE_ENDS), in_github(LINE_ENDS), str(payload(LINE_ENDS)), str(card(LINE_ENDS))):
        assert not set(shown) & set(LINE_ENDS.removeprefix("one").removesuffix("line"))
