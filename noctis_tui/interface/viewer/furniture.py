"""What stands around the pictures: the line above, the line below, the sentence where nothing fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from noctis_tui.interface.viewer.lines import Status, footer_line, header_line
from noctis_tui.reading.pixel_values import place_text, value_text

if TYPE_CHECKING:
    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.interface.viewer.screen import ViewerScreen

LEAST_SIZE = (40, 10)
_WIDE = 110
"""From so many cells on the footer tells where the probe is, too."""


class Furniture:
    """Fills the lines of the viewer."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self._pointed: tuple[Pane, tuple[int, int]] | None = None
        self._drawn: object = None
        self._drawn_above: object = None
        self.header = Static(id="viewer-header", classes="viewer-line", markup=False)
        self.too_small = Static(id="too-small", markup=False)
        self.footer = Static(id="viewer-footer", classes="viewer-line", markup=False)

    def point_at(self, pane: Pane, pixel: tuple[int, int] | None) -> None:
        """Tell from now on what is at an image pixel (column, row)."""
        self._pointed = (pane, pixel) if pixel is not None else None
        self.draw_footer()

    def fit(self, width: int, height: int) -> None:
        """Say so when nothing useful fits."""
        too_small = width < LEAST_SIZE[0] or height < LEAST_SIZE[1]
        self._screen.set_class(too_small, "-too-small")
        if too_small:
            least = f"{LEAST_SIZE[0]}x{LEAST_SIZE[1]}"
            self.too_small.update(
                f"Pictures need a terminal of {least} cells; this one has {width}x{height}."
            )

    def forget(self) -> None:
        """Draw the lines anew whatever they say: colours or keys are others."""
        self._drawn = self._drawn_above = None

    def draw(self) -> None:
        """Fill the line above and the line below the pictures, where they would say something else."""
        screen = self._screen
        entry = screen.active.entry
        reach = [other.series.id for other in screen.shelf_in_reach]
        place = reach.index(entry.series.id) if entry is not None and entry.series.id in reach else None
        drawn = (entry, place, len(reach), screen.size.width)
        if drawn != self._drawn_above and screen.is_mounted:
            self._drawn_above = drawn
            # Every line is one row high: the screen need not be laid out anew for it, at each image.
            self.header.update(header_line(*drawn, screen.app.theme_variables), layout=False)
        self.draw_footer()

    def draw_footer(self) -> None:
        """Fill the line below, when it would say something else."""
        screen, status = self._screen, self._status()
        drawn = (status, screen.mode, screen.size.width)
        if drawn != self._drawn and screen.is_mounted:
            self._drawn = drawn
            colors = screen.app.theme_variables
            line = footer_line(screen.keymap, screen.mode, status, screen.size.width, colors)
            self.footer.update(line, layout=False)

    def _status(self) -> Status:
        screen = self._screen
        loaded, wanted = screen.load_progress
        note = "   ".join(part for part in (screen.links.text, screen.note) if part)
        speed, bounces = screen.playing.frames_per_second, screen.playing.bounces
        prompt, is_text = screen.measuring.prompt, screen.active.page.display
        return Status(self._value(), speed, bounces, loaded, wanted, note, prompt, is_text)

    def _value(self) -> str:
        """Return what is under the probe while it is out, else under the mouse."""
        active = self._screen.active
        probe = active.state.view.probe
        pane, pixel = (active, probe) if probe is not None else self._pointed or (active, None)
        if pane.frame is None or pixel is None:
            return ""
        column, row = pixel
        if column >= pane.frame.shape.columns or row >= pane.frame.shape.rows:
            return ""
        value = value_text(pane.frame, column, row, pane.state.view.suv_type)
        wide = self._screen.size.width >= _WIDE
        return f"{value}  {place_text(pane.frame, column, row)}" if wide else value
