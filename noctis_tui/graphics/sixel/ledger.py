"""What the terminal shows in each cell of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.cell_mask import fill

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noctis_tui.graphics.cell_mask import Cells
    from noctis_tui.graphics.site import CellBox, Site
    from noctis_tui.graphics.sixel.sheet import SixelSheet

NOTHING = 0
"""No sheet's number: the cell shows something else, or nobody knows."""

REMEMBERED = 3
"""Sheets that a new one is compared with; a picture is rarely made of more."""


class CellLedger:
    """Keeps, for each cell of a view, the number of the sheet whose pixels the terminal shows there.

    Only what was handed to the terminal counts: a piece that was never written leaves its cells what they
    were. Whatever is not known for certain is `NOTHING` and is sent again.
    """

    def __init__(self) -> None:
        self._place: tuple[CellBox, tuple[int, int]] | None = None
        self._shows = np.zeros((0, 0), np.int64)
        self._sheets: dict[int, SixelSheet] = {}

    def stand_at(self, site: Site) -> None:
        """Begin anew where the view stands somewhere else, or cells have another size."""
        place = site.box, site.cell_px
        if place != self._place:
            self._place = place
            self._shows = np.zeros((site.box.height, site.box.width), np.int64)
            self._sheets.clear()

    def missing(self, sheet: SixelSheet) -> Cells:
        """Return the cells that do not show what a sheet has there, bool [rows, columns]."""
        shows = self._shows
        for number, other in self._sheets.items():
            there = shows == number
            if number != sheet.number and there.any():
                same = sheet.same_cells(other)
                if same.shape == shows.shape:
                    shows[there & same] = sheet.number
        self._remember(sheet)
        missing: Cells = shows != sheet.number
        return missing

    def painted(self, box: CellBox, sheet: SixelSheet) -> None:
        """Note that a sheet's pixels were handed to the terminal there."""
        fill(self._shows, [box], value=sheet.number)

    def overwritten(self, boxes: Iterable[CellBox]) -> None:
        """Note that other things were written there."""
        fill(self._shows, boxes, value=NOTHING)

    def forget(self) -> None:
        """Note that nobody knows what the terminal shows."""
        self._place = None

    def _remember(self, sheet: SixelSheet) -> None:
        self._sheets[sheet.number] = sheet
        present = set(np.unique(self._shows).tolist())
        numbers = [number for number in self._sheets if number in present or number == sheet.number]
        self._sheets = {number: self._sheets[number] for number in numbers[-REMEMBERED:]}
