"""What was seen and how it is said."""

import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml.etree import fromstring
from rich.cells import cell_len

from local.demo.events import (
    Accepted,
    Complaint,
    Event,
    Holding,
    Instances,
    Logged,
    Operated,
    ShownInSlack,
    Turned,
)
from local.demo.frame import framed
from local.demo.page import Mood, Page, Place, Told
from local.demo.picture import Picture
from local.demo.serve import curl_line, say_line
from local.demo.watch import Azure, read_line
from local.demo.words import Words, shown_block


@pytest.mark.parametrize(
    ("line", "event"),
    [
        pytest.param(
            "18:25:40.053 INFO    handlers.poll  operation.polled id=d2 status=Succeeded",
            Logged("operation.polled", {"id": "d2", "status": "Succeeded"}, trouble=False),
            id="an event",
        ),
        pytest.param(
            '\x1b[33m18:25:40.053 WARNING handlers.submit  request.delayed id=d2 reason="busy, said \\"a\\""\x1b[0m',
            Logged("request.delayed", {"id": "d2", "reason": 'busy, said "a"'}, trouble=True),
            id="an event in colour, with a quoted value",
        ),
        pytest.param(
            "18:25:40.053 ERROR   host  submit_request failed after 3 ms",
            Complaint("submit_request failed after 3 ms", raised=True),
            id="a function that raised",
        ),
        pytest.param(
            "18:25:40.053 WARNING host.queue  queue requests cannot be read (ServiceRequestError), trying again",
            Complaint("queue requests cannot be read (ServiceRequestError), trying again", raised=False),
            id="a trouble of the host",
        ),
        pytest.param("18:25:40.053 INFO    host  submit_request succeeded in 3 ms", None, id="the host at work"),
        pytest.param("    Traceback (most recent call last):", None, id="a line that belongs to another"),
    ],
)
def test_a_line_of_the_log_is_read(line: str, event: Event | None) -> None:
    """The app's events with their facts, and what went wrong; nothing else."""
    assert read_line(line) == event


def test_what_azure_shows_is_compared_with_the_last_look() -> None:
    """A change is seen once, with its first status; slots and instances when they differ."""
    azure = Azure()
    deployment: dict[str, Any] = {
        "name": "d2",
        "extended_properties": {"SlipwayVersion": "v1"},
        "package": None,
        "status": "Deploying",
        "instances": {"WebRole_IN_0": "CreatingVM"},
    }
    operation = {"request_id": "ab", "call": "create-deployment", "status": "InProgress"}
    shown = [{"operations": [operation], "services": {"web": {"slots": {"Staging": deployment}}}}]
    assert list(azure.news(shown)) == [
        Accepted("create-deployment", "ab", "InProgress"),
        Holding(None, "v1"),
        Instances("staging", "v1", {"WebRole_IN_0": "CreatingVM"}),
    ]
    assert list(azure.news(shown)) == []
    operation["status"] = "Succeeded"
    assert list(azure.news(shown)) == [Operated("create-deployment", "ab", "Succeeded")]


def test_a_deployment_that_is_suspended_or_resumed_is_seen() -> None:
    """Not what it begins with, and not what it is on its way."""
    azure = Azure()
    deployment: dict[str, Any] = {"name": "d2", "extended_properties": {}, "package": None, "instances": {}}
    seen = []
    for status in ("Deploying", "Running", "RunningTransitioning", "Running", "SuspendedTransitioning", "Suspended"):
        shown = [{"operations": [], "services": {"web": {"slots": {"Staging": {**deployment, "status": status}}}}}]
        seen += [one for one in azure.news(shown) if isinstance(one, Turned)]
    assert seen == [Turned("staging", "d2", "Suspended")]


