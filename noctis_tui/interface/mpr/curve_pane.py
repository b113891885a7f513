"""The pane along a curve: the strip, and the section across it where the reader is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from noctis_tui.graphics.picture import OVERLAY_COLORS
from noctis_tui.interface.mpr.pane import VolumePane
from noctis_tui.reading.reconstruction.curve_layout import lay_out
from noctis_tui.reading.reconstruction.curve_picture import CURVE_INDEX, arc_text, curve_picture, curve_title

if TYPE_CHECKING:
    from archive.pixels.voi_lut import VoiLut, Window
    from archive.progress import CancelToken
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.terminal.detection import TerminalGraphics
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.reconstruction.curve_layout import CurveLayout, CurveView
    from noctis_tui.reading.reconstruction.strip_lengths import StripLengths
    from noctis_tui.reading.viewport import ViewState


class CurvePane(VolumePane):
    """Shows a volume along a curve."""

    def __init__(self, graphics: TerminalGraphics) -> None:
        super().__init__(graphics, "curve")
        self.shown: CurveView | None = None
        """What is looked at; None while there is no curve."""
        self._asked: object = None

    def show(
        self,
        volume: Volume,
        shown: CurveView | None,
        view: ViewState,
        voi: Window | VoiLut,
        *,
        measured: StripLengths,
        advice: str,
        is_named: bool,
    ) -> None:
        """Show the volume along a curve, or what to do while there is none."""
        self.shown = shown
        self.draw_title()
        if shown is None:
            self._asked = None
            self.say(advice)
            self.is_shown = True
            return
        asked = volume, shown, view, voi, measured, is_named
        if asked == self._asked and self.picture.display:
            return
        self._asked = asked
        self.show_picture()
        self.picture.request(
            partial(self._draw, volume, shown, view, voi, measured, self.next_token(), is_named=is_named)
        )

    @property
    def layout_shown(self) -> CurveLayout | None:
        """Where what lies in the pane; None while there is no curve."""
        return lay_out(self.shown, self.picture.pixel_size) if self.shown is not None else None

    def place_under(self, at_px: tuple[float, float]) -> tuple[float, Vector] | None:
        """Return what the strip shows at a screen point: mm along the curve, and the LPS point; else None."""
        layout = self.layout_shown
        if layout is None or not layout.strip.holds(at_px):
            return None
        column, row = layout.grid_point(at_px)
        return layout.grid.arc_length_mm(row), layout.grid.patient_point(column, row)

    def _draw(
        self,
        volume: Volume,
        shown: CurveView,
        view: ViewState,
        voi: Window | VoiLut,
        measured: StripLengths,
        token: CancelToken,
        width: int,
        height: int,
        *,
        is_named: bool,
    ) -> Picture:
        """Draw it; in a worker thread."""
        name = curve_title(shown) if is_named else ""
        return curve_picture(
            volume,
            shown,
            view,
            voi,
            (width, height),
            line_px=self.line_px,
            name=name,
            measured=measured,
            token=token,
        )

    def draw_title(self) -> None:
        """Say what is seen, and where along the curve the reader is."""
        red, green, blue = OVERLAY_COLORS[CURVE_INDEX - 1]
        title = curve_title(self.shown) if self.shown is not None else "Curve"
        where = arc_text(self.shown) if self.shown is not None else ""
        self.name_it(Text(title, style=f"bold rgb({red},{green},{blue})"), where)

    def on_resize(self) -> None:
        """Make the most of the title's line."""
        self.draw_title()
