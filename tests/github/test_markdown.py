"""Outside text in markdown and in the release's block, under a reference parser."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from handlers.model import (
    Actor,
    DeploymentRequest,
    Operation,
    Outcome,
    Phase,
    Release,
    Result,
    Source,
    release_request,
)
from handlers.outside_text import one_line, shorten
from handlers.sinks.markdown import code
from handlers.sinks.release_block import instant, is_old, markers, render, upsert
from handlers.telling.report import Report

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
RELEASE = Release(
    repository="octo/shop",
    repository_id=1,
    id=2,
    tag="v1.2.0",
    prerelease=False,
    url="https://github.com/octo/shop/releases/tag/v1.2.0",
)
MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})
HOSTILE = st.text(
    st.sampled_from(list("ab |`<>!-@#[]()*_~\\&;:/.\n\r\t\u202e\u200b\x1b\x00'\"$")), max_size=60
) | st.text(max_size=40)


def request(environment: str = "shop-production", tag: str = "v1.2.0") -> DeploymentRequest:
    """Ask for the release."""
    actor = Actor(source=Source.GITHUB, id="1", name="monalisa")
    return release_request(RELEASE.model_copy(update={"tag": tag}), environment, actor, "", NOW)


def ended(message: str = "v1.2.0 runs.", code: str | None = None, **change: Any) -> Report:
    """Report an outcome."""
    asked = change.pop("request", request())
    result = Result.FAILURE if code else Result.SUCCESS
    outcome = Outcome(result=result, code=code, message=message, ended_at=NOW + timedelta(seconds=252))
    fields: dict[str, Any] = {
        "request": asked,
        "phase": Phase(result.value),
        "description": message,
        "operation": Operation(id="0123456789abcdef" * 2, submitted_at=NOW),
        "release": RELEASE,
        "readiness": None,
        "outcome": outcome,
        "took": timedelta(seconds=252),
    }
    return Report(**{**fields, **change})


def under_way(phase: Phase = Phase.QUEUED, description: str = "Accepted.", **change: Any) -> Report:
    """Report that a request is going on."""
    nothing_yet = dict.fromkeys(("operation", "readiness", "outcome", "took"))
    fields: dict[str, Any] = {"request": request(), "release": RELEASE, **nothing_yet}
    return Report(**{**fields, "phase": phase, "description": description, **change})


def table(markdown: str) -> dict[str, str]:
    """Parse a block as GitHub would; return the table's rows, and fail on anything else that shows."""
    tokens = MARKDOWN.parse(markdown)
    kinds = {token.type for token in tokens}
    known = {
        "html_block",
        "inline",
        "table_open",
        "table_close",
        "thead_open",
        "thead_close",
        "tbody_open",
        "tbody_close",
    }
    assert kinds <= known | {f"{part}_{end}" for part in ("tr", "th", "td") for end in ("open", "close")}
    assert [token.content.strip() for token in tokens if token.type == "html_block"] == list(markers("shop-production"))
    cells = [token for token in tokens if token.type == "inline"]
    for cell in cells:
        assert {child.type for child in cell.children or []} <= {"text", "code_inline"}
    texts = ["".join(child.content for child in cell.children or []) for cell in cells]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def test_a_failure_as_people_see_it() -> None:
    """Everything that one needs to know and to ask with."""
    report = ended("Another operation has exclusive access.", "ConflictError")
    assert table(render(report, RELEASE)) == {
        "Environment": "shop-production",
        "Result": "failure",
        "Version": "v1.2.0",
        "Accepted": "2026-03-01 12:00:00 UTC",
        "Duration": "4 min 12 s",
        "Request": report.request.id,
        "Operation": "0123456789abcdef" * 2,
        "Error": "ConflictError",
        "Message": "Another operation has exclusive access.",
    }


def test_a_request_on_its_way_as_people_see_it() -> None:
    """No row without something in it."""
    assert table(render(under_way(), RELEASE)) == {
        "Environment": "shop-production",
        "Result": "accepted",
        "Version": "v1.2.0",
        "Accepted": "2026-03-01 12:00:00 UTC",
        "Request": request().id,
    }


def test_progress_does_not_edit_the_release() -> None:
    """Instances become ready one by one; the block stays as it is."""
    one = under_way(Phase.IN_PROGRESS, "1 of 4 instances ready.")
    two = under_way(Phase.IN_PROGRESS, "2 of 4 instances ready.")
    assert render(one, RELEASE) == render(two, RELEASE)


@given(message=HOSTILE, error=HOSTILE, tag=HOSTILE)
@settings(max_examples=300)
def test_outside_text_stays_text(message: str, error: str, tag: str) -> None:
    """No tag, link, image, cell or row comes out of a message, an error code or a tag."""
    release = RELEASE.model_copy(update={"tag": tag})
    rows = table(render(ended(message, error, phase=Phase.FAILURE), release))
    assert list(rows)[:5] == ["Environment", "Result", "Version", "Accepted", "Duration"]
    assert list(rows)[-1] == "Message"


