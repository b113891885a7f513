"""The part of a screen that moves the cursor of its list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from noctis_tui.interface.row_list import RowList


class RowMoves:
    """Moves the cursor by rows, by pages, and to either end."""

    def __init__(self, rows: RowList[Any]) -> None:
        self._rows = rows

    def action_move_by(self, rows: float) -> None:
        """Move by so many rows."""
        self._rows.move_by(int(rows))

    def action_move_by_pages(self, pages: float) -> None:
        """Move by so many pages; halves of small ones are a row."""
        self._rows.move_by(int(pages * self._rows.page_rows) or (1 if pages > 0 else -1))

    def action_first(self) -> None:
        """Go to the first row."""
        self._rows.move_to(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self._rows.move_to_end()
