"""Buttons that end, as what keeps an environment up does with its night. Pure.

In Slack the time stands in the `block_id` of the row of buttons, which comes back with a press; each is there once.
Source: *Actions block* and *block_actions payload*, docs.slack.dev. In Mattermost it is sealed (`sealed`).
"""

import re
from datetime import UTC, datetime

_BLOCK_ID = re.compile(r"slipway-until-([0-9]{1,12})")


def block_id(until: datetime) -> str:
    """Write until when a row of buttons means something."""
    return f"slipway-until-{int(until.astimezone(UTC).timestamp())}"


def is_over(block: str, now: datetime) -> bool:
    """Say whether the time of a row is over; one that names no time has none."""
    match = _BLOCK_ID.fullmatch(block)
    return match is not None and now.timestamp() >= int(match[1])


def too_late(command: str) -> str:
    """Say to whoever pressed too late that nothing came of it, and what they can type."""
    return f"This button has expired, and nothing has changed. What it stands for can be typed: {command}"
