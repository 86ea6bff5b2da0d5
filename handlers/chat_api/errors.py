"""What a chat answers beside the errors that everybody has (`handlers.errors`)."""

from datetime import timedelta

from handlers.errors import SlipwayError

OWNER_PATIENCE = timedelta(minutes=5)
"""Our choice: the wait where the owner has to do something first: a token, an invitation, a workflow."""


class MessageGone(SlipwayError):
    """The message that was to be edited is not there any more, or may not be edited any more."""
