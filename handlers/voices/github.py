"""Speaking in a pull request on GitHub."""

import re

from handlers.errors import SinkRefused
from handlers.github_api.client import GitHub
from handlers.model import Actor, GitHubPlace, Place
from handlers.ports import Offer
from handlers.sinks.github_comment import upsert
from handlers.sinks.github_text import ONLY_THE_FIRST_LINE
from handlers.voices.lines import lines_of, shortened

LONGEST = 20_000
"""Characters; GitHub's limit is 65,536, and two fences may be as long as the text between them."""

_APART = "\N{ZERO WIDTH SPACE}"


class GitHubVoice:
    """Speaks in comments, as whoever the token or the app is."""

    def __init__(self, github: GitHub) -> None:
        self._github = github

    def say(self, place: Place, text: str, key: str, offer: Offer | None = None) -> None:  # noqa: ARG002 - no buttons
        """Write a comment, once for each key. Raises Unavailable, SinkRefused."""
        if not isinstance(place, GitHubPlace):
            raise SinkRefused(f"{place.kind} is not GitHub")
        body = fixed_width(text) + (f"\n\n{ONLY_THE_FIRST_LINE}" if place.unread else "")
        upsert(self._github, place, f"<!-- slipway:answer:{key} -->", body)

    def whisper(self, place: Place, to: Actor, text: str, key: str) -> None:  # noqa: ARG002 - everybody reads comments
        """Write a comment: GitHub has nothing for one reader. Raises Unavailable, SinkRefused."""
        self.say(place, text, key)


def fixed_width(text: str) -> str:
    """Write fixed-width text in a fence that is longer than any run of backticks in it. Pure.

    Nothing in a fence acts; the signs of mentions are set apart all the same, for who reads the mail about a comment.
    """
    shown = "\n".join(lines_of(shortened(text, LONGEST))).replace("@", f"@{_APART}")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"
