"""Textual strips of picture cells: text and colours were made ready beside the event loop."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console

    from noctis_tui.graphics.cells.rows import CellRow
    from noctis_tui.graphics.terminal.cell_terminals import CellColors


class CellStrip(Strip):
    """A strip that is written as it is; its segments are only made when somebody asks for them.

    A segment and a style for each of ten thousand cells would cost more than everything before them.
    """

    __slots__ = ("_made", "_row")

    def __init__(self, row: CellRow) -> None:
        self._row = row
        self._made: list[Segment] | None = None
        super().__init__((), len(row))
        self._made = None

    @property
    def _segments(self) -> list[Segment]:
        if self._made is None:
            self._made = list(_segments(self._row))
        return self._made

    @_segments.setter
    def _segments(self, segments: list[Segment]) -> None:
        self._made = segments

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Divide into strips of cells."""
        ends = [cut for cut in cuts if cut <= len(self._row)]
        return [self.crop(start, end) for start, end in pairwise([0, *ends])]

    def crop(self, start: int, end: int | None = None) -> Strip:
        """Crop to a strip of cells."""
        stop = len(self._row) if end is None else min(end, len(self._row))
        if start <= 0 and stop == len(self._row):
            return self
        return CellStrip(self._row.part(max(start, 0), max(stop, start, 0)))

    def render(self, console: Console) -> str:  # noqa: ARG002 - colours were chosen for the terminal already
        """Give the cells with their colours."""
        return self._row.ansi


def _segments(row: CellRow) -> Iterator[Segment]:
    for letter, front, back in zip(row.letters, row.front, row.back, strict=True):
        yield Segment(letter, _style(front, back, row.colors))


@lru_cache(maxsize=8192)
def _style(front: int, back: int, colors: CellColors) -> Style | None:
    if colors == "none":
        return None
    if colors == "true":
        layers = (Color.from_rgb(code >> 16, code >> 8 & 255, code & 255) for code in (front, back))
    else:
        layers = (Color.from_ansi(code) for code in (front, back))
    return Style.from_color(*layers)


def changed_rows(before: Sequence[CellRow], after: Sequence[CellRow]) -> list[Region]:
    """Return what has to be written anew when one picture's rows follow another's."""
    if len(before) != len(after):
        return [Region(0, 0, max(map(len, after), default=0), len(after))]
    return [
        Region(0, y, len(new), 1)
        for y, (old, new) in enumerate(zip(before, after, strict=True))
        if old.ansi != new.ansi
    ]


class ShownRows:
    """What a view shows in character cells."""

    def __init__(self) -> None:
        self._rows: tuple[CellRow, ...] = ()
        self._strips: list[Strip] = []

    def take(self, rows: tuple[CellRow, ...]) -> list[Region]:
        """Show these rows; return what has to be written anew."""
        before, self._rows = self._rows, rows
        self._strips = [CellStrip(row) for row in rows]
        return changed_rows(before, rows)

    def lines(self, crop: Region, blank: Strip) -> list[Strip]:
        """Give a part of the rows, and blanks below them."""
        lines = [self._strips[y] if y < len(self._strips) else blank for y in crop.line_range]
        return [line.crop(crop.x, crop.right) for line in lines]
