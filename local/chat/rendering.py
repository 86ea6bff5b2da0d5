"""Messages as a person sees them, as plain text: for the demo, and for whoever looks over a fake's shoulder. Pure."""

import re
from typing import Any

from local.chat.attachments import labels
from local.chat.world import Message

_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_INVISIBLE = re.compile("[\N{ZERO WIDTH SPACE}]")


def render_message(message: Message) -> str:
    """Write a message of any of the three chats."""
    content = message.content
    if "blocks" in content:
        return render_slack(content)
    if "message" in content:
        return render_mattermost(content)
    return render_card(content)


def render_slack(content: dict[str, Any]) -> str:
    """Write `text` and `blocks`; buttons stand in brackets."""
    lines = [line for block in content["blocks"] for line in _slack_block(block)]
    return "\n".join(lines) if lines else _slack_text({"type": "mrkdwn", "text": content["text"]})


def render_mattermost(content: dict[str, Any]) -> str:
    """Write a post without its markup; buttons stand in brackets."""
    shown = re.sub(r"^#+ ", "", str(content["message"]), flags=re.MULTILINE)
    shown = shown.replace("```\n", "").replace("\n```", "").replace("**", "").replace("`", "")
    names = labels(content.get("props", {}).get("attachments", []))
    buttons = [" ".join(f"[{name}]" for name in names)] if names else []
    return "\n".join([_INVISIBLE.sub("", shown), *buttons])


def render_card(card: dict[str, Any]) -> str:
    """Write an Adaptive Card."""
    return _INVISIBLE.sub("", "\n".join(line for element in card.get("body", []) for line in _element(element)))


def _slack_block(block: dict[str, Any]) -> list[str]:
    match block["type"]:
        case "header":
            return [_slack_text(block["text"])]
        case "section":
            return [_slack_text(one) for one in [block.get("text"), *block.get("fields", [])] if one]
        case "context":
            return [" ".join(_slack_text(one) for one in block["elements"])]
        case "actions":
            return [" ".join(f"[{_slack_text(one['text'])}]" for one in block["elements"])]
        case "rich_text":
            return ["".join(part["text"] for part in one["elements"]) for one in block["elements"]]
        case _:
            return ["-" * 20]


def _slack_text(one: dict[str, Any]) -> str:
    text = str(one["text"])
    if one["type"] == "mrkdwn":
        text = re.sub(r"```\n?|\n?```|`", "", text)
        text = re.sub(r"\*([^*\n]+)\*", r"\1", text)
    for entity, letter in _ENTITIES:
        text = text.replace(entity, letter)
    return text


def _element(element: dict[str, Any]) -> list[str]:
    match element["type"]:
        case "Container":
            return [line for item in element["items"] for line in _element(item)]
        case "RichTextBlock":
            return ["".join(run if isinstance(run, str) else run["text"] for run in element["inlines"])]
        case "FactSet":
            return [f"{fact['title']}: {fact['value']}" for fact in element["facts"]]
        case _:
            return [str(element.get("text", ""))]
