"""How long the disk lasts: what is free above the reserve, against what the last days brought."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.network.receiver_record import DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from archive.settings import StorageSettings

_DAY_SECONDS = 86_400.0
_LEAST_SECONDS = 3_600.0
"""Less than an hour of history says nothing about a day."""


@dataclass(frozen=True, slots=True)
class DiskForecast:
    """What is left of an archive's disk.

    Attributes
    ----------
    free_bytes
        For this user, of `size_bytes`.
    reserve_bytes
        With less than this free every instance is refused (A700).
    bytes_per_day
        Mean of the last days; None while there is too little history.
    """

    free_bytes: int
    size_bytes: int
    reserve_bytes: int
    bytes_per_day: float | None = None

    @property
    def days_left(self) -> float | None:
        """Days until instances are refused; None when nothing comes or too little is known."""
        if not self.bytes_per_day:
            return None
        return max(0, self.free_bytes - self.reserve_bytes) / self.bytes_per_day


def forecast_disk(
    root: Path, settings: StorageSettings, days: Mapping[str, int], since: float, now: float | None = None
) -> DiskForecast:
    """Look at the disk below `root`.

    Parameters
    ----------
    days
        Local date -> bytes that were added on it.
    since
        When counting began, in seconds since the epoch.

    Raises
    ------
    OSError
        The disk cannot be asked.
    """
    disk = os.statvfs(root)
    size = disk.f_blocks * disk.f_frsize
    reserve = max(settings.minimum_free_bytes, int(size * settings.minimum_free_percent / 100))
    rate = bytes_per_day(days, since, time.time() if now is None else now)
    return DiskForecast(disk.f_bavail * disk.f_frsize, size, reserve, rate)


def bytes_per_day(days: Mapping[str, int], since: float, now: float) -> float | None:
    """Return the mean of the days that are remembered, the present one as far as it has come."""
    today = datetime.fromtimestamp(now)  # noqa: DTZ006 - days are local days
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight - timedelta(days=DAYS - 1)
    seconds = now - max(since, first.timestamp())
    if seconds < _LEAST_SECONDS:
        return None
    oldest = first.date().isoformat()
    return sum(count for day, count in days.items() if day >= oldest) * _DAY_SECONDS / seconds
