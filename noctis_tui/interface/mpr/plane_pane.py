"""The pane of one plane."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from noctis_tui.graphics.picture import OVERLAY_COLORS
from noctis_tui.interface.mpr.pane import VolumePane
from noctis_tui.reading.reconstruction.crossing_lines import PLANE_COLORS
from noctis_tui.reading.reconstruction.curve_marks import curve_marks
from noctis_tui.reading.reconstruction.length_marks import length_marks
from noctis_tui.reading.reconstruction.lengths import Lengths
from noctis_tui.reading.reconstruction.plane_picture import plane_name, plane_picture, slab_text
from noctis_tui.reading.reconstruction.plane_sampling import is_slow

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.pixels.voi_lut import VoiLut, Window
    from archive.progress import CancelToken
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.terminal.detection import TerminalGraphics
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.reconstruction.curve_layout import CurveView
    from noctis_tui.reading.reconstruction.plane_axes import Plane
    from noctis_tui.reading.reconstruction.plane_sampling import PlaneSampling
    from noctis_tui.reading.reconstruction.state import MprState

NO_LENGTHS = Lengths()


class PlanePane(VolumePane):
    """Shows one of the three planes."""

    def __init__(self, graphics: TerminalGraphics, plane: Plane) -> None:
        super().__init__(graphics, plane.value)
        self.plane = plane
        self._asked: object = None
        self._titled: MprState | None = None

    def show(
        self,
        sampling: PlaneSampling,
        state: MprState,
        voi: Window | VoiLut,
        *,
        is_named: bool,
        curve: CurveView | None = None,
        lengths: Lengths = NO_LENGTHS,
    ) -> None:
        """Show the plane as the state has it, unless that is what is shown already."""
        own = state.zoom_of(self.plane)
        asked = sampling, replace(state, zooms=(own, own, own)), voi, is_named, curve, lengths
        self._draw_title(state)
        if asked == self._asked and self.picture.display:
            return
        self._asked = asked
        self.show_picture()
        marked = partial(self._marks, state, curve, lengths)
        draw = partial(self._draw, sampling, state, voi, self.next_token(), marked, is_named=is_named)
        quick = partial(draw, draft=True)
        self.picture.request(draw, quick=quick, is_slow=is_slow(state, self.plane))

    def _draw(
        self,
        sampling: PlaneSampling,
        state: MprState,
        voi: Window | VoiLut,
        token: CancelToken,
        marked: Callable[[Slice], tuple[Mark, ...]],
        width: int,
        height: int,
        *,
        is_named: bool,
        draft: bool = False,
    ) -> Picture:
        """Draw the plane; in a worker thread."""
        sampled = sampling.sampled(state, self.plane, draft=draft, token=token)
        size = max(width, 1), max(height, 1)
        return plane_picture(
            sampled,
            state,
            self.plane,
            voi,
            size,
            line_px=self.line_px,
            is_named=is_named,
            marks=marked(sampled.grid),
        )

    def _marks(
        self, state: MprState, curve: CurveView | None, lengths: Lengths, seen: Slice
    ) -> tuple[Mark, ...]:
        """Return what readers drew, in points of a grid."""
        course = curve_marks(curve, seen, state.shown_slab_mm) if curve is not None else ()
        return (*course, *length_marks(lengths, seen, state.reach_mm(self.plane)))

    def _draw_title(self, state: MprState) -> None:
        self._titled = state
        red, green, blue = OVERLAY_COLORS[PLANE_COLORS[self.plane] - 1]
        self.name_it(
            Text(plane_name(state, self.plane), style=f"bold rgb({red},{green},{blue})"), slab_text(state)
        )

    def on_resize(self) -> None:
        """Make the most of the title's line."""
        if self._titled is not None:
            self._draw_title(self._titled)
