"""Strangers: whoever may read nothing in a repository is answered there seldom, and asked about seldom. Pure."""

from datetime import datetime, timedelta

from pydantic import AwareDatetime

from handlers.model import Message

ANSWERED_AGAIN_AFTER = timedelta(hours=1)
"""Our choice. GitHub lets a token write 500 comments and the like an hour, and those of everybody count together."""

ASKED_AGAIN_AFTER = timedelta(minutes=5)
"""Our choice: whoever was just taken into a team waits no longer. An answer about one costs about three of the 5,000
requests that GitHub lets a token make an hour."""


class Stranger(Message):
    """Somebody who may read nothing in a repository, as they were last met there."""

    inquiry: str
    """The one that was answered; where it comes again, so does its answer."""
    answered_at: AwareDatetime
    asked_at: AwareDatetime | None
    """When others last said who they are not; None: nobody has said anything yet, and what they ask for waits."""

    @property
    def silent_until(self) -> datetime:
        """From when on another inquiry is answered."""
        return self.answered_at + ANSWERED_AGAIN_AFTER


def meet(there: Stranger | None, inquiry: str, now: datetime, *, asked: bool) -> Stranger:
    """Say how a stranger is remembered who inquires now; answered is what `inquiry` names then.

    `asked` is whether others were asked about them for this.
    """
    if there is None or (there.inquiry != inquiry and now >= there.silent_until):
        return Stranger(inquiry=inquiry, answered_at=now, asked_at=now)
    return there.model_copy(update={"asked_at": now}) if asked else there


def keep_waiting(there: Stranger | None, inquiry: str, now: datetime) -> Stranger:
    """Say how somebody is remembered about whom nobody answers; that it waits is said to what `inquiry` names then."""
    if there is None or (there.inquiry != inquiry and now >= there.silent_until):
        return Stranger(inquiry=inquiry, answered_at=now, asked_at=None)
    return there


def may_be_asked_about(there: Stranger | None, inquiry: str, now: datetime) -> bool:
    """Say whether it is time to ask others about somebody: always, but for a stranger of a moment ago."""
    if there is None or there.inquiry == inquiry or there.asked_at is None:
        return True
    return now - there.asked_at >= ASKED_AGAIN_AFTER
