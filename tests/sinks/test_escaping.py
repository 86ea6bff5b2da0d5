"""Outside text in every chat, under reference readers of each."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from handlers.model import Readiness, RunVersion
from handlers.sinks.card import Card, card_of
from handlers.sinks.mattermost_text import MAX_TEXT
from handlers.sinks.mattermost_text import code as mattermost_code_span
from handlers.sinks.mattermost_text import text as mattermost_text
from handlers.sinks.slack_blocks import code as slack_code
from handlers.sinks.slack_blocks import escape, fitted, payload
from handlers.sinks.teams_card import adaptive_card
from handlers.telling.report import Report
from local.chat import adaptive_card as schema
from local.chat import block_kit
from tests.sinks.readers import (
    mattermost_code,
    mattermost_effects,
    slack_effects,
    slack_reads,
    slack_text_effects,
    teams_effects,
)
from tests.sinks.reports import ENVIRONMENTS, asking, failed, request, running, succeeded

HOSTILE_WORDS = [
    "@all", "@channel", "@here", "@everyone", "@monalisa", "~town-square", "#general", "##", "#", "@", "~",
    "<!channel>", "<!here|here>", "<!everyone>", "<@U0MONA>", "<#C0NEWS>", "<!subteam^S1>", "<https://evil.example|ok>",
    "<at>monalisa</at>", "<at id='0'>", "</at>", "&lt;!channel&gt;", "&amp;", "&#64;all", "&", "<", ">",
    "[ok](https://evil.example)", "[ok](javascript:alert(1))", "![x](https://evil.example/x.png)", "](", "[x]: y",
    "https://evil.example", "www.evil.example", "mailto:a@b.example", "a@b.example",
    "*bold*", "_it_", "~gone~", "**bold**", "~~gone~~", "`code`", "``", "```", "```\n", "~~~", "`",
    "# heading", "> quote", "- item", "1. item", "| a | b |", "|-|-|", "---", "===", "<b>", "<!-- x -->",
    ":smile:", ":",
    "\\", "\\`", "$x$", "\x1b]8;;https://evil.example\x07", "\x1b[31m", "\u202e", "\u2066", "\u200b", "\u200d",
    "\ufeff",
    "\x00", "\n", "\r\n", "\u2028", "\t", " ", "a", "I", "é", "😀", "\ud83d", "\U000e0041",
]  # fmt: skip
HOSTILE = st.lists(st.sampled_from(HOSTILE_WORDS) | st.text(max_size=5), max_size=12).map("".join)
MORE = settings(max_examples=150)

# What our own words do: one bold label in front of an error, one in front of its advice.
OURS_IN_SLACK = {"*Error", "*What to try:"}


def hostile_reports() -> st.SearchStrategy[Report]:
    """Make reports with hostile text wherever text comes from outside."""
    return st.builds(
        _hostile,
        st.sampled_from([running, succeeded, failed, asking]),
        st.tuples(*[HOSTILE] * 5),
    )


def _hostile(report: Any, texts: tuple[str, ...]) -> Report:
    name, tag, code, message, instance = (text.encode("utf-8", "replace").decode() for text in texts)
    asked = request(goal=RunVersion(tag=tag or "v1"), name=name)
    made: Report = report(
        asked, readiness=Readiness(ready=0, total=2, waiting=(instance, instance)), description=message
    )
    if made.asks is not None:
        made = made.model_copy(update={"asks": made.asks.model_copy(update={"steps": (message, name)})})
    if made.outcome is None:
        return made
    known = code if len(code) % 2 else "ConflictError"
    return made.model_copy(update={"outcome": made.outcome.model_copy(update={"code": known, "message": message})})


def card(report: Report) -> Card:
    """Write the card."""
    return card_of(report, ENVIRONMENTS["shop-production"])


@given(hostile_reports())
@MORE
def test_nothing_gets_through_in_slack(report: Report) -> None:
    """No mention, link, formatting or hidden character beside our own labels."""
    assert slack_effects(payload(card(report))) <= OURS_IN_SLACK
    assert slack_effects(payload(card(report), buttons=False)) <= OURS_IN_SLACK


@given(hostile_reports())
@MORE
def test_slack_takes_every_message(report: Report) -> None:
    """Within the documented limits: by the fake's rules, and by those of Slack's own library."""
    message = payload(card(report))
    assert block_kit.mistakes(message["blocks"]) == []
    for block in Block.parse_all(message["blocks"]):
        block.validate_json()
    assert 0 < len(message["text"]) <= 3000


@given(hostile_reports())
@MORE
def test_nothing_gets_through_in_mattermost(report: Report) -> None:
    """No mention, channel, hashtag, link, image, markup or hidden character."""
    post = mattermost_text(card(report))
    assert mattermost_effects(post) == set()
    assert len(post) <= MAX_TEXT


@given(hostile_reports())
@MORE
def test_nothing_gets_through_in_teams(report: Report) -> None:
    """No mention, and no markdown where Teams reads it; the card keeps to its schema and its size."""
    shown = adaptive_card(card(report))
    assert teams_effects(shown) == set()
    assert schema.mistakes(shown) == []
    assert len(json.dumps(shown).encode()) < schema.MAX_BYTES - 1024


@given(HOSTILE)
@example("&lt;!channel&gt;")
@MORE
def test_people_read_in_slack_what_was_written(text: str) -> None:
    """Also where somebody wrote an entity: escaping is undone once, by Slack."""
    visible = "".join(letter for letter in text if letter.isprintable() and letter.isascii())
    assert slack_reads(escape(visible)) == visible


@given(HOSTILE, st.integers(5, 200))
@MORE
def test_escaped_text_keeps_to_its_limit(text: str, limit: int) -> None:
    """And is not cut in the middle of an entity."""
    shown = fitted(text, limit)
    assert 0 < len(shown) <= limit
    assert not set(slack_text_effects({"type": "plain_text", "text": shown, "emoji": False}))


@pytest.mark.parametrize("text", ["v1.2.0", "a_b*c", "ConflictError: <x> & y", "WebRole_IN_0 is StartingVM"])
def test_plain_text_stays_readable(text: str) -> None:
    """Names, codes and versions look as they do elsewhere."""
    assert slack_reads(slack_code(text)) == f"`{text}`"
    assert mattermost_code(mattermost_code_span(text)) == [text]


@pytest.mark.parametrize(
    ("message", "effect"),
    [
        ({"text": "<!channel>", "blocks": []}, "<!channel>"),
        ({"text": "x", "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "<@U1>"}}]}, "<@U1>"),
        ({"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*x*"}}]}, "*x"),
        ({"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "a `b"}}]}, "stray backtick"),
    ],
    ids=["fallback", "plain text", "bold", "backtick"],
)
def test_the_reader_of_slack_can_see(message: dict[str, Any], effect: str) -> None:
    """A reader that sees nothing would let everything pass."""
    assert effect in slack_effects(message)


@pytest.mark.parametrize(
    ("message", "effect"),
    [
        ("hello @all", "@all"),
        ("`@all`", "@all"),
        ("see ~town-square", "~town-square"),
        ("see #news", "#news"),
        ("[a](https://x.example)", "link_open"),
        ("![a](https://x.example/y.png)", "image"),
        ("go to https://x.example", "link https://x"),
        ("```\nx\n```", "fence"),
        ("> x", "blockquote_open"),
    ],
)
def test_the_reader_of_mattermost_can_see(message: str, effect: str) -> None:
    """A reader that sees nothing would let everything pass."""
    assert effect in mattermost_effects(message)


def test_the_reader_of_teams_can_see() -> None:
    """A reader that sees nothing would let everything pass."""
    assert teams_effects({"body": [{"type": "TextRun", "text": "<at>x</at>"}]}) == {"mention"}
    assert teams_effects({"type": "AdaptiveCard", "msteams": {}}) == {"entities"}
    (effect,) = teams_effects({"body": [{"type": "TextBlock", "text": "[a](b)"}]})
    assert effect.startswith("markup")
