"""What the writer knows of the index from its last groups, so that it need not ask again.

Only one process writes, through one `Index`: what it wrote last is what there is, until a transaction of
another kind, or another file. Ids of patients, sources and UIDs outlast other transactions, too: no such row
is ever changed or deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.index.describing import Row

_MOST = 4_096


@dataclass(slots=True)
class Remembered:
    """Rows and ids by what identifies them; only what is committed, in the file that is open.

    Attributes
    ----------
    counters, studies, series
        As the last group left them; its own only. Not to be changed in place.
    last_write
        `Index.writes` of that group: its rows are the present ones while nothing else was written.
    """

    patients: dict[tuple[str, ...], int] = field(default_factory=dict)
    sources: dict[tuple[str, ...], int] = field(default_factory=dict)
    uids: dict[str, int] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    studies: dict[str, Row] = field(default_factory=dict)
    series: dict[tuple[str, str], Row] = field(default_factory=dict)
    last_write: int = -1

    def keep(self, found: Remembered, write: int) -> None:
        """Remember what a group that is committed has found."""
        _add(self.patients, found.patients)
        _add(self.sources, found.sources)
        _add(self.uids, found.uids)
        self.counters, self.studies, self.series = found.counters, found.studies, found.series
        self.last_write = write

    def forget_rows(self) -> None:
        """Forget what somebody else may have changed."""
        self.counters, self.studies, self.series = {}, {}, {}

    def forget(self) -> None:
        """Remember nothing: the index is another one."""
        self.forget_rows()
        for ids in (self.patients, self.sources, self.uids):
            ids.clear()


def _add(known: dict[Any, int], more: dict[Any, int]) -> None:
    if len(known) > _MOST:  # rather nothing than too much
        known.clear()
    known.update(more)
