"""What a facility's peers use of its limits at this moment: associations, connects, bytes per second."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from archive.network.rates import Bucket, ConnectionRates
from archive.network.refusal import LOCAL_LIMIT_EXCEEDED, Factor, Rejected

if TYPE_CHECKING:
    from archive.facility import Facility

LEAST_BURST_BYTES = 16_384
"""The least that is read at once from a peer that is slowed down."""
_BURSTS_A_SECOND = 8


class Pace:
    """The bytes per second that all peers of one facility share.

    Attributes
    ----------
    burst_bytes
        How much may be read at once.
    """

    def __init__(self, bytes_per_second: int) -> None:
        self.bytes_per_second = bytes_per_second
        self.burst_bytes = max(bytes_per_second // _BURSTS_A_SECOND, LEAST_BURST_BYTES)
        self._bucket = Bucket(self.burst_bytes, bytes_per_second)

    def read(self, size_bytes: int, now: float) -> float:
        """Count what has been read; return for how many seconds nothing more may be."""
        return self._bucket.take(size_bytes, now)


class Places:
    """Counts by the names of facilities; on the event loop only."""

    def __init__(self) -> None:
        self._associations: Counter[str] = Counter()
        self._rates = ConnectionRates()
        self._paces: dict[str, Pace] = {}

    def take(self, facility: Facility, now: float) -> Rejected | None:
        """Take a place for one more association of a facility's peers, or return why there is none."""
        name, most = facility.name, facility.maximum_associations
        if most is not None and self._associations[name] >= most:
            reason = f"{name} may have no more than {_counted(most, 'association')} at a time"
            return Rejected(LOCAL_LIMIT_EXCEEDED, reason, Factor.LIMIT)
        a_minute = facility.connections_per_minute
        if a_minute is not None and not self._rates.allow(name, a_minute, now):
            reason = f"{name} may begin no more than {_counted(a_minute, 'association')} a minute"
            return Rejected(LOCAL_LIMIT_EXCEEDED, reason, Factor.RATE)
        self._associations[name] += 1
        return None

    def give_back(self, name: str) -> None:
        """An association of that facility's has ended."""
        self._associations[name] -= 1
        if self._associations[name] <= 0:
            del self._associations[name]

    def pace(self, facility: Facility) -> Pace | None:
        """Return what slows its peers down; None when nothing does."""
        if facility.bytes_per_second is None:
            return None
        pace = self._paces.get(facility.name)
        if pace is None or pace.bytes_per_second != facility.bytes_per_second:
            pace = self._paces[facility.name] = Pace(facility.bytes_per_second)
        return pace


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
