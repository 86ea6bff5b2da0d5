"""How long the other side asks us to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.web.waits import LONGEST, SOONEST, retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        pytest.param("7", timedelta(seconds=7), id="seconds"),
        pytest.param("0", SOONEST, id="at once is a second"),
        pytest.param("999999999999", LONGEST, id="an hour at most"),
        pytest.param("Sun, 01 Mar 2026 12:02:00 GMT", timedelta(minutes=2), id="a date"),
        pytest.param("Sun, 01 Mar 2026 12:02:00 -0000", timedelta(minutes=2), id="UTC without saying so"),
        pytest.param("Sun, 01 Mar 2026 11:00:00 GMT", SOONEST, id="a date in the past"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 -1200", LONGEST, id="behind the last date there is"),
        pytest.param("Thu, 01 Jan 99999999999999999999 00:00:00 GMT", None, id="a year that there is not"),
        pytest.param("Thu, 01 Jan 2026 00:00:00 +99999999999999999", None, id="a zone that there is not"),
        pytest.param("soon", None, id="nonsense"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_header_is_a_wait(value: str, wait: timedelta | None) -> None:
    """Seconds or a date, between a second and an hour."""
    assert retry_after({"retry-after": value}, NOW) == wait


@given(st.text(max_size=40))
def test_no_header_raises_or_waits_for_ever(value: str) -> None:
    """Whatever stands in it."""
    asked = retry_after({"retry-after": value}, NOW)
    assert asked is None or SOONEST <= asked <= LONGEST
