"""Studies that a person marked, and what is done with them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from noctis_tui.interface.worklist.cells import day, patient_name, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.index.worklist import StudyRow
    from archive.local_archive import LocalArchive
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.diff.sides import Side
    from noctis_tui.interface.worklist.movement import MovementScreen


class Marking:
    """Marks studies of the table, and compares two of them.

    Parameters
    ----------
    draw
        Draws the lines around the table.
    record_access
        Records that a study is looked into.
    """

    def __init__(
        self,
        screen: MovementScreen,
        archive: LocalArchive,
        draw: Callable[[], None],
        record_access: Callable[[StudyRow], None],
    ) -> None:
        self._screen = screen
        self._archive = archive
        self._draw = draw
        self._record_access = record_access

    def action_mark(self) -> None:
        """Mark the study under the cursor, or take its mark away, and go on to the next."""
        self._screen.table.toggle_mark()
        self._draw()

    def action_unmark_all(self) -> None:
        """Take all marks away."""
        self._screen.table.marked.clear()
        self._screen.table.refresh()
        self._draw()

    def action_export_study(self) -> None:
        """Export the study under the cursor, or the series that was chosen."""
        from noctis_tui.interface.exporting.dialog import ExportDialog  # noqa: PLC0415 - when it is needed
        from noctis_tui.interface.exporting.scopes import scope_of_series, scope_of_study  # noqa: PLC0415 - the same

        study, picked = self._screen.table.study, self._screen.details.strip.picked
        if study is not None:
            series = [scope_of_series(study, picked)] if picked is not None else []
            self._screen.app.push_screen(ExportDialog(self._archive, [*series, scope_of_study(study)]))

    def action_diff(self) -> None:
        """Compare the two marked studies, or the marked one with the one under the cursor."""
        pair = self._pair()
        if pair is None:
            key = self._screen.keymap.label("worklist", "mark")
            self._screen.notify(f"Mark two studies with {key} to compare them.", markup=False, timeout=3)
            return
        from noctis_tui.interface.diff.opening import open_diff  # noqa: PLC0415 - loaded when it is needed

        if open_diff(cast("NoctisApp", self._screen.app), self._side(pair[0]), self._side(pair[1])):
            for study in pair:
                self._record_access(study)

    def _pair(self) -> tuple[StudyRow, StudyRow] | None:
        table = self._screen.table
        marked = list(table.marked.values())
        if len(marked) == 1 and table.study is not None and table.study.id not in table.marked:
            marked.append(table.study)
        return (marked[0], marked[1]) if len(marked) == 2 else None

    def _side(self, study: StudyRow) -> Side:
        from noctis_tui.interface.diff.sides import Side, instances_of  # noqa: PLC0415 - when it is needed

        parts = day(study.study_date), patient_name(study), plain(study.study_description)
        title = "  ".join(part for part in parts if part)
        return Side(title, partial(instances_of, self._archive.index, study))
