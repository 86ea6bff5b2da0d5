"""People who type in Slack: signed slash commands over HTTP, as Slack sends them."""

from local.chat.deliveries import Person, slash_command
from local.demo.page import Mood, Page, Place, Told
from local.demo.story import Story
from local.stack.answers import Answer, send, session
from local.stack.chat import MONA, SIGNING_SECRET, SLACK_CHANNEL

BEN = Person("U0BEN", "ben")
"""Somebody else who may command."""
EVE = Person("U0EVE", "eve")
"""Somebody who is on no list."""

ALLOW = {"slack": [MONA.id, BEN.id]}
"""Who may command."""

ONE_MOMENT = "One moment."
"""What a question is answered at once; the answer follows in the channel."""

_PLACES = {MONA: Place.MONA, BEN: Place.BEN, EVE: Place.EVE}


def type_at(app: str, who: Person, text: str, at: float | None = None) -> Answer:
    """Let Slack send what somebody typed to the app at this address, and return what they are answered.

    `at` is when, in seconds since 1970; now by default.
    """
    headers, body = slash_command(SIGNING_SECRET, text, user=who, channel=SLACK_CHANNEL, at=at)
    return send(session(), f"{app}/api/hooks/slack", headers, body)


def say(page: Page, app: str, text: str) -> int:
    """Type one command as mona; write what she is answered. Return the exit code."""
    answer = type_at(app.rstrip("/"), MONA, text)
    if answer.status == 0:
        page.say(f"Nobody answers at {app} ({answer.text}). Is make serve running there?", Mood.BAD)
    else:
        page.say(str(answer.body.get("text") or f"{answer.status} {answer.text}"))
    return 0 if answer.status == 200 else 1


def type_in_slack(story: Story, who: Person, text: str) -> str:
    """Tell it, with the answer that only they see; return that. Raises Missing."""
    story.page.tell(Told(_PLACES[who], f"/slipway {text}"))
    answer = type_at(story.stack.host.url, who, text, story.now.timestamp())
    story.expect(answer.status == 200, f"200 for /slipway {text}, not {answer.status} {answer.text}")
    shown = str(answer.body.get("text", ""))
    story.page.tell(Told(Place.SLACK, f"to {who.name} alone: {shown}", drawn=shown != ONE_MOMENT))
    return shown
