"""Timers: what is remembered between starts, and timers of hosts that run as processes."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from azure.storage.blob import BlobClient

from handlers.timers.ncrontab import Every, parse_schedule
from local.azurite import Azurite
from local.host.timer_status import (
    CONTAINER,
    TimerStatus,
    after_run,
    first_status,
    is_past_due,
    read_status,
    resumed_status,
)
from tests.conftest import Names
from tests.host.conftest import SEE, App, RunningHost

HOURLY = parse_schedule("0 * * * *")
NOON = datetime(2024, 5, 15, 12, 0, tzinfo=UTC)
HALF_PAST = NOON + timedelta(minutes=30)
ONE = NOON + timedelta(hours=1)
TWO = NOON + timedelta(hours=2)


def test_a_new_timer_is_due_at_its_next_tick() -> None:
    """It owes nothing."""
    status = first_status(HOURLY, HALF_PAST)
    assert status == TimerStatus(None, ONE, HALF_PAST)
    assert not is_past_due(status, HALF_PAST)


@pytest.mark.parametrize(
    ("started", "scheduled", "due"),
    [
        pytest.param(ONE + timedelta(seconds=2), True, TWO, id="a little late"),
        pytest.param(ONE - timedelta(milliseconds=3), True, TWO, id="a little early counts for its tick"),
        pytest.param(HALF_PAST, False, ONE, id="run_on_startup does not take the tick away"),
        pytest.param(TWO + timedelta(minutes=1), True, NOON + timedelta(hours=3), id="after ticks in a run"),
    ],
)
def test_after_a_run_the_next_tick_is_due(started: datetime, due: datetime, *, scheduled: bool) -> None:
    """Reckoned from the start of the run."""
    assert after_run(HOURLY, TimerStatus(NOON, ONE, NOON), started, scheduled=scheduled).next == due


def test_a_tick_missed_between_two_starts_is_past_due() -> None:
    """Last ran at noon, due at one, started again at two."""
    status = resumed_status(HOURLY, TimerStatus(NOON, ONE, NOON), TWO)
    assert is_past_due(status, TWO)


def test_a_timer_that_never_ran_can_be_past_due() -> None:
    """First start at half past, next start at two."""
    assert is_past_due(resumed_status(HOURLY, first_status(HOURLY, HALF_PAST), TWO), TWO)


def test_a_tick_that_is_still_ahead_is_not_past_due() -> None:
    """A quick restart runs nothing twice."""
    assert not is_past_due(resumed_status(HOURLY, TimerStatus(NOON, ONE, NOON), HALF_PAST), HALF_PAST)


def test_a_changed_schedule_owes_nothing() -> None:
    """The kept tick is not one of the new schedule."""
    kept = TimerStatus(NOON, ONE, NOON)
    assert resumed_status(parse_schedule("15 * * * *"), kept, TWO) == TimerStatus(
        None, TWO + timedelta(minutes=15), TWO
    )


def test_a_changed_schedule_keeps_a_tick_that_is_still_ahead() -> None:
    """Reckoned from the last run."""
    kept = TimerStatus(NOON, ONE, NOON)
    now = NOON + timedelta(minutes=10)
    assert resumed_status(parse_schedule("15 * * * *"), kept, now).next == NOON + timedelta(minutes=15)


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(TimerStatus(NOON, ONE, NOON), id="after a run"),
        pytest.param(first_status(Every(timedelta(minutes=5)), NOON), id="before the first run"),
        pytest.param(TimerStatus(None, None, NOON), id="never due"),
    ],
)
def test_a_status_is_read_as_it_is_written(status: TimerStatus) -> None:
    """The fields that the host writes."""
    assert read_status(json.dumps(status.to_json())) == status


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Last": 1, "Next": 2, "LastUpdated": 3}'])
def test_a_broken_status_counts_as_none(text: str) -> None:
    """Rather than stop the app."""
    assert read_status(text) is None


TIMERS = f"""{SEE}
@app.timer_trigger("timer", "%WHEN%")
async def by_schedule(timer: func.TimerRequest):
    see(past_due=timer.past_due, status=timer.schedule_status)

@app.timer_trigger("timer", "0 0 30 2 *", run_on_startup=True, use_monitor=False)
def at_the_start(timer: func.TimerRequest):
    see(past_due=timer.past_due, status=timer.schedule_status)

@app.timer_trigger("timer", "0 0 30 2 *", use_monitor=False)
def by_hand(timer: func.TimerRequest):
    see(past_due=timer.past_due, status=timer.schedule_status)
"""
NOT_MONITORED = {"past_due": False, "status": {}}


@pytest.fixture(scope="module")
def host(shared_app: App) -> RunningHost:
    """Run one host whose timers need no storage."""
    return shared_app.write(TIMERS).run(WHEN="* * * * * *")


def test_a_timer_fires_by_its_schedule(shared_app: App, host: RunningHost) -> None:
    """Every second, from a setting; ticks this near are not monitored."""
    assert shared_app.seen(2, by="by_schedule")[:2] == [NOT_MONITORED] * 2


def test_a_timer_fires_at_the_start_where_told(shared_app: App, host: RunningHost) -> None:
    """`run_on_startup`."""
    assert shared_app.seen(1, by="at_the_start") == [NOT_MONITORED]


def test_a_timer_fires_by_hand(shared_app: App, host: RunningHost) -> None:
    """`POST /admin/functions/{name}`; the input does not matter."""
    assert host.call("POST", "/admin/functions/by_hand", json={"input": ""}).status_code == 202
    assert shared_app.seen(1, by="by_hand") == [NOT_MONITORED]


MIDNIGHT = f"""{SEE}
@app.timer_trigger("timer", "0 0 * * *")
def tick(timer: func.TimerRequest):
    see(past_due=timer.past_due, status=timer.schedule_status)
"""


@pytest.mark.azurite
def test_a_missed_tick_fires_once_at_the_start(app: App, azurite: Azurite, names: Names) -> None:
    """The status blob of an earlier start says that a tick was due; the new one says that it ran."""
    app.write(MIDNIGHT)
    environment = {"AzureWebJobsStorage": azurite.connection_string, "AzureFunctionsWebHost__hostid": names.prefix}
    app.run(**environment).child.stop()
    assert app.seen(0) == []
    blob = BlobClient.from_connection_string(azurite.connection_string, CONTAINER, f"timers/{names.prefix}/tick/status")
    assert json.loads(blob.download_blob().readall())["Last"].startswith("0001-01-01")
    last = datetime.now(UTC) - timedelta(days=3)
    kept = TimerStatus(last, parse_schedule("0 0 * * *").after(last), last)
    blob.upload_blob(json.dumps(kept.to_json()), overwrite=True)
    host = app.run(**environment)
    assert app.seen(1) == [{"past_due": True, "status": kept.to_json()}]
    host.child.stop()
    written = read_status(blob.download_blob().readall().decode())
    assert written is not None
    assert not is_past_due(written, datetime.now(UTC))
