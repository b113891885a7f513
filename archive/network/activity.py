"""What a screen about the receiver shows: live while one runs, else what the last one kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from archive.network.disk_forecast import DiskForecast, forecast_disk
from archive.network.peer_counts import PeerCounts  # noqa: TC001 - pydantic reads the annotation
from archive.network.rate_history import Rates
from archive.network.receiver_record import Totals, read_record
from archive.network.statistics import STATUS_NAME, ReceiverStatus, read_status

if TYPE_CHECKING:
    from archive.local_archive import LocalArchive
    from archive.storage.layout import Layout


@dataclass(frozen=True, slots=True)
class Activity:
    """How receiving goes and went.

    Attributes
    ----------
    status
        What the running receiver says; None when none runs.
    seconds, minutes
        What came in the last five minutes and in the last day.
    totals, peers
        Since the archive exists; of the peers, the ones seen last, newest first.
    disk
        None when the disk cannot be asked.
    """

    status: ReceiverStatus | None
    seconds: Rates
    minutes: Rates
    totals: Totals
    peers: list[PeerCounts]
    disk: DiskForecast | None


@dataclass(frozen=True, slots=True)
class _Live:
    seconds: Rates
    totals: Totals
    peers: list[PeerCounts] = field(default_factory=list)


_LIVE = TypeAdapter(_Live)


def read_activity(archive: LocalArchive) -> Activity:
    """Read what is known; reads two small files and asks the disk, so it belongs into a thread."""
    layout = archive.layout
    status, record = read_status(layout), read_record(layout)
    live = _read_live(layout) if status is not None else None
    try:
        storage = archive.settings.storage
        disk = forecast_disk(archive.root, storage, record.days, record.totals.since)
    except OSError:
        disk = None
    if live is None:
        live = _Live(Rates(1.0), record.totals, record.peers)
    return Activity(status, live.seconds, record.minutes, live.totals, live.peers, disk)


def _read_live(layout: Layout) -> _Live | None:
    try:
        return _LIVE.validate_json((layout.run / STATUS_NAME).read_bytes())
    except (OSError, ValidationError):
        return None
