"""When a timer last ran and is due next: decided here, kept as a blob. The decisions are pure.

The blob is `azure-webjobs-hosts/timers/<host id>/<function>/status` in the account of AzureWebJobsStorage, with the
fields that the host writes: `{"Last": ..., "Next": ..., "LastUpdated": ...}` (UTC, ISO 8601).
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError

from handlers.timers.ncrontab import Cron, Every, Schedule

if TYPE_CHECKING:
    from azure.storage.blob.aio import BlobServiceClient

CONTAINER = "azure-webjobs-hosts"


@dataclass(frozen=True)
class TimerStatus:
    """What is remembered of one timer."""

    last: datetime | None
    """Start of the last run; None before the first."""
    next: datetime | None
    """When it is due; None where its schedule never fires."""
    updated: datetime
    """The instant from which `next` was reckoned."""

    def to_json(self) -> dict[str, str]:
        """Write the fields that the host writes."""
        return {"Last": _write(self.last), "Next": _write(self.next), "LastUpdated": _write(self.updated)}


_NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""What .NET writes for no instant."""


def is_monitored(schedule: Schedule, now: datetime) -> bool:
    """Say whether missed ticks are remembered: only where ticks lie a minute or more apart, as in the host."""
    match schedule:
        case Every(interval):
            return interval >= timedelta(minutes=1)
        case Cron():
            first = schedule.after(now)
            second = None if first is None else schedule.after(first)
            return second is None or second > now + timedelta(minutes=1)


def first_status(schedule: Schedule, now: datetime) -> TimerStatus:
    """Say what a timer starts with that has no history."""
    return TimerStatus(None, schedule.after(now), now)


def resumed_status(schedule: Schedule, kept: TimerStatus, now: datetime) -> TimerStatus:
    """Say what a timer starts with that ran before: where its schedule has changed, a tick in the past is not owed."""
    start = kept.last or kept.updated
    expected = schedule.after(start)
    if expected == kept.next:
        return kept
    if expected is not None and now > expected:
        return first_status(schedule, now)
    return TimerStatus(None, expected, start)


def is_past_due(status: TimerStatus, now: datetime) -> bool:
    """Say whether a tick was missed."""
    return status.next is not None and now > status.next


def after_run(schedule: Schedule, status: TimerStatus, started: datetime, *, scheduled: bool) -> TimerStatus:
    """Say when a timer is due after a run. A scheduled run that came a little early counts for its tick."""
    instant = max(started, status.next) if scheduled and status.next is not None else started
    return TimerStatus(instant, schedule.after(instant), instant)


def read_status(text: str) -> TimerStatus | None:
    """Read a kept status; None where it cannot be read, which counts as none."""
    try:
        kept = json.loads(text)
        last, due, updated = (_read(kept[name]) for name in ("Last", "Next", "LastUpdated"))
    except (ValueError, TypeError, KeyError):
        return None
    return None if updated is None else TimerStatus(last, due, updated)


def _write(instant: datetime | None) -> str:
    return (instant or _NEVER).isoformat()


def _read(text: str) -> datetime | None:
    instant = datetime.fromisoformat(text).astimezone(UTC)
    return None if instant.year <= _NEVER.year else instant


class TimerStatusBlobs:
    """Keeps the status of timers between starts."""

    def __init__(self, service: "BlobServiceClient", host_id: str) -> None:
        self._service = service
        self._container = service.get_container_client(CONTAINER)
        self._host_id = host_id

    async def create(self) -> None:
        """Create the container if need be. Raises AzureError."""
        try:
            await self._container.create_container(retry_total=0)
        except ResourceExistsError:
            return

    async def read(self, function: str) -> TimerStatus | None:
        """Fetch what is kept; None where nothing is. Raises AzureError."""
        try:
            download = await self._container.download_blob(self._blob(function))
        except ResourceNotFoundError:
            return None
        return read_status((await download.readall()).decode(errors="replace"))

    async def write(self, function: str, status: TimerStatus) -> AzureError | None:
        """Keep a status as well as may be; what went wrong is returned, because a run must not fail for it."""
        try:
            await self._container.upload_blob(self._blob(function), json.dumps(status.to_json()), overwrite=True)
        except AzureError as error:
            return error
        return None

    async def close(self) -> None:
        """Close the connection."""
        await self._service.close()

    def _blob(self, function: str) -> str:
        return f"timers/{self._host_id}/{function}/status"