def test_instances_are_told_when_another_one_is_ready() -> None:
    """Not each state of each instance, and not the same twice."""
    words = Words()
    looks = (["CreatingVM"] * 2, ["StartingVM", "CreatingVM"], ["StartingVM"] * 2, ["ReadyRole", "BusyRole"])
    told = [words.say(Instances("staging", "v1", dict(zip("ab", states, strict=True)))) for states in looks]
    assert [one and one.text for one in told] == [
        "staging: 0 of 2 instances ready (CreatingVM, CreatingVM)",
        "staging: 0 of 2 instances ready (StartingVM, CreatingVM)",
        None,
        "staging: 1 of 2 instances ready (ReadyRole, BusyRole)",
    ]


def test_a_message_is_one_line_until_it_is_over() -> None:
    """How far it is, once each; then the whole of it, as people see it."""
    words = Words()
    over = "✅ v1 → web\ndone in 4 s, asked for by mona on Slack\nours d2"
    shown = (
        "⏳ v1 → web\naccepted at 12:00 UTC, asked for by mona on Slack",
        "⏳ v1 → web\nin progress since 12:00 UTC, asked for by mona on Slack\nAzure's request id ab",
        "⏳ v1 → web\nin progress since 12:00 UTC, asked for by mona on Slack\nAzure's request id cd",
        "⏳ v1 → web\nin progress since 12:00 UTC, asked for by mona on Slack\n▓░ 1 of 2 instances ready",
        over,
    )
    told = [words.say(ShownInSlack(edits, text)) for edits, text in enumerate(shown)]
    assert [one and one.text for one in told] == [
        "a message: ⏳ v1 → web, accepted at 12:00 UTC",
        "edited: ⏳ v1 → web, in progress since 12:00 UTC",
        None,
        "edited: ⏳ v1 → web, ▓░ 1 of 2 instances ready",
        "the same message, edited 4 times, now shows",
    ]
    assert told[-1] == Told(Place.SLACK, "the same message, edited 4 times, now shows", message=over)
    assert words.messages == [over]


def test_a_message_that_asks_somebody_is_shown_as_it_is() -> None:
    """Once, however often it is edited meanwhile; then how far it is again."""
    words = Words()
    asking = "⏳ v1 → web\naccepted at 12:00 UTC\nWaiting: somebody else to agree by 13:00 UTC: approve d2\n[Cancel]"
    shown = ("⏳ v1 → web\naccepted at 12:00 UTC", asking, asking, "⏳ v1 → web\nin progress since 12:00 UTC")
    assert [words.say(ShownInSlack(edits, text)) for edits, text in enumerate(shown)] == [
        Told(Place.SLACK, "a message: ⏳ v1 → web, accepted at 12:00 UTC"),
        Told(Place.SLACK, "the same message, now asks for somebody", message=asking),
        None,
        Told(Place.SLACK, "edited: ⏳ v1 → web, in progress since 12:00 UTC"),
    ]
    assert words.messages == [asking]


def test_an_edit_that_changes_nothing_is_not_told() -> None:
    """Nobody sees it."""
    words = Words()
    assert words.say(ShownInSlack(0, "staging is locked")) is not None
    assert words.say(ShownInSlack(1, "staging is locked")) is None


def test_a_clock_stands_in_place_of_the_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """In the same columns."""
    page = Page()
    page.show_time(lambda: "18:45")
    page.tell(Told(Place.CLOCK, "the night begins"))
    assert capsys.readouterr().out == "18:45  clock    the night begins\n"


def test_what_slack_was_answered_is_told_as_people_see_it() -> None:
    """Not as the status in the log: Slack shows nothing of any answer but 200."""
    facts = {"source": "slack", "status": "403", "reason": "not_allowed"}
    assert Words().say(Logged("delivery.ignored", facts, trouble=False)) is None
    assert Words().say(Logged("delivery.ignored", {**facts, "source": "github"}, trouble=False)) is not None


def test_a_frame_is_as_wide_as_it_should_be() -> None:
    """Also around signs that are two columns wide, and around lines that are too long."""
    lines = list(framed("✅ v1 → web\n" + "word " * 20, 40))
    assert {cell_len(line) for line in lines} == {40}
    assert len(lines) == 6


