"""A card in GitHub's markdown, for a comment. Pure.

Outside text stands in code spans, where GitHub looks for neither mentions nor references, links or markup.
"""

from handlers.model import GitHubPlace
from handlers.sinks.card import Card, Span, Voice
from handlers.sinks.markdown import code

LONGEST = 600
"""Characters of one span; the card's own limits are lower."""

ONLY_THE_FIRST_LINE = "Only the first line of the comment was read."


def text(card: Card, place: GitHubPlace) -> str:
    """Write a comment, without its marker."""
    title = f"**{card.sign} {code(card.what, LONGEST)} → {code(card.where, LONGEST)}**"
    lines = ["".join(_span(span, card.request) for span in line.spans) for line in card.lines]
    hints = [f"{one.purpose}, comment {code(f'/{one.command}', LONGEST)}" for one in card.buttons]
    return "\n".join([title, "", *lines, *hints, *([ONLY_THE_FIRST_LINE] if place.unread else [])])


def _span(span: Span, request: str) -> str:
    match span.voice:
        case Voice.OURS:
            return span.text
        case Voice.STRONG:
            words = span.text.strip()
            return span.text.replace(words, f"**{words}**")
        case Voice.CODE | Voice.QUOTE:
            # What is waited for may be an `approve` with this id; here a command begins with a slash.
            return code(span.text.replace(f" approve {request}", f" /approve {request}"), LONGEST)
