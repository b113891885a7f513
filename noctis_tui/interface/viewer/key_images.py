"""The viewer's part that marks key images and goes from one to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.interface.viewer.mark_finder import MarkFinder

if TYPE_CHECKING:
    from noctis_tui.interface.viewer.measuring import Measuring
    from noctis_tui.interface.viewer.series_actions import SeriesActions
    from noctis_tui.reading.measurement_rows import MeasurementRow


class KeyImages:
    """Marks images of the study in the active pane as worth showing."""

    def __init__(self, screen: SeriesActions, measuring: Measuring) -> None:
        self._screen = screen
        self._measuring = measuring
        self._finder = MarkFinder(screen)

    def action_key_image(self) -> None:
        """Mark the frame in view as a key image, or take the mark away."""
        key = self._measuring.frame_key()
        if key is not None:
            stamp = self._measuring.desk.stamp()
            self._measuring.put(self._measuring.editing.with_key_image_toggled(key, stamp))

    def action_go_to_key_image(self, step: int) -> None:
        """Show the next key image of the study, the one before for a negative step, and round again."""
        self._screen.stop_playing()
        self._screen.run_worker(self._go(step), group="key-image", exclusive=True)

    async def _go(self, step: int) -> None:
        found = await self._finder.find(self._measuring.editing.kept.key_images)
        rows = [row for row in found or () if row.ref is not None]
        if not rows:
            if found is not None:
                key = self._screen.keymap.label("reading", "key_image")
                self._screen.say(f"No image of this study is a key image; {key} makes one.")
            return
        place = self._next(rows, step)
        await self._finder.go(rows[place])
        self._screen.say(f"Key image {place + 1} of {len(rows)}")

    def _next(self, rows: list[MeasurementRow], step: int) -> int:
        """Return the place of the key image after the image in view, or before it."""
        entries = self._screen.shelf.entries
        order = {entry.series.series_instance_uid: place for place, entry in enumerate(entries)}
        pane = self._screen.active
        here = order.get(pane.entry.series.series_instance_uid, -1) if pane.entry is not None else -1
        now = here, pane.state.frame_index
        places = [(order.get(row.item.frame.series_instance_uid, -1), row.place or 0) for row in rows]
        if step > 0:
            return next((place for place, there in enumerate(places) if there > now), 0)
        return next((place for place in reversed(range(len(places))) if places[place] < now), len(places) - 1)
