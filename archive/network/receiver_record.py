"""What the receiver has counted since its archive exists, kept over restarts in one small file."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from archive.network.peer_counts import PeerCounts  # noqa: TC001 - pydantic reads the annotation
from archive.network.rate_history import Rates
from archive.storage.replacing import replace_file

if TYPE_CHECKING:
    from archive.storage.layout import Layout

RECORD_NAME = "statistics.json"
DAYS = 15
"""Days whose bytes are remembered: today and two weeks before it."""
MINUTE_SECONDS, MINUTES = 60.0, 24 * 60


@dataclass(slots=True)
class Totals:
    """Counts since `since`, in seconds since the epoch; refusals by their factor or DIMSE status."""

    since: float = field(default_factory=time.time)
    associations: int = 0
    instances: int = 0
    bytes: int = 0
    refusals: dict[str, int] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        """Associations and instances that were refused."""
        return sum(self.refusals.values())


@dataclass(slots=True)
class ReceiverRecord:
    """Everything that outlives the process.

    Attributes
    ----------
    days
        Local date (2026-01-31) -> bytes that were added to the archive on it.
    minutes
        What came in each minute of the last day.
    """

    totals: Totals = field(default_factory=Totals)
    days: dict[str, int] = field(default_factory=dict)
    minutes: Rates = field(default_factory=lambda: Rates(MINUTE_SECONDS))
    peers: list[PeerCounts] = field(default_factory=list)

    def add_to_day(self, wall: float, byte_count: int) -> None:
        """Count bytes that were added to the archive at a moment, and forget days long past."""
        today = datetime.fromtimestamp(wall).date()  # noqa: DTZ006 - a site thinks in its own days
        name = today.isoformat()
        self.days[name] = self.days.get(name, 0) + byte_count
        if len(self.days) > DAYS:
            oldest = (today - timedelta(days=DAYS - 1)).isoformat()
            self.days = {day: count for day, count in self.days.items() if day >= oldest}


_RECORD = TypeAdapter(ReceiverRecord)


def read_record(layout: Layout) -> ReceiverRecord:
    """Return what was counted so far; a file that is missing or damaged counts from now on."""
    try:
        return _RECORD.validate_json((layout.log / RECORD_NAME).read_bytes())
    except (OSError, ValidationError):
        return ReceiverRecord()


def write_record(layout: Layout, encoded: bytes) -> None:
    """Keep a record, given as JSON; raises OSError when the disk does not take it."""
    replace_file(layout.log / RECORD_NAME, encoded, durable=True)
