"""A sampled plane becomes a picture: window, lines of the other planes, letters, scale and words."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from archive.pixels.voi_lut import Window, apply_voi_lut, apply_window
from noctis_tui.graphics.picture import Label, Picture
from noctis_tui.imaging.patient_space import location_text
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.reading.drawing import draw_marks
from noctis_tui.reading.overlay import TEXT_INDEX, voi_text
from noctis_tui.reading.reconstruction.crossing_lines import PLANE_COLORS, crossing_lines
from noctis_tui.reading.reconstruction.picture_edges import (
    clear_of_letters,
    edge_labels,
    scale_drawn,
    scale_of,
)
from noctis_tui.reading.reconstruction.plane_placement import place_plane, px_per_mm
from noctis_tui.reading.resampling import resample
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from archive.pixels.voi_lut import VoiLut
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.reconstruction.plane_axes import Plane
    from noctis_tui.reading.reconstruction.plane_sampling import SampledPlane
    from noctis_tui.reading.reconstruction.state import MprState
    from noctis_tui.reading.viewport import ViewState

DEFAULT_LINE_PX = 18
_GAP_LINES = 0.9
"""The crosshair's lines leave their point free, by so many heights of a line of text."""
_MIDDLE = 4
"""Characters that half of the scale's length takes in the middle; two are as wide as a line is high."""
_LEAST_LINES = 7
"""Panes of fewer lines of text only say which way is which, and how large."""
PROJECTION_NAMES = {Projection.MAX: "MIP", Projection.MIN: "MinIP", Projection.MEAN: "Mean"}


def plane_picture(
    sampled: SampledPlane,
    state: MprState,
    plane: Plane,
    voi: Window | VoiLut,
    size_px: tuple[int, int],
    *,
    line_px: int = DEFAULT_LINE_PX,
    is_named: bool = True,
    marks: Sequence[Mark] = (),
) -> Picture:
    """Show a plane.

    Parameters
    ----------
    sampled
        Its values, exact or a draft's.
    state
        Where it lies among the others, and how it is looked at.
    plane
        Which of the three it is.
    voi
        The window over modality values.
    size_px
        Width and height of the pane in square screen pixels; the picture has exactly this size.
    line_px
        Height of a line of text: a terminal cell's.
    is_named
        Whether its name is written into it.
    marks
        What else to draw over it, in points of the samples' grid.

    Returns
    -------
    Picture
        Display values uint8 [height, width], black where there is no volume.
    """
    placement = place_plane(state, plane, sampled.grid, size_px)
    to_display = partial(display_of, voi=voi, invert=state.view.inverted)
    pixels = resample(sampled.values, to_display, placement, *size_px)
    if state.view.overlay is OverlayLevel.NONE:
        return Picture(pixels)
    bar = scale_of(sampled.grid, placement, size_px, line_px)
    labels = (
        *_corners(state, plane, sampled.grid, voi, size_px, line_px, is_named=is_named),
        *edge_labels(sampled.grid, bar),
    )
    gap_mm = _GAP_LINES * line_px / px_per_mm(state, plane, size_px)
    crossing = crossing_lines(state, plane, sampled.grid, gap_mm)
    lines = clear_of_letters(crossing, placement, size_px, line_px)
    picture = Picture(pixels, scale_drawn(bar, sampled.grid, size_px, line_px), labels)
    return draw_marks(picture, (*lines, *marks), placement, line_px)


def display_of(values: NDArray[Any], *, voi: Window | VoiLut, invert: bool) -> NDArray[np.uint8]:
    """Return display values of modality values; NaN, where there is no volume, stays black."""
    shown = apply_window(values, voi) if isinstance(voi, Window) else apply_voi_lut(values, voi)
    shown *= 255
    shown += 0.5
    display = shown.astype(np.uint8)
    if invert:
        np.bitwise_not(display, out=display)
        display[np.isnan(values)] = 0
    return display


def plane_name(state: MprState, plane: Plane) -> str:
    """Return what a plane is: its name, and that it was turned."""
    return f"{plane.heading}, oblique" if state.is_turned else plane.heading


def window_lines(voi: Window | VoiLut, view: ViewState, width_lines: int) -> tuple[str, ...]:
    """Return the window in a line; without its name, or none, where it would run into the scale.

    `width_lines` is the width of the pane in heights of a line of text.
    """
    room = width_lines - _MIDDLE
    bare = replace(voi, explanation="") if isinstance(voi, Window) else voi
    inverted = "inverted" if view.inverted else ""
    for shown, name in ((voi, view.window_name), (bare, "")):
        line = " · ".join(filter(None, (voi_text(shown, name), inverted)))
        if len(line) <= room:
            return (line,)
    return ()


def slab_text(state: MprState) -> str:
    """Return what is shown of the slab: `MIP 10 mm`; empty without one."""
    name = PROJECTION_NAMES.get(state.projection, "")
    return f"{name} {state.slab_mm:g} mm" if name else ""


def _corners(
    state: MprState,
    plane: Plane,
    grid: Slice,
    voi: Window | VoiLut,
    size_px: tuple[int, int],
    line_px: int,
    *,
    is_named: bool,
) -> tuple[Label, ...]:
    title = " · ".join(filter(None, (plane_name(state, plane), slab_text(state)))) if is_named else ""
    above = (Label(title, "top-left", PLANE_COLORS[plane]),) if title else ()
    if size_px[1] // line_px < _LEAST_LINES:
        return above
    lines = [] if state.is_turned else [location_text(grid.plane)]  # no side of the patient is its normal
    if state.view.overlay is OverlayLevel.ALL:
        lines[:0] = window_lines(voi, state.view, size_px[0] // line_px)
    return (*above, Label("\n".join(lines), "bottom-left", TEXT_INDEX)) if lines else above
