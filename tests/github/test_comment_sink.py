"""Answers in pull requests: one comment for each request, one for each question, against a GitHub that behaves."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from handlers.errors import SinkRefused, Unavailable
from handlers.github_api.client import GitHub
from handlers.github_api.comments import MAX_BODY
from handlers.github_api.credentials import Nobody
from handlers.github_api.transport import Transport
from handlers.model import GitHubPlace, Phase, Readiness, Retire, RunHead, SlackPlace
from handlers.sinks.card import card_of
from handlers.sinks.github_comment import GitHubCommentSink
from handlers.sinks.github_text import ONLY_THE_FIRST_LINE, text
from handlers.telling.report import Report
from handlers.voices.github import GitHubVoice, fixed_width
from local.github.pulls import Comment, Pull
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.github.conftest import REPOSITORY
from tests.github.test_markdown import HOSTILE, NOW, ended, request, under_way

MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})
PLACE = GitHubPlace(repository=REPOSITORY, repository_id=1, number=1, comment=5, commented_at=NOW)
ASKED = request().model_copy(update={"place": PLACE, "goal": RunHead()})
MARKER = f"<!-- slipway:request:{ASKED.id} -->\n"
NOTHING: Mapping[str, str] = {}


@pytest.fixture
def pull(fake: FakeGitHub, repository: Repository) -> Pull:
    """Open the pull request 1."""
    fake.world.push(repository, "feature")
    return fake.world.open_pull(repository, "feature")


@pytest.fixture
def sink(github: GitHub, pull: Pull) -> GitHubCommentSink:
    """Give what is tested."""
    return GitHubCommentSink(github, {})


@pytest.fixture
def voice(github: GitHub, pull: Pull) -> GitHubVoice:
    """Give what is tested."""
    return GitHubVoice(github)


def shown(repository: Repository) -> list[Comment]:
    """Return the comments that are there."""
    return list(repository.comments.values())


def queued() -> Report:
    """Report the beginning."""
    return under_way(request=ASKED, release=None)


def running() -> Report:
    """Report the middle."""
    readiness = Readiness(ready=1, total=2, waiting=("WebRole_IN_1 is StartingVM",))
    return under_way(Phase.IN_PROGRESS, "1 of 2 instances ready.", request=ASKED, release=None, readiness=readiness)


def over(message: str = "feature at abc1234 runs.", code: str | None = None) -> Report:
    """Report the end."""
    return ended(message, code, request=ASKED, release=None)


def test_a_request_has_one_comment_that_is_edited(sink: GitHubCommentSink, repository: Repository) -> None:
    """From the beginning to the end."""
    references = NOTHING
    for report in (queued(), running(), over()):
        references = sink.post(report, references)
    (comment,) = shown(repository)
    assert comment.body.startswith(MARKER)
    assert "\N{WHITE HEAVY CHECK MARK}" in comment.body
    assert "`monalisa` on GitHub" in comment.body


def test_a_comment_whose_id_was_lost_is_found_again(
    fake: FakeGitHub, sink: GitHubCommentSink, repository: Repository
) -> None:
    """By its marker: the answer to the first post never came."""
    fake.fault(0, method="POST", path="/comments", after=True)
    with pytest.raises(Unavailable):
        sink.post(queued(), NOTHING)
    sink.post(over(), NOTHING)
    (comment,) = shown(repository)
    assert "\N{WHITE HEAVY CHECK MARK}" in comment.body


def test_somebody_elses_comment_with_our_marker_is_left_alone(
    fake: FakeGitHub, sink: GitHubCommentSink, repository: Repository, pull: Pull
) -> None:
    """Whoever knows how the marker is made gets nothing by it."""
    theirs = fake.world.comment(repository, pull.number, "eve", MARKER + "it runs")
    sink.post(over(code="NotReady", message="no"), NOTHING)
    assert theirs.body == MARKER + "it runs"
    assert len(shown(repository)) == 2


def test_a_comment_that_was_deleted_is_written_anew(sink: GitHubCommentSink, repository: Repository) -> None:
    """The end is to be seen."""
    references = sink.post(queued(), NOTHING)
    repository.comments.clear()
    sink.post(over(), references)
    assert "\N{WHITE HEAVY CHECK MARK}" in shown(repository)[0].body


def test_old_news_is_not_shown(sink: GitHubCommentSink, repository: Repository) -> None:
    """What comes late changes nothing."""
    references = sink.post(over(), NOTHING)
    assert sink.post(running(), references) == references
    assert "\N{WHITE HEAVY CHECK MARK}" in shown(repository)[0].body


def test_what_nobody_commented_has_no_comment(sink: GitHubCommentSink) -> None:
    """Nor has the removal of what was replaced."""
    assert sink.concerns(ASKED)
    assert not sink.concerns(request())
    assert not sink.concerns(ASKED.model_copy(update={"place": SlackPlace(team="T", channel="C")}))
    assert not sink.concerns(ASKED.model_copy(update={"goal": Retire(name="old")}))


def test_a_limit_is_waited_for(fake: FakeGitHub, sink: GitHubCommentSink) -> None:
    """80 a minute are GitHub's limit for writing."""
    body = {"message": "You have exceeded a secondary rate limit"}
    fake.fault(403, method="POST", path="/comments", headers={"Retry-After": "60"}, body=body)
    with pytest.raises(Unavailable) as limited:
        sink.post(queued(), NOTHING)
    assert limited.value.retry_after is not None
    assert limited.value.retry_after.total_seconds() == 60


