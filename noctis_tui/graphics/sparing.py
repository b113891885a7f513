"""Screen updates that leave pictures alone: what Textual would blank is not written at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import CompositorUpdate, LayoutUpdate

from noctis_tui.graphics.site import CellBox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import Console
    from textual._compositor import ChopsUpdate
    from textual.strip import Strip

Span = tuple[int, int]
"""First column and the one after the last."""


class SparingUpdate(CompositorUpdate):
    """A compositor's update without the cells that belong to pictures.

    Textual knows nothing of pixels: it writes blanks where a picture stands, whenever a dialog opens or
    closes or a whole screen is drawn anew. Terminals erase the picture there, and sending it again takes a
    hundred kilobytes and flickers.

    Parameters
    ----------
    update
        What Textual wants to write.
    spared
        Cells of the screen that pictures stand on, or will stand on at once.
    written
        Called with the cells that were written nevertheless, one box a row.
    """

    def __init__(
        self,
        update: ChopsUpdate | LayoutUpdate,
        spared: Iterable[CellBox],
        written: Callable[[list[CellBox]], None],
    ) -> None:
        self._update = update
        self._spared = _by_row(spared)
        self._written = written

    def render_segments(self, console: Console) -> str:
        """Return what is written to the terminal."""
        text: list[str] = []
        written: list[CellBox] = []
        end_y, end_x = -1, -1
        for y, x, strip in self._pieces():
            for first, last in _left(x, x + strip.cell_length, self._spared.get(y, ())):
                if (y, first) != (end_y, end_x):
                    text.append(Control.move_to(first, y).segment.text)
                text.append(strip.crop(first - x, last - x).render(console))
                written.append(CellBox(first, y, last - first, 1))
                end_y, end_x = y, last
        self._written(written)
        return "".join(text)

    def _pieces(self) -> Iterator[tuple[int, int, Strip]]:
        update = self._update
        return _layout_pieces(update) if isinstance(update, LayoutUpdate) else _chop_pieces(update)


def _layout_pieces(update: LayoutUpdate) -> Iterator[tuple[int, int, Strip]]:
    for y, line in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in line:
            yield y, x, strip
            x += strip.cell_length


def _chop_pieces(update: ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """What `ChopsUpdate.render_segments` writes: whole chops, cut only where a span ends."""
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < last and end > first:
                yield y, x, strip if end <= last else strip.crop(0, last - x)


def _by_row(boxes: Iterable[CellBox]) -> dict[int, list[Span]]:
    rows: dict[int, list[Span]] = {}
    for box in boxes:
        for y in range(box.y, box.y + box.height):
            rows.setdefault(y, []).append((box.x, box.x + box.width))
    return {y: sorted(spans) for y, spans in rows.items()}


def _left(first: int, last: int, spared: Sequence[Span]) -> Iterator[Span]:
    """What is left of a span without the spared ones, which are sorted."""
    for begin, end in spared:
        if end > first and begin < last:
            if begin > first:
                yield first, begin
            first = max(first, end)
    if first < last:
        yield first, last
