"""One progress of several pieces of work, each with a share of the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.progress import Progress

if TYPE_CHECKING:
    from archive.progress import ProgressListener

WHOLE = 1000
"""How many steps a job has, whatever it does."""


def share(listener: ProgressListener, first: int, last: int) -> ProgressListener:
    """Return a listener whose work is the steps from `first` to `last` of `WHOLE`.

    It never goes back: how long some of the work takes is not known, and it is told without a total.
    """
    reached = first

    def heard(progress: Progress, /) -> None:
        nonlocal reached
        part = progress.done / progress.total if progress.total else 0.0
        reached = max(reached, first + round((last - first) * min(max(part, 0.0), 1.0)))
        listener(Progress(reached, WHOLE, progress.what))

    return heard
