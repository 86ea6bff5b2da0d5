"""`hh:mm:ss` as .NET reads it, which host.json and timer schedules use. Pure."""

import re
from datetime import timedelta

_TIMESPAN = re.compile(
    r"(?:(?P<days>\d{1,7})\.)?(?P<first>\d{1,2}):(?P<second>\d{1,2})(?::(?P<third>\d{1,2})(?:\.(?P<part>\d{1,7}))?)?"
)


def parse_timespan(text: str) -> timedelta | None:
    """Read `[days.]hh:mm[:ss[.part]]`; None where the text is something else.

    A first number of 24 or more without days means days, hours and minutes, as in .NET: `24:00:00` is 24 days.
    Days have 7 digits at most: .NET's TimeSpan ends after 10,675,199 of them.
    Source: *Timer trigger for Azure Functions*, "TimeSpan".
    """
    match = _TIMESPAN.fullmatch(text)
    if match is None:
        return None
    first, second, third = int(match["first"]), int(match["second"]), int(match["third"] or 0)
    part = timedelta(seconds=float(f"0.{match['part'] or 0}"))
    if first >= 24:
        if match["days"] or second >= 24 or third >= 60:
            return None
        return timedelta(days=first, hours=second, minutes=third) + part
    if second >= 60 or third >= 60:
        return None
    return timedelta(days=int(match["days"] or 0), hours=first, minutes=second, seconds=third) + part
