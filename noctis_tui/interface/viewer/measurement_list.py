"""The viewer's part that lists measurements and key images, goes there, and copies what is measured."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.annotations.annotation import Annotation
from noctis_tui.interface.viewer.mark_finder import MarkFinder
from noctis_tui.interface.viewer.measurement_panel import MeasurementPanel
from noctis_tui.interface.viewer.measuring_actions import LIST
from noctis_tui.reading.frame_reading import FrameReader
from noctis_tui.reading.measurement_rows import clipboard_text, measured

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.annotations.annotation import Annotations
    from archive.pixels.suv_type import SuvType
    from noctis_tui.interface.viewer.measuring import Measuring
    from noctis_tui.interface.viewer.series_actions import SeriesActions
    from noctis_tui.reading.measurement_rows import MeasurementRow

_AT_ONCE = 16
"""The list is drawn again after so many values."""


class MeasurementList:
    """Opens the panel, fills it off the event loop, goes where it says."""

    def __init__(self, screen: SeriesActions, measuring: Measuring) -> None:
        self._screen = screen
        self._measuring = measuring
        self._panel: MeasurementPanel | None = None
        self._shown: tuple[Annotations, SuvType | None] | None = None
        self._reader = FrameReader()
        self._finder = MarkFinder(screen)

    def begin(self) -> None:
        """Follow the mode of the screen, and what is drawn."""
        self._screen.watch(self._screen, "mode", self._mode_changed, init=False)
        self._measuring.desk.listeners.append(self.looked)

    def _mode_changed(self, before: str, now: str) -> None:
        if now == LIST and self._panel is None:
            self._open()
        elif before == LIST and now != LIST:
            self._close()

    def _open(self) -> None:
        self._panel, self._shown = MeasurementPanel(), None
        self._screen.query_one("#panes").mount(self._panel)
        self.looked()

    def _close(self) -> None:
        if self._panel is not None:
            self._screen.set_focus(None)  # first: who goes away focused takes the focus along, later
            self._panel.remove()
            self._panel = None
            self._measuring.put(self._measuring.editing.selecting(""))

    def looked(self) -> None:
        """Fill the list again when something else is drawn, or PET is told in another SUV."""
        told = self._measuring.editing.kept, self._screen.active.state.view.suv_type
        if self._panel is not None and told != self._shown:
            self._shown = told
            self._screen.run_worker(self._fill(), group="measurement-list", exclusive=True)

    async def _fill(self) -> None:
        await self._rows(self._show)

    def _show(self, rows: Sequence[MeasurementRow]) -> None:
        if self._panel is not None:
            self._panel.show(rows)

    async def _rows(self, show: Callable[[Sequence[MeasurementRow]], None]) -> list[MeasurementRow]:
        """Find and measure what is drawn in the study; what is known is shown meanwhile."""
        kept = self._measuring.editing.kept
        found = await self._finder.find((*kept.key_images, *kept.annotations))
        rows, view = found or [], self._screen.active.state.view
        show(tuple(rows))
        for place, row in enumerate(rows):
            value = await asyncio.to_thread(measured, row, self._reader, self._measuring.desk.cache, view)
            rows[place] = replace(row, measurement=value)
            if place % _AT_ONCE == _AT_ONCE - 1 or place == len(rows) - 1:
                show(tuple(rows))
        return rows

    # ---- what can be asked for

    def action_list_move_by(self, rows: int) -> None:
        """Move the cursor of the list."""
        if self._panel is not None:
            self._panel.list.move_by(rows)

    def action_list_go(self) -> None:
        """Show the image of the row under the cursor; choose the measurement, if it is one."""
        row = self._row
        if row is None:
            return
        if row.ref is None:
            self._screen.say("Its image is not in the archive any more.")
            return
        self._screen.run_worker(self._go(row), group="measurement-go", exclusive=True)

    async def _go(self, row: MeasurementRow) -> None:
        await self._finder.go(row)
        if isinstance(row.item, Annotation):
            self._measuring.put(self._measuring.editing.selecting(row.item.uid))

    def action_list_delete(self) -> None:
        """Delete the measurement under the cursor, or take the mark off the key image."""
        if self._row is not None:
            self._measuring.put(self._measuring.editing.without(self._row.key))

    @property
    def _row(self) -> MeasurementRow | None:
        return self._panel.list.row if self._panel is not None else None

    def action_copy_measurements(self) -> None:
        """Copy the measurements of the study to the terminal's clipboard (OSC 52)."""
        if not self._measuring.editing.kept.annotations:
            self._screen.say("There is nothing measured in this study.")
            return
        self._screen.run_worker(self._copy(), group="measurement-copy", exclusive=True)

    async def _copy(self) -> None:
        found = await self._rows(lambda _: None)
        rows = [row for row in found if isinstance(row.item, Annotation)]
        if rows:
            self._screen.app.copy_to_clipboard(clipboard_text(rows))
            self._screen.say(f"Copied {len(rows)} measurement{'s' if len(rows) != 1 else ''}.")
