"""What an answer of GitHub asks us to wait for."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.github_api.limits import UNSAID, limited
from handlers.web.waits import LONGEST

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
PRIMARY = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}


@pytest.mark.parametrize(
    ("status", "headers", "message", "seconds"),
    [
        (429, {}, "", 60),
        (429, {"retry-after": "7"}, "", 7),
        (403, {"retry-after": "7"}, "You have exceeded a secondary rate limit", 7),
        (403, {}, "You have exceeded a secondary rate limit.", 60),
        (403, {}, "You have triggered an abuse detection mechanism.", 60),
        (403, PRIMARY, "API rate limit exceeded for user ID 1.", 91),
        (429, PRIMARY, "", 91),
        (403, {"retry-after": "7", **PRIMARY}, "", 7),
        (403, {"retry-after": "0"}, "", 1),
        (403, {"retry-after": "999999999999"}, "", 3600),
        (403, {"retry-after": "Sun, 01 Mar 2026 12:02:00 GMT"}, "", 120),
        (403, {"retry-after": "soon"}, "rate limit", 60),
        (403, {"x-ratelimit-remaining": "0"}, "", 60),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, "", 1),
    ],
    ids=[
        "429 alone",
        "429 with seconds",
        "secondary with seconds",
        "secondary without",
        "secondary as it was called",
        "primary",
        "primary as 429",
        "seconds before reset",
        "at once is a second",
        "an hour at most",
        "a date",
        "nonsense",
        "no reset",
        "reset long ago",
    ],
)
def test_limits_say_how_long(status: int, headers: dict[str, str], message: str, seconds: int) -> None:
    """Seconds to wait for every way in which GitHub limits."""
    assert limited(status, headers, message, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("status", "headers", "message"),
    [
        (403, {"x-ratelimit-remaining": "4999"}, "Resource not accessible by integration"),
        (404, {"x-ratelimit-remaining": "0"}, "Not Found"),
        (422, {"retry-after": "7"}, "Validation Failed"),
        (500, {"retry-after": "7"}, ""),
    ],
    ids=["permission", "not found", "invalid", "server error"],
)
def test_what_is_no_limit(status: int, headers: dict[str, str], message: str) -> None:
    """A refusal is not waited out."""
    assert limited(status, headers, message, NOW) is None


@given(st.text(max_size=40))
def test_no_header_raises_or_waits_for_ever(value: str) -> None:
    """Whatever stands in the headers."""
    wait = limited(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": value}, "", NOW)
    assert wait is not None
    assert timedelta(0) < wait <= max(LONGEST, UNSAID)