@given(message=HOSTILE, body=HOSTILE)
@settings(max_examples=300)
def test_outside_text_cannot_end_the_block(message: str, body: str) -> None:
    """What was put in is found again whole, so the next report takes its place."""
    block = render(ended(f"{message} {markers('shop-production')[1]} {message}", "Code"), RELEASE)
    once = upsert(body, "shop-production", block)
    assert upsert(once, "shop-production", "") == once.removesuffix(block)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "`-`"),
        ("plain", "`plain`"),
        ("a|b", "`a\u00a6b`"),
        ("`", "`` ` ``"),
        ("a``b", "```a``b```"),
        ("two\r\nlines\tand  more", "`two lines and more`"),
        ("\u202egnp.exe\u2066\x1b]8;;", "`gnp.exe]8;;`"),
        ("@octo/team", "`@\u200bocto/team`"),
        ("<!-- x -->", "`<! -- x -- >`"),
    ],
    ids=["nothing", "plain", "bar", "backtick", "two backticks", "white space", "hidden", "mention", "comment"],
)
def test_code_spans(text: str, shown: str) -> None:
    """Each kind of text that would do something in markdown."""
    assert code(text, 100) == shown


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("short", 5, "short"),
        ("one two three", 12, "one two\u2026"),
        ("one two three", 8, "one two\u2026"),
        ("one, two", 7, "one\u2026"),
        ("onetwothree", 6, "onetw\u2026"),
        ("a " + "b" * 20, 10, "a bbbbbbb\u2026"),
    ],
    ids=["fits", "in a word", "behind a word", "comma", "one word", "early blank"],
)
def test_long_text_is_cut_behind_a_word(text: str, limit: int, cut: str) -> None:
    """With a sign that something is missing."""
    assert shorten(text, limit) == cut


@given(st.text(max_size=300), st.integers(2, 150))
def test_one_line_keeps_to_its_limit(text: str, limit: int) -> None:
    """And holds nothing that is not seen."""
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line.isprintable()


BODIES = [
    "",
    "# v1\r\n\r\n* one\r\n* two",
    "# v1\n\ntext\n\n",
    "text\r\n\r\n",
    "<!-- slipway:shop-production:begin -->\nsomebody typed this",
    "\u202eodd\x00\n\t",
]


@pytest.mark.parametrize("body", BODIES, ids=["empty", "crlf", "blank line", "crlf blank line", "begin alone", "odd"])
def test_the_authors_text_is_kept_byte_for_byte(body: str) -> None:
    """Through three reports and two environments."""
    blocks = {name: render(ended(name), RELEASE) for name in ("shop-production", "shop-staging")}
    for name in blocks:
        blocks[name] = render(ended(request=request(name)), RELEASE)
    first = upsert(body, "shop-production", render(under_way(), RELEASE))
    second = upsert(first, "shop-staging", blocks["shop-staging"])
    third = upsert(second, "shop-production", blocks["shop-production"])
    assert third.startswith(body)
    rest = third.removeprefix(body)
    assert rest.replace(blocks["shop-production"], "").replace(blocks["shop-staging"], "").strip() == ""
    assert upsert(third, "shop-production", blocks["shop-production"]) == third


def test_text_behind_a_block_is_kept() -> None:
    """The author may go on writing below."""
    first = upsert("above", "shop-production", render(under_way(), RELEASE)) + "\r\n\r\nbelow"
    second = upsert(first, "shop-production", render(ended(), RELEASE))
    assert second.startswith("above\n\n<!--")
    assert second.endswith("-->\r\n\r\nbelow")
    assert second.count("<!-- slipway:shop-production:begin -->") == 1


def test_environments_with_names_alike_have_blocks_of_their_own() -> None:
    """`shop` is not found in `shop-production`."""
    body = upsert("", "shop-production", render(ended(), RELEASE))
    assert is_old(under_way(), body)
    assert not is_old(under_way(request=request("shop")), body)


def again(seconds: float) -> DeploymentRequest:
    """Ask for the same release once more, as a command does."""
    return request().model_copy(update={"id": "d" + "a" * 20, "accepted_at": NOW + timedelta(seconds=seconds)})


@pytest.mark.parametrize(
    ("there", "report", "old"),
    [
        (under_way(), under_way(), False),
        (under_way(Phase.IN_PROGRESS), under_way(), True),
        (ended(), under_way(Phase.IN_PROGRESS), True),
        (under_way(Phase.IN_PROGRESS), ended(), False),
        (ended(), under_way(request=again(1)), False),
        (ended(request=again(1)), under_way(), True),
        (ended(request=again(1)), ended(), True),
        (under_way(request=again(1)), ended(), True),
    ],
    ids=[
        "the same",
        "an earlier phase",
        "before the end",
        "a later phase",
        "a later request begins",
        "an earlier request's beginning",
        "an earlier request's end",
        "an earlier request's end, the later one goes on",
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["as written", "saved in a browser"])
def test_late_news_do_not_take_the_place_of_later_ones(there: Report, report: Report, old: bool, line_end: str) -> None:
    """Of one request the phase decides, of two the instant that each was accepted."""
    body = upsert("x", "shop-production", render(there, RELEASE)).replace("\n", line_end)
    assert is_old(report, body) is old


def test_a_block_without_its_instant_gives_way() -> None:
    """Somebody took the row out; the next report writes it again."""
    body = upsert("", "shop-production", render(ended(request=again(1)), RELEASE))
    rows = [row for row in body.split("\n") if not row.startswith("| Accepted")]
    assert not is_old(ended(), "\n".join(rows))


def test_instants_for_people() -> None:
    """In UTC, whatever zone it is given in."""
    assert instant(NOW.astimezone(timezone(timedelta(hours=-5)))) == "2026-03-01 12:00:00 UTC"