def test_a_picture_loads_nothing_and_fits_a_readme(tmp_path: Path) -> None:
    """Only what was said in Slack once it is drawn into, with the frame beside its corners, and no seconds."""
    picture, page = Picture(tmp_path / "new" / "demo.svg"), Page()
    page.tell(Told(Place.SLACK, "before"))
    page.draw_into(picture)
    page.tell(Told(Place.MONA, "/slipway status"))
    page.tell(Told(Place.SLACK, "a message", message="✅ v1 → web"))
    page.tell(Told(Place.AZURE, "elsewhere"))
    picture.save()
    drawing = fromstring(picture.file.read_bytes())
    texts = [("".join(one.itertext()).strip(), one.get("x")) for one in drawing.iter("{*}text")]
    words = " ".join(text.replace("\xa0", " ") for text, _ in texts)
    assert "/slipway status" in words
    assert "v1 → web" in words
    assert not any(word in words for word in ("before", "elsewhere", "0.0"))
    assert len({x for text, x in texts if text in {"╮", "│", "╯"} and x != "0"}) == 1
    assert int(drawing.get("width") or 0) <= 900
    assert "url(http" not in picture.file.read_text()
    assert re.findall(r"https?://\S+", picture.file.read_text()) == ['http://www.w3.org/2000/svg"']


def test_a_word_for_slack_is_quoted_for_a_shell() -> None:
    """It stays one word, whatever it is."""
    assert say_line("http://127.0.0.1:1", "it's").endswith(
        """ -m local.demo --say 'it'"'"'s' --to http://127.0.0.1:1"""
    )


def test_a_trouble_is_always_told() -> None:
    """Also one that nobody has words for."""
    told = Words().say(Logged("news.refused", {"id": "d2", "reason": "no"}, trouble=True))
    assert told == Told(Place.SLIPWAY, "news.refused id=d2 reason=no", mood=Mood.BAD)


def test_a_block_is_shown_without_its_markup() -> None:
    """Rows of two columns, of this environment alone."""
    block = "| Environment | `{0}` |\n| :-- | :-- |\n| Result | success |\n"
    text = "".join(
        f"<!-- slipway:{name}:begin -->\n\n{block.format(name)}\n<!-- slipway:{name}:end -->\n" for name in ("b", "a")
    )
    assert shown_block(text, "a") == ("Environment  a", "Result       success")
    assert shown_block("written by hand", "a") == ()


def test_a_curl_line_is_quoted_for_a_shell() -> None:
    """Whatever is in a header or a path stays one word."""
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "release",
        "X-GitHub-Delivery": "it's",
        "X-Hub-Signature-256": "sha256=00",
        "Accept": "*/*",
    }
    line = curl_line("http://127.0.0.1:1/x", headers, Path("/a b/v1.json"))
    assert "'X-GitHub-Delivery: it'\"'\"'s'" in line
    assert "--data-binary '@/a b/v1.json'" in line
    assert "Accept" not in line


class Terminal(io.StringIO):
    """A standard output that somebody looks at."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


@pytest.mark.parametrize(
    ("output", "no_color", "coloured"),
    [
        pytest.param(Terminal(), "", True, id="a terminal"),
        pytest.param(Terminal(), "1", False, id="a terminal with NO_COLOR"),
        pytest.param(io.StringIO(), "", False, id="a pipe"),
    ],
)
def test_colours_are_for_those_who_look(
    output: io.StringIO, no_color: str, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a pipe and with NO_COLOR it is plain text, also where FORCE_COLOR is set."""
    monkeypatch.setattr(sys, "stdout", output)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("FORCE_COLOR", "1")
    Page().tell(Told(Place.AZURE, "ready", ("more",), Mood.GOOD))
    assert ("\x1b" in output.getvalue()) is coloured


def test_long_lines_are_wrapped_beside_the_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """Never wider than 80, and the words stay in their column."""
    Page().tell(Told(Place.SLIPWAY, "word " * 40))
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("  0.0  slipway  word ")
    assert rest
    assert all(line.startswith(" " * 16 + "word") and len(line) <= 80 for line in rest)
