"""Moving through the worklist: the table's rows, or the series while their pane has the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.interface.keyed_screen import KeyedScreen

if TYPE_CHECKING:
    from noctis_tui.interface.worklist.details import Details
    from noctis_tui.interface.worklist.study_table import StudyTable


class MovementScreen(KeyedScreen):
    """The movements of the worklist screen."""

    table: StudyTable
    details: Details

    def action_cursor_down(self) -> None:
        """Go to the next study."""
        self.table.move_by(1)

    def action_cursor_up(self) -> None:
        """Go to the study before."""
        self.table.move_by(-1)

    def action_half_page_down(self) -> None:
        """Go half a page down."""
        self.table.move_by(max(1, self.table.page_rows // 2))

    def action_half_page_up(self) -> None:
        """Go half a page up."""
        self.table.move_by(-max(1, self.table.page_rows // 2))

    def action_page_down(self) -> None:
        """Go a page down."""
        self.table.move_by(self.table.page_rows)

    def action_page_up(self) -> None:
        """Go a page up."""
        self.table.move_by(-self.table.page_rows)

    def action_first(self) -> None:
        """Go to the first study."""
        self.table.move_to(0)

    def action_last(self) -> None:
        """Go to the last study, reading on as far as that takes."""
        self.table.move_to(self.table.studies.total - 1)

    def action_next_pane(self) -> None:
        """Give the keys to the series, or back to the table; a low screen shows the series only meanwhile."""
        if self.table.has_focus:
            self.add_class("-series")
            self.call_after_refresh(self.details.strip.focus)
        else:
            self.remove_class("-series")
            self.table.focus()

    def action_previous_pane(self) -> None:
        """There are two panes: the one before is the next one."""
        self.action_next_pane()

    def action_next_series(self) -> None:
        """Choose the next series of the study."""
        self.details.strip.choose_by(1)

    def action_previous_series(self) -> None:
        """Choose the series before."""
        self.details.strip.choose_by(-1)
