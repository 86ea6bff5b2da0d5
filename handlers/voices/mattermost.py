"""Speaking in Mattermost."""

from handlers.chat_api.mattermost import Attachments, MattermostApi
from handlers.errors import SinkRefused
from handlers.model import Actor, MattermostPlace, Place
from handlers.ports import Offer
from handlers.sinks.mattermost_buttons import MattermostButtons
from handlers.sinks.mattermost_text import set_apart
from handlers.voices.lines import addressed, lines_of, shortened

LONGEST = 16_000
"""Characters; Mattermost's limit is 16,383."""


class MattermostVoice:
    """Speaks as the bot."""

    def __init__(self, api: MattermostApi, buttons: MattermostButtons | None = None) -> None:
        """Without `buttons` an offer stands in the text alone."""
        self._api = api
        self._buttons = buttons

    def say(self, place: Place, text: str, key: str, offer: Offer | None = None) -> None:
        """Write a text in the channel. Raises Unavailable, SinkRefused."""
        if not isinstance(place, MattermostPlace):
            raise SinkRefused(f"{place.kind} is not Mattermost")
        attachments: Attachments = ()
        if offer is not None and self._buttons is not None:
            attachments = self._buttons.attach(offer.label, offer.command, place.channel, offer.until)
        self._api.post(place.channel, fixed_width(text), key, f"slipway:{key}:{place.channel}", attachments)

    def whisper(self, place: Place, to: Actor, text: str, key: str) -> None:
        """Say it in the channel: Mattermost lets administrators alone post for one person."""
        self.say(place, addressed(to, text), key)


def fixed_width(text: str) -> str:
    """Write fixed-width text. Pure.

    Indented code rather than a fence: no run of backticks in the text can end it. The server looks for mentions,
    channels and hashtags in the raw text too, so their signs are set apart.
    """
    return "\n".join(f"    {set_apart(line)}" for line in lines_of(shortened(text, LONGEST)))
