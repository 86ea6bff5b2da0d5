"""Reference readers: what each chat would make of a message, as its documentation and its source say.

They share no code with what writes the messages. Each is stricter than its chat where the chat leaves it open.
"""

import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt

# Slack, *Formatting text*: everything between angle brackets is a mention, a channel, a date or a link.
_SLACK_CONTROL = re.compile(r"<([^<>]*)>")
_SLACK_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_SLACK_FORMAT = re.compile(r"(?<![A-Za-z0-9])([*_~])(?!\s)([^\n]+?)(?<!\s)\1(?![A-Za-z0-9])")
_SLACK_QUOTE = re.compile(r"^&gt;", re.MULTILINE)
_SLACK_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}

# Mattermost, server/public/model: at_mentions.go, channel_mentions.go, hashtags.go.
_AT_MENTION = re.compile(r"\B@[A-Za-z0-9][A-Za-z0-9.\-_:]*")
_CHANNEL_MENTION = re.compile(r"\B~[A-Za-z0-9\-_]+")
_HASHTAG = re.compile(r"#[^\W\d_][\w\-.]*")
_AUTOLINK = re.compile(r"(?:https?|ftp|mailto|javascript|[a-z][a-z0-9+.-]{1,20})://\S|\bwww\.\S", re.IGNORECASE)
_EMOJI = re.compile(r":[a-z0-9_+\-]+:", re.IGNORECASE)
_MARKDOWN = MarkdownIt("gfm-like", {"linkify": False, "breaks": True})

# Teams, *Format cards*: the subset of markdown in a text block, and `<at>` for mentions anywhere.
_TEAMS_MENTION = re.compile(r"</?at\b", re.IGNORECASE)
_TEAMS_MARKUP = re.compile(r"\[[^\]]*\]\([^)]*\)|\*\*?[^*]+\*\*?|__?[^_]+__?|^\s*(?:[-*]|\d+\.)\s", re.MULTILINE)


def slack_effects(payload: dict[str, Any]) -> set[str]:
    """Return everything in a Slack message that is more than text: `<!channel>`, `bold:x`, `stray &`."""
    return {effect for one in _slack_texts(payload) for effect in slack_text_effects(one)}


def slack_text_effects(one: dict[str, Any]) -> Iterator[str]:
    """Return what is more than text in one text object."""
    text = one["text"]
    yield from (f"<{control}>" for control in _SLACK_CONTROL.findall(text))
    bare = re.sub(r"&(?:amp|lt|gt);", "", text)
    yield from (f"stray {letter}" for letter in "&<>" if letter in bare)
    yield from (f"hidden {ord(letter):x}" for letter in text if not letter.isprintable())
    if one["type"] == "mrkdwn":
        outside_code = _SLACK_CODE.sub(" ", text)
        yield from (f"{sign}{words}" for sign, words in _SLACK_FORMAT.findall(outside_code))
        yield from ("stray backtick" for _ in re.findall("`", outside_code))
        yield from ("quote" for _ in _SLACK_QUOTE.findall(text))
    if one["type"] == "mrkdwn" and not one.get("verbatim"):
        yield from (f"link {found}" for found in _AUTOLINK.findall(_SLACK_CODE.sub(" ", text)))
    if one["type"] == "plain_text" and one.get("emoji", True):
        yield from (f"emoji {found}" for found in _EMOJI.findall(text))


def slack_reads(text: str) -> str:
    """Return what a person reads in escaped text."""
    return re.sub("|".join(_SLACK_ENTITIES), lambda found: _SLACK_ENTITIES[found.group()], text)


def _slack_texts(value: object) -> Iterator[dict[str, Any]]:
    """Find every text object, and the fallback as one that has everything on."""
    if isinstance(value, dict):
        if value.get("type") in {"mrkdwn", "plain_text"}:
            yield value
            return
        if isinstance(value.get("text"), str) and "blocks" in value:
            yield {"type": "mrkdwn", "text": value["text"]}
        for one in value.values():
            yield from _slack_texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _slack_texts(one)


def mattermost_effects(message: str) -> set[str]:
    """Return everything in a post that is more than text, bold, code and one heading.

    The server looks through the raw text for mentions, channels and hashtags; the client parses markdown.
    """
    raw = {*_AT_MENTION.findall(message), *_CHANNEL_MENTION.findall(message), *_HASHTAG.findall(message)}
    hidden = {f"hidden {ord(one):x}" for one in message if not one.isprintable() and one not in "\n\u200b"}
    known = {"heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline"}
    tokens = _MARKDOWN.parse(message)
    blocks = {token.type for token in tokens} - known
    headings = {"second heading"} if sum(token.type == "heading_open" for token in tokens) > 1 else set()
    inline = [child for token in tokens for child in token.children or []]
    spans = {child.type for child in inline} - {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
    text = "\n".join(child.content for child in inline if child.type == "text")
    links = {f"link {found}" for found in _AUTOLINK.findall(text)} | {f"emoji {one}" for one in _EMOJI.findall(text)}
    return raw | hidden | blocks | headings | spans - {"hardbreak"} | links


def mattermost_code(message: str) -> list[str]:
    """Return the contents of the code spans, as a person reads them."""
    inline = [child for token in _MARKDOWN.parse(message) for child in token.children or []]
    return [child.content.replace("\u200b", "") for child in inline if child.type == "code_inline"]


def teams_effects(card: dict[str, Any]) -> set[str]:
    """Return everything in an Adaptive Card that is more than text: mentions, entities, markdown where it is read."""
    effects = {"entities"} if "msteams" in card else set()
    for kind, text in _teams_texts(card):
        if _TEAMS_MENTION.search(text):
            effects.add("mention")
        if kind != "TextRun" and (_TEAMS_MARKUP.search(text) or _AUTOLINK.search(text)):
            effects.add(f"markup in {kind}: {text}")
        if kind == "TextRun" and _TEAMS_MARKUP.search(text) and "](" in text:
            effects.add("a link for a client that reads markdown in runs")
        effects |= {f"hidden {ord(one):x}" for one in text if not one.isprintable() and one != "\u200b"}
    return effects


def _teams_texts(value: object, kind: str = "AdaptiveCard") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        kind = str(value.get("type", kind))
        for name, one in value.items():
            if isinstance(one, str) and name in {"text", "title", "value", "fallbackText", "speak"}:
                yield (kind, one)
            else:
                yield from _teams_texts(one, kind)
    elif isinstance(value, list):
        for one in value:
            yield from _teams_texts(one, kind)
