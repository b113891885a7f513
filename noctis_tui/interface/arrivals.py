"""Says that studies have arrived: one toast and one notification for all that went quiet together."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.index.worklist import studies
from noctis_tui.interface.worklist.cells import number, patient_name, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from archive.index.database import Index
    from archive.index.worklist import StudyRow
    from noctis_tui.interface.app import NoctisApp

GATHER_SECONDS = 1.0
"""Studies that go quiet within so long are told together."""
REST_SECONDS = 5.0
"""The least time between two toasts: as long as one stands."""
_READ_AT_ONCE = 500
_MODALITIES = 4
_LONGEST = 60
"""A toast is no place for a whole name or description."""


class Arrivals:
    """Gathers the studies that went quiet since the interface was opened; on its event loop.

    Parameters
    ----------
    announce
        Told the studies that are news, together.
    """

    def __init__(self, index: Index, announce: Callable[[Sequence[StudyRow]], None]) -> None:
        self._index = index
        self._announce = announce
        self._opened_at = time.time()
        self._waiting: set[int] = set()
        self._told_at = -math.inf

    def hear(self, quiet: Iterable[int]) -> bool:
        """Take studies up; return whether `tell` is to be called for them."""
        idle = not self._waiting
        self._waiting.update(quiet)
        return idle and bool(self._waiting)

    async def tell(self) -> None:
        """Wait for more, then announce those that something came for while the interface was open.

        Raises
        ------
        NoctisError
            The archive cannot be read; the studies are passed over.
        """
        rest = self._told_at + REST_SECONDS - time.monotonic()
        await asyncio.sleep(max(GATHER_SECONDS, rest))
        ids, self._waiting = sorted(self._waiting), set()
        rows = [row for row in await self._read(ids) if row.last_received_at >= self._opened_at]
        if rows:
            self._told_at = time.monotonic()
            self._announce(rows)

    async def _read(self, ids: Sequence[int]) -> list[StudyRow]:
        found: list[StudyRow] = []
        for start in range(0, len(ids), _READ_AT_ONCE):
            some = ids[start : start + _READ_AT_ONCE]
            found += await self._index.call(studies, self._index, limit=None, ids=some)
        return found


def announce(app: NoctisApp, rows: Sequence[StudyRow]) -> None:
    """Show one toast and one notification of the terminal, as far as the preferences wish."""
    wished = app.preferences.notifications
    if wished.toasts:
        app.say(sentence(rows, patient_data=True))
    app.tell_desktop(sentence(rows, patient_data=wished.patient_data))


def sentence(rows: Sequence[StudyRow], *, patient_data: bool) -> str:
    """Return what has arrived, in a line; names and descriptions only with `patient_data`."""
    images = sum(row.instance_count for row in rows)
    counted = f"{number(images)} image{'s' if images != 1 else ''}"
    if len(rows) > 1:
        return f"{number(len(rows))} studies have arrived: {_by_modality(rows)}, {counted}"
    row = rows[0]
    series = f"{number(row.series_count)} series"
    what = [
        "/".join(map(plain, row.modalities)),
        visible(row.study_description.strip(), _LONGEST) if patient_data else "",
    ]
    who = f"{visible(patient_name(row), _LONGEST)} has arrived" if patient_data else "A study has arrived"
    return f"{who}: {', '.join(filter(None, [' '.join(filter(None, what)), series, counted]))}"


def _by_modality(rows: Sequence[StudyRow]) -> str:
    counts = Counter("/".join(map(plain, row.modalities)) or "?" for row in rows)
    parts = [f"{number(count)} {modality}" for modality, count in counts.most_common(_MODALITIES)]
    rest = len(rows) - sum(count for _, count in counts.most_common(_MODALITIES))
    return ", ".join([*parts, *([f"{number(rest)} others"] if rest else [])])
