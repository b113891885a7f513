"""The columns of the worklist, and which of them fit a width."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from archive.index.worklist import Sort
from noctis_tui.interface.worklist import cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.index.worklist import StudyRow

GAP = 2
"""Cells between two columns."""
_ESSENTIAL = 2
"""Columns up to this rank make do with their least width."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its cells, its place in line when there is not room for all, and how it sorts.

    Columns of rank 0 to 2 come as soon as their `least` width fits, the others, lowest rank first, only where
    every column before them has a `good` width. What is left over is shared, up to `most`.
    """

    name: str
    title: str
    cell: Callable[[StudyRow], str]
    rank: int
    least: int
    good: int = 0
    most: int = 0
    right: bool = False
    sort: Sort | None = None
    style: str = "text"

    @property
    def widest(self) -> int:
        """Cells that the column can use."""
        return max(self.least, self.good, self.most)

    @property
    def comfortable(self) -> int:
        """Cells that read well."""
        return max(self.least, self.good)


@dataclass(frozen=True, slots=True)
class PlacedColumn:
    """A column with its width, in cells."""

    column: Column
    width: int


def _received(row: StudyRow) -> str:
    return cells.moment(row.received_at, datetime.now().date())  # noqa: DTZ005 - the clock on the wall


def _modalities(row: StudyRow) -> str:
    return cells.plain("/".join(row.modalities))


def _images(row: StudyRow) -> str:
    return cells.number(row.instance_count)


COLUMNS: tuple[Column, ...] = (
    Column("patient", "Patient", cells.patient_name, 0, 18, 24, 36, sort=Sort.NAME, style="bright"),
    Column("patient_id", "ID", lambda row: cells.plain(row.patient_id), 2, 10, 10, 16, sort=Sort.PATIENT_ID),
    Column("sex_age", "Age", cells.sex_and_age, 4, 5, style="muted"),
    Column("birth_date", "Born", lambda row: cells.day(row.patient_birth_date), 8, 10, style="muted"),
    Column("date", "Date", lambda row: cells.day(row.study_date), 1, 10, sort=Sort.DATE),
    Column("time", "Time", lambda row: cells.clock(row.study_time), 5, 5, style="muted"),
    Column("modalities", "Mod", _modalities, 1, 5, 6, 8, sort=Sort.MODALITIES),
    Column(
        "description",
        "Description",
        lambda row: cells.plain(row.study_description),
        1,
        14,
        26,
        48,
        sort=Sort.DESCRIPTION,
    ),
    Column(
        "accession",
        "Accession",
        lambda row: cells.plain(row.accession_number),
        6,
        10,
        10,
        16,
        sort=Sort.ACCESSION,
        style="muted",
    ),
    Column(
        "referring",
        "Referred by",
        lambda row: cells.person(row.referring_physician_name),
        9,
        14,
        14,
        24,
        style="muted",
    ),
    Column(
        "series",
        "Ser",
        lambda row: cells.number(row.series_count),
        3,
        4,
        right=True,
        sort=Sort.SERIES,
        style="muted",
    ),
    Column("images", "Images", _images, 0, 7, right=True, sort=Sort.INSTANCES, style="count"),
    Column(
        "size",
        "Size",
        lambda row: cells.size(row.size_bytes),
        7,
        8,
        right=True,
        sort=Sort.SIZE,
        style="muted",
    ),
    Column("received", "Received", _received, 4, 10, right=True, sort=Sort.RECEIVED, style="muted"),
)


def columns_for(width: int) -> tuple[PlacedColumn, ...]:
    """Return the columns that fit so many cells, in order, the growing ones as wide as there is room."""
    chosen: list[Column] = []
    for column in sorted(COLUMNS, key=lambda column: column.rank):
        needed = _least if column.rank <= _ESSENTIAL else _comfortable
        if column.rank == 0 or needed([*chosen, column]) <= width:
            chosen.append(column)
    widths = {column.name: column.least for column in chosen}
    _grow(widths, chosen, width - _least(chosen))
    return tuple(PlacedColumn(column, widths[column.name]) for column in COLUMNS if column.name in widths)


def _least(columns: list[Column]) -> int:
    return sum(column.least for column in columns) + GAP * (len(columns) - 1)


def _comfortable(columns: list[Column]) -> int:
    return sum(column.comfortable for column in columns) + GAP * (len(columns) - 1)


def _grow(widths: dict[str, int], columns: list[Column], spare: int) -> None:
    """Give the spare cells away: first what each column needs to read well, then the rest to the longest."""
    for enough in (attrgetter("comfortable"), attrgetter("widest")):
        for column in sorted(columns, key=enough, reverse=True):
            more = max(0, min(spare, enough(column) - widths[column.name]))
            widths[column.name] += more
            spare -= more
