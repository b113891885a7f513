"""Pictures in character cells, which the compositor writes with the rest of the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from noctis_tui.graphics.canvas import Drawing
from noctis_tui.graphics.cells.picture import to_cells
from noctis_tui.graphics.cells.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.graphics.cells.rows import CellRow
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import CellBox, Site
    from noctis_tui.graphics.terminal.cell_terminals import Cells


class BlocksCanvas:
    """Blocks of two colours a cell; the view hands them to the compositor, nothing is written beside it."""

    coarsest = 1
    finest_moving = 0
    good_moving = 0
    interleaves = True

    def __init__(self, cells: Cells) -> None:
        # Dithered between 30 greys, neighbours share their colours, which take most of the bytes.
        self._levels = (cells, replace(cells, colors="256", bars=False) if cells.colors == "true" else cells)

    def draw(
        self,
        picture: Picture,
        site: Site,
        *,
        level: int,
        bytes_per_second: float | None = None,  # noqa: ARG002 - its pieces need not know
    ) -> Drawing:
        """Choose each cell's blocks and colours, and write them out."""
        return Drawing(picture, site, rows=cell_rows(picture, site.cell_px, self._levels[level]))

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> Sequence[bytes] | None:  # noqa: ARG002 - see the class
        """Nothing to write."""
        return () if drawing.site.size_px == site.size_px else None

    def abandon(self) -> bytes:
        """Nothing was written."""
        return b""

    def sent(self, pieces: int) -> None:
        """Nothing is sent."""

    def overwritten(self, boxes: Sequence[CellBox]) -> bool:  # noqa: ARG002 - see the class
        """Nothing is kept."""
        return False

    def hide(self) -> bytes:
        """Nothing to hide."""
        return b""

    def lost(self) -> None:
        """Nothing: the terminal keeps nothing."""

    def forget(self) -> bytes:
        """Nothing kept."""
        return b""


def cell_rows(picture: Picture, cell_px: tuple[int, int], cells: Cells) -> tuple[CellRow, ...]:
    """Return a picture's rows of cells, labels as text, ready to be written."""
    rows = rows_of(to_cells(picture, cell_px, cells), picture.labels, cell_px)
    for row in rows:
        row.ansi  # noqa: B018 - made here, in the worker, and kept
    return tuple(rows)
