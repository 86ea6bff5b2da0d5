"""What Mattermost checks in a post's `props.attachments`, for the buttons that are used here. Pure.

Source: `PostAction.IsValid` and the route `/posts/{id}/actions/{action_id:[A-Za-z0-9]+}` of the server. A field that is
not in the table is refused, so that nothing unchecked is taken for checked.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

_ATTACHMENT = {"fallback", "pretext", "text", "title", "color", "actions"}
_ACTION = {"id", "type", "name", "style", "integration", "disabled"}
_STYLES = {"default", "primary", "success", "good", "warning", "danger"}
_ID = re.compile(r"[A-Za-z0-9]+")


def mistakes(attachments: object) -> list[str]:
    """Return what is wrong with a post's attachments, each with the place in it."""
    if not isinstance(attachments, list):
        return ["attachments: must be a list"]
    return [wrong for index, one in enumerate(attachments) for wrong in _attachment(one, f"attachments[{index}]")]


def find(attachments: list[dict[str, Any]], label: str) -> dict[str, Any] | None:
    """Return the action with this name."""
    return next((one for attachment in attachments for one in attachment["actions"] if one["name"] == label), None)


def labels(attachments: list[dict[str, Any]]) -> list[str]:
    """Return the names of all actions."""
    return [one["name"] for attachment in attachments for one in attachment["actions"]]


def without_integrations(props: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return properties as clients get them: where a button leads, and its context, are the server's alone."""
    if props is None:
        return None
    shown = copy.deepcopy(dict(props))
    for attachment in shown.get("attachments", []):
        for action in attachment["actions"]:
            action.pop("integration", None)
    return shown


def _attachment(one: object, at: str) -> Iterator[str]:
    if not isinstance(one, dict) or not isinstance(one.get("actions"), list):
        yield f"{at}: must be an object with actions"
        return
    yield from (f"{at}.{name}: not known here" for name in sorted(set(one) - _ATTACHMENT))
    for index, action in enumerate(one["actions"]):
        yield from _action(action, f"{at}.actions[{index}]")


def _action(one: object, at: str) -> Iterator[str]:
    if not isinstance(one, dict) or not one.get("name"):
        yield f"{at}: action must have a name"
        return
    yield from (f"{at}.{name}: not known here" for name in sorted(set(one) - _ACTION))
    if not _ID.fullmatch(str(one.get("id", ""))):
        yield f"{at}.id: no request would be routed to it"
    if one.get("type") != "button":
        yield f"{at}.type: must be button"
    if one.get("style", "default") not in _STYLES:
        yield f"{at}.style: invalid"
    integration = one.get("integration")
    target = urlsplit(str(integration.get("url"))) if isinstance(integration, dict) else None
    if target is None or target.scheme not in {"http", "https"} or not target.netloc:
        yield f"{at}.integration: must have a valid URL"
