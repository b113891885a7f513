"""The series of the study below the pictures, each a click away."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.index.worklist import SeriesRow
    from noctis_tui.interface.series_strip import SeriesStrip
    from noctis_tui.interface.viewer.screen import ViewerScreen

_MOST_CARDS = 16
_ROWS_FOR_PICTURES = 36
"""Lower screens show the series in words: the pictures of the panes need the room."""
_TALL, _LOW = 8, 2


class ShelfStrip:
    """The part of the viewer that shows what else there is to read."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self._strip: SeriesStrip | None = None
        self._shown: tuple[SeriesRow, ...] = ()

    async def action_series_strip(self) -> None:
        """Show the series below the pictures, or no longer."""
        if self._strip is None:
            self._strip = self._made()
            await self._screen.mount(self._strip, before="#viewer-footer")
        else:
            self._strip.display = not self._strip.display
        self.resized()
        self.changed()

    def _made(self) -> SeriesStrip:
        from noctis_tui.interface.app import NoctisApp  # noqa: PLC0415 - it imports screens
        from noctis_tui.interface.series_strip import SeriesStrip  # noqa: PLC0415 - the first picture goes first

        app = self._screen.app
        assert isinstance(app, NoctisApp)
        strip = SeriesStrip(app.graphics, id="viewer-strip", most_cards=_MOST_CARDS)
        strip.can_focus = False
        return strip

    def resized(self) -> None:
        """Show pictures where there is room for them."""
        if self._strip is None:
            return
        tall = self._screen.size.height >= _ROWS_FOR_PICTURES
        self._strip.styles.height = _TALL if tall else _LOW
        if self._strip.with_pictures != tall:
            self._strip.with_pictures = tall

    def changed(self) -> None:
        """Take in that the study grew, or that panes show other series."""
        strip = self._strip
        if strip is None or not strip.display:
            return
        screen = self._screen
        series = tuple(entry.series for entry in screen.shelf_in_reach)
        if series != self._shown:
            self._shown = series
            strip.show(series, keep=True)
        in_view = {pane.number: pane.entry.series.id for pane in screen.visible_panes if pane.entry}
        strip.point_at(in_view.get(screen.active.number), in_view.values())

    async def draw(self) -> None:
        """Draw the pictures that came in sight."""
        from noctis_tui.interface.series_pictures import draw_pictures  # noqa: PLC0415 - with the strip

        if self._strip is not None and self._screen.archive is not None:
            await draw_pictures(self._screen.archive, self._strip)

    def clicked(self) -> None:
        """Turn the active pane to the series that was clicked."""
        chosen = self._strip.chosen if self._strip is not None else None
        screen = self._screen
        place = screen.shelf.place_of(chosen.id) if chosen is not None else None
        if place is not None:
            screen.stop_playing()
            screen.turn_to(screen.active, screen.shelf.entries[place])
