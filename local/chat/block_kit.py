"""What Slack checks in `blocks`, for the blocks that are used here. Pure.

Source: *Reference: blocks*, *Block elements* and *Composition objects*, docs.slack.dev. A block that is not in the
table is refused, so that nothing unchecked is taken for checked.
"""

from collections.abc import Callable, Iterator
from typing import Any

MAX_BLOCKS = 50
MAX_BLOCK_ID = 255

_RICH = {"rich_text_section", "rich_text_preformatted", "rich_text_quote"}

Check = Callable[[dict[str, Any], str], Iterator[str]]


def mistakes(blocks: object) -> list[str]:
    """Return what is wrong with a message's blocks: `rule [json-pointer:/blocks/0/text]`, as Slack writes it."""
    if not isinstance(blocks, list):
        return ["must be an array [json-pointer:/blocks]"]
    if len(blocks) > MAX_BLOCKS:
        return [f"no more than {MAX_BLOCKS} items allowed [json-pointer:/blocks]"]
    return [mistake for index, block in enumerate(blocks) for mistake in _block(block, f"/blocks/{index}")]


def _block(block: object, at: str) -> Iterator[str]:
    if not isinstance(block, dict):
        yield _wrong("must be an object", at)
        return
    known = _BLOCKS.get(str(block.get("type")))
    if known is None:
        yield _wrong(f"unsupported type: {block.get('type')}", f"{at}/type")
        return
    fields, check = known
    yield from _only(block, {"type", "block_id", *fields}, at)
    if "block_id" in block and not (isinstance(block["block_id"], str) and len(block["block_id"]) <= MAX_BLOCK_ID):
        yield _wrong(f"must be at most {MAX_BLOCK_ID} characters", f"{at}/block_id")
    yield from check(block, at)


def _header(block: dict[str, Any], at: str) -> Iterator[str]:
    yield from _text(block.get("text"), f"{at}/text", 150, plain=True)


def _section(block: dict[str, Any], at: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield _wrong("missing required field: text or fields", at)
    if "text" in block:
        yield from _text(block["text"], f"{at}/text", 3000)
    fields = block.get("fields", [])
    if not isinstance(fields, list) or len(fields) > 10:
        yield _wrong("no more than 10 items allowed", f"{at}/fields")
        return
    for index, one in enumerate(fields):
        yield from _text(one, f"{at}/fields/{index}", 2000)


def _context(block: dict[str, Any], at: str) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= 10:
        yield _wrong("must have 1 to 10 items", f"{at}/elements")
        return
    for index, one in enumerate(elements):
        yield from _text(one, f"{at}/elements/{index}", 3000)


def _actions(block: dict[str, Any], at: str) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= 25:
        yield _wrong("must have 1 to 25 items", f"{at}/elements")
        return
    for index, one in enumerate(elements):
        yield from _button(one, f"{at}/elements/{index}")
    ids = [one.get("action_id") for one in elements if isinstance(one, dict)]
    if len(set(ids)) != len(ids):
        yield _wrong("action_id must be unique in a block", f"{at}/elements")


def _divider(_block: dict[str, Any], _at: str) -> Iterator[str]:
    yield from ()


def _rich_text(block: dict[str, Any], at: str) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        yield _wrong("must have items", f"{at}/elements")
        return
    for index, one in enumerate(elements):
        place = f"{at}/elements/{index}"
        if not isinstance(one, dict) or one.get("type") not in _RICH:
            yield _wrong("unsupported type", f"{place}/type")
            continue
        yield from _only(one, {"type", "elements", "border"}, place)
        for inner, part in enumerate(one.get("elements") or []):
            if not isinstance(part, dict) or part.get("type") != "text" or not part.get("text"):
                yield _wrong("must be some text", f"{place}/elements/{inner}")


def _button(one: object, at: str) -> Iterator[str]:
    if not isinstance(one, dict) or one.get("type") != "button":
        yield _wrong("must be a button", at)
        return
    yield from _only(one, {"type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"}, at)
    yield from _text(one.get("text"), f"{at}/text", 75, plain=True)
    for name, limit in (("action_id", 255), ("value", 2000), ("url", 3000)):
        if name in one and not (isinstance(one[name], str) and len(one[name]) <= limit):
            yield _wrong(f"must be at most {limit} characters", f"{at}/{name}")
    if one.get("style", "primary") not in {"primary", "danger"}:
        yield _wrong("must be primary or danger", f"{at}/style")
    if "confirm" in one:
        yield from _confirm(one["confirm"], f"{at}/confirm")


def _confirm(one: object, at: str) -> Iterator[str]:
    if not isinstance(one, dict):
        yield _wrong("must be an object", at)
        return
    yield from _only(one, {"title", "text", "confirm", "deny", "style"}, at)
    for name, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        yield from _text(one.get(name), f"{at}/{name}", limit, plain=name != "text")
    if one.get("style", "primary") not in {"primary", "danger"}:
        yield _wrong("must be primary or danger", f"{at}/style")


def _text(one: object, at: str, limit: int, *, plain: bool = False) -> Iterator[str]:
    if not isinstance(one, dict):
        yield _wrong("missing or no object", at)
        return
    kind = one.get("type")
    if kind not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
        yield _wrong(f"unsupported type: {kind}", f"{at}/type")
        return
    yield from _only(one, {"type", "text", "emoji" if kind == "plain_text" else "verbatim"}, at)
    text = one.get("text")
    if not isinstance(text, str) or not 1 <= len(text) <= limit:
        yield _wrong(f"must be 1 to {limit} characters", f"{at}/text")


def _only(one: dict[str, Any], names: set[str], at: str) -> Iterator[str]:
    for name in sorted(set(one) - names):
        yield _wrong(f"invalid additional property: {name}", at)


def _wrong(rule: str, at: str) -> str:
    return f"{rule} [json-pointer:{at}]"


_BLOCKS: dict[str, tuple[set[str], Check]] = {
    "header": ({"text"}, _header),
    "section": ({"text", "fields", "accessory", "expand"}, _section),
    "context": ({"elements"}, _context),
    "actions": ({"elements"}, _actions),
    "divider": (set(), _divider),
    "rich_text": ({"elements"}, _rich_text),
}