def test_a_token_that_may_not_write_says_so(fake: FakeGitHub, sink: GitHubCommentSink) -> None:
    """With the permission that is missing."""
    fake.world.tokens["ghp_a-token-that-works"].permissions = {"pull_requests": "read"}
    with pytest.raises(SinkRefused, match="Pull requests: write"):
        sink.post(queued(), NOTHING)


def test_without_a_token_nothing_is_written(pull: Pull, transport: Transport) -> None:
    """And nothing is sent."""
    with pytest.raises(SinkRefused, match="neither a token"):
        GitHubVoice(GitHub(transport, Nobody())).say(PLACE, "text", "key")


def test_how_to_go_on_is_said_with_a_slash(sink: GitHubCommentSink, repository: Repository) -> None:
    """As it has to be written here."""
    waiting = f"Waiting: somebody else to agree to abc1234 by 10:00 UTC: approve {ASKED.id}"
    sink.post(under_way(Phase.QUEUED, waiting, request=ASKED, release=None), NOTHING)
    assert f": /approve {ASKED.id}`" in shown(repository)[0].body
    assert f"`/cancel {ASKED.id}`" in shown(repository)[0].body


def test_lines_that_nobody_read_are_said_so(voice: GitHubVoice, repository: Repository) -> None:
    """In both kinds of answers."""
    place = PLACE.model_copy(update={"unread": True})
    voice.say(place, "v1 runs", "key")
    assert shown(repository)[0].body.endswith(ONLY_THE_FIRST_LINE)
    assert text(card_of(queued(), None), place).endswith(ONLY_THE_FIRST_LINE)
    assert ONLY_THE_FIRST_LINE not in text(card_of(queued(), None), PLACE)


def test_a_question_is_answered_once(fake: FakeGitHub, voice: GitHubVoice, repository: Repository) -> None:
    """However often it is delivered, and though an answer got lost."""
    fake.fault(502, method="POST", path="/comments", after=True)
    with pytest.raises(Unavailable):
        voice.say(PLACE, "v1 runs", "key")
    voice.say(PLACE, "v1 runs", "key")
    voice.say(PLACE, "v2 runs", "another")
    assert [comment.body for comment in shown(repository)] == [
        "<!-- slipway:answer:key -->\n```text\nv1 runs\n```",
        "<!-- slipway:answer:another -->\n```text\nv2 runs\n```",
    ]


def test_another_place_is_refused(voice: GitHubVoice) -> None:
    """It speaks on GitHub alone."""
    with pytest.raises(SinkRefused):
        voice.say(SlackPlace(team="T", channel="C"), "text", "key")


@given(HOSTILE)
@settings(max_examples=200)
def test_nothing_in_an_answer_acts(hostile: str) -> None:
    """One block of code, whatever stands in it."""
    written = fixed_width(f"v1 {hostile}\n@mona #1 {hostile}")
    assert {token.type for token in MARKDOWN.parse(written)} == {"fence"}
    assert "@mona" not in written


@given(HOSTILE)
@settings(max_examples=200)
def test_nothing_from_outside_acts_in_a_card(hostile: str) -> None:
    """Names and sentences stand in code spans."""
    asked = ASKED.model_copy(update={"actor": ASKED.actor.model_copy(update={"name": hostile or "x"})})
    written = text(card_of(ended(hostile or "x", hostile or "Code", request=asked, release=None), None), PLACE)
    allowed = {"text", "code_inline", "strong_open", "strong_close", "softbreak", "hardbreak"}
    tokens: list[Any] = MARKDOWN.parse(written)
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    assert {child.type for token in tokens for child in token.children or []} <= allowed


@pytest.mark.parametrize("long", ["`@", "`", "x", "\n"])
def test_the_longest_answer_fits(voice: GitHubVoice, repository: Repository, long: str) -> None:
    """What is cut off is said to be."""
    voice.say(PLACE, long * MAX_BODY, "key")
    assert len(shown(repository)[0].body) <= MAX_BODY
