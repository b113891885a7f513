"""How panes stand on the screen: rows x columns, from one pane to nine."""

from __future__ import annotations

from dataclasses import dataclass

from archive.errors import BadInput

MOST_ROWS = MOST_COLUMNS = 3
MOST_PANES = MOST_ROWS * MOST_COLUMNS
LEAST_PANE_CELLS = (24, 8)
"""Columns and rows of cells, title included: in a smaller pane no picture can be read."""


@dataclass(frozen=True, slots=True)
class Grid:
    """So many rows of so many panes."""

    rows: int = 1
    columns: int = 1

    @property
    def count(self) -> int:
        """How many panes it has."""
        return self.rows * self.columns

    def __str__(self) -> str:
        return f"{self.rows}x{self.columns}"

    def pane_cells(self, width: int, height: int) -> tuple[int, int]:
        """Return the columns and rows of cells of one pane, where all have `width` x `height` cells."""
        return (width - self.columns + 1) // self.columns, height // self.rows

    def is_useful_in(self, width: int, height: int) -> bool:
        """Tell whether a picture can be read in its panes; one pane is the best that there is."""
        across, down = self.pane_cells(width, height)
        return self.count == 1 or (across >= LEAST_PANE_CELLS[0] and down >= LEAST_PANE_CELLS[1])


GRIDS = tuple(
    Grid(rows, columns) for rows in range(1, MOST_ROWS + 1) for columns in range(1, MOST_COLUMNS + 1)
)
"""Every grid that there is."""


def grid_of(text: str) -> Grid:
    """Read a grid as people write it, rows first.

    Raises
    ------
    BadInput
        There is no such grid.

    Examples
    --------
    >>> grid_of("2x3")
    Grid(rows=2, columns=3)
    """
    found = next((grid for grid in GRIDS if str(grid) == text.strip().lower()), None)
    if found is None:
        raise BadInput(f"{text} is not a layout: rows x columns, from 1x1 to {MOST_ROWS}x{MOST_COLUMNS}.")
    return found
