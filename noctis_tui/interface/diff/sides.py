"""The two sides that the comparison is about, read when the screen is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.comparing.sides import side_of_row
from archive.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.comparing import InstanceRef
    from archive.index.database import Index
    from archive.index.worklist import SeriesRow, StudyRow


@dataclass(frozen=True, slots=True)
class Side:
    """One side: what it is called, and its instances; not read on the event loop.

    Attributes
    ----------
    title
        It may hold peer text.
    """

    title: str
    read: Callable[[], Sequence[InstanceRef]]


def instances_of(index: Index, row: StudyRow | SeriesRow) -> list[InstanceRef]:
    """Return the instances of a study or a series.

    Raises
    ------
    NotFound
        It has none any more.
    """
    refs = side_of_row(index, row)
    if not refs:
        raise NotFound("One side of the comparison is no longer in the archive.")
    return refs
