"""How much each facility has stored today, kept over restarts."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime
from typing import TYPE_CHECKING

from archive.errors import QuotaReached
from archive.storage.replacing import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from archive.facility import Facility

QUOTAS_NAME = "quotas.json"


def _today() -> str:
    return datetime.now().astimezone().date().isoformat()


class Quotas:
    """Counts the bytes of stored data sets by facility and day of local time; on the event loop only.

    Parameters
    ----------
    path
        Where the counts are kept: what was counted after the last `save` before a crash is forgotten.
    today
        Returns the present day, in ISO 8601.
    """

    def __init__(self, path: Path, facilities: Sequence[Facility], today: Callable[[], str] = _today) -> None:
        self._path = path
        self._today = today
        self._day = today()
        self._spent = _read(path, self._day)
        self._saved = dict(self._spent)
        self._limits: dict[str, int] = {}
        self.limit(facilities)

    def limit(self, facilities: Sequence[Facility]) -> None:
        """Keep to these facilities' quotas from now on."""
        quotas = {each.name: each.daily_quota_bytes for each in facilities}
        self._limits = {name: quota for name, quota in quotas.items() if quota is not None}

    def check(self, facility: str) -> None:
        """Let an instance begin.

        Raises
        ------
        QuotaReached
            The facility has stored as much as it may today.
        """
        limit = self._limits.get(facility)
        if limit is None:
            return
        self._turn_the_day()
        if self._spent.get(facility, 0) >= limit:
            raise QuotaReached(f"{facility} has stored the {limit} bytes that it may store in a day.")

    def spend(self, facility: str, size_bytes: int) -> None:
        """Count an instance that was stored."""
        if facility in self._limits:
            self._spent[facility] = self._spent.get(facility, 0) + size_bytes

    def save(self) -> Callable[[], None] | None:
        """Return what writes the counts, to be called in any thread; None when they are written already."""
        if self._spent == self._saved:
            return None
        self._saved = dict(self._spent)
        content = json.dumps({"day": self._day, "bytes": self._saved}).encode("ascii")

        def write() -> None:
            with contextlib.suppress(OSError):  # a full disk is told to the peers, instance by instance
                replace_file(self._path, content, durable=False)

        return write

    def _turn_the_day(self) -> None:
        day = self._today()
        if day != self._day:
            self._day = day
            self._spent.clear()


def _read(path: Path, day: str) -> dict[str, int]:
    """Read what was spent on that day; a file that is damaged or of another day says nothing."""
    try:
        values = json.loads(path.read_bytes())
        if values["day"] != day:
            return {}
        return {str(name): int(spent) for name, spent in values["bytes"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
