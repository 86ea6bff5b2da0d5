"""Adaptive Cards by Microsoft's schema, and by what Teams documents beside it."""

from typing import Any

import pytest
import requests

from handlers.sinks.teams_card import adaptive_card
from handlers.voices.teams import card as spoken
from local.chat.adaptive_card import ACTIONS, PUBLISHED, mistakes, published
from local.chat.server import FakeChats
from tests.sinks.test_fake_chats import CARD, changed

TEXT = {"type": "TextBlock", "text": "x"}
OPEN = {"type": "Action.OpenUrl", "title": "Look", "url": "https://example.org"}


def test_the_schema_is_microsofts() -> None:
    """Whole: 1.5 is the version that brought tables. Its licence is beside it."""
    assert published()["id"] == "http://adaptivecards.io/schemas/adaptive-card.json"
    assert published()["definitions"]["Table"]["version"] == "1.5"
    assert "Copyright (c) 2017 Microsoft" in PUBLISHED.with_name("LICENSE").read_text(encoding="utf-8")
    assert PUBLISHED.name in PUBLISHED.with_name("README.md").read_text(encoding="utf-8")


def of(*body: object, version: str = "1.2", **more: object) -> dict[str, Any]:
    """Make a card."""
    return {"type": "AdaptiveCard", "version": version, "body": list(body), **more}


def box(item: dict[str, Any], kind: str = "Container") -> dict[str, Any]:
    """Put an element into another."""
    return {"type": kind, "items": [item]}


@pytest.mark.parametrize(
    ("path", "value", "mistake"),
    [
        (("version",), "1.6", "card.version: must be 1.0 to 1.5"),
        (("version",), "1.1", "card.body[0].bleed: needs version 1.2"),
        (("msteams",), {"width": "Full"}, "card.msteams: no such property"),
        (("body", 0, "style"), "red", "card.body[0].style: not one of its values"),
        (("body", 1, "type"), "Text", "card.body[1]: no element that is known here"),
        (("body", 1, "wrap"), True, "card.body[1].wrap: no such property"),
        (("body", 1, "inlines", 0, "text"), 3, "card.body[1].inlines[0].text: not one of its values"),
        (("body", 1, "inlines", 0), {"type": "TextRun"}, "card.body[1].inlines[0].text: missing"),
        (("type",), "MessageCard", "card: must be an object of type AdaptiveCard"),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_a_card_of_ours_with_one_thing_wrong(path: tuple[Any, ...], value: object, mistake: str) -> None:
    """Each of its rules refuses a card that is right in everything else."""
    assert mistake in mistakes(changed(adaptive_card(CARD), path, value))


@pytest.mark.parametrize(
    ("card", "mistake"),
    [
        (of({"type": "TextBlock"}), "card.body[0].text: missing"),
        (of({**TEXT, "colour": "good"}), "card.body[0].colour: no such property"),
        (of({**TEXT, "weight": 3}), "card.body[0].weight: not one of its values"),
        (of({**TEXT, "size": "xlargex"}), "card.body[0].size: not one of its values"),
        (of({"type": "FactSet", "facts": [{"title": "a"}]}), "card.body[0].facts[0].value: missing"),
        (
            of({"type": "Container", "items": [{"type": "Container", "items": [{}]}]}),
            "card.body[0].items[0].items[0]: ",
        ),
        (of({"type": "RichTextBlock", "inlines": ["a", 3]}), "card.body[0].inlines[1]: not one of its values"),
        (of({"type": "Table", "rows": []}), "card.body[0]: needs version 1.5"),
        (of({**TEXT, "style": "heading"}), "card.body[0].style: needs version 1.5"),
        (of(TEXT, version="1.0", minHeight="50px"), "card.minHeight: needs version 1.2"),
        (of("text"), "card.body[0]: not one of its values"),
        (of(actions=[{"type": "Action.OpenUrl", "title": "Look"}]), "card.actions[0].url: missing"),
        (of(actions=[{"type": "Action.Execute", "title": "Go"}]), "card.actions[0]: needs version 1.4"),
        (of(actions=[{"type": "Action.Http", "title": "Go"}]), "card.actions[0]: no element that is known here"),
        (
            of(actions=[{"type": "Action.Submit", "title": "Go"}]),
            "card.actions[0]: Teams has no Action.Submit in a card from a webhook",
        ),
        (
            of({"type": "ActionSet", "actions": [{"type": "Action.ShowCard", "card": of({"type": "TextBlock"})}]}),
            "card.body[0].actions[0].card.body[0].text: missing",
        ),
        ({"type": "AdaptiveCard", "body": []}, "card.version: must be 1.0 to 1.5"),
        (of(version="0.5"), "card.version: must be 1.0 to 1.5"),
    ],
)
def test_what_the_schema_or_teams_refuses(card: dict[str, Any], mistake: str) -> None:
    """With the place, however deep."""
    assert any(one.startswith(mistake) for one in mistakes(card)), mistakes(card)


@pytest.mark.parametrize(
    "card",
    [
        of({**TEXT, "color": "GOOD", "size": "extraLarge", "weight": "Bolder"}),
        of(
            {"type": "Table", "rows": [{"type": "TableRow", "cells": [{"type": "TableCell", "items": [TEXT]}]}]},
            version="1.5",
        ),
        of({"type": "ColumnSet", "columns": [{**box(TEXT, "Column"), "width": "auto"}]}),
        of({**TEXT, "fallback": "drop"}, TEXT, actions=[OPEN]),
        of({"type": "RichTextBlock", "inlines": ["a", {"type": "TextRun", "text": "b", "selectAction": OPEN}]}),
        of(actions=[{"type": "Action.ToggleVisibility", "targetElements": ["a"]}]),
        of(),
    ],
    ids=["words in any case", "table", "columns", "fallback and button", "runs", "toggle", "empty"],
)
def test_what_the_schema_allows(card: dict[str, Any]) -> None:
    """Also elements that no card of ours has."""
    assert mistakes(card) == []


def test_the_actions_of_teams_are_in_the_schema() -> None:
    """All but one of it."""
    in_the_schema = {name for name in published()["definitions"] if name.startswith("Action.")}
    assert in_the_schema - ACTIONS == {"Action.Submit"}


def test_what_is_said_in_teams_fits() -> None:
    """Any text."""
    assert mistakes(spoken("one\n\ntwo <at>x</at> [a](b)")) == []


def test_a_workflow_refuses_a_card_that_does_not_fit(chats: FakeChats) -> None:
    """The real one says so only in its history."""
    envelope = {
        "type": "message",
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "content": of({"type": "TextBlock"})}
        ],
    }
    answer = requests.post(chats.workflow_url(chats.world.workflows["releases"]), json=envelope, timeout=5)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "card.body[0].text: missing")
