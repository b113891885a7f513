"""A curve becomes a picture: the strip along it, the section across it, where the reader is, in mm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.picture import Label, Picture
from noctis_tui.imaging.curves.curved import cross_section, curved_values
from noctis_tui.imaging.patient_space import letters_of_orientation
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.reslicing import reslice
from noctis_tui.reading.drawing import draw_marks
from noctis_tui.reading.marks import Handle, Stroke
from noctis_tui.reading.overlay import ACTIVE_INDEX, TEXT_INDEX, voi_text
from noctis_tui.reading.placement import ImageShape, Placement
from noctis_tui.reading.reconstruction.curve_layout import lay_out
from noctis_tui.reading.reconstruction.plane_picture import DEFAULT_LINE_PX, PROJECTION_NAMES, display_of
from noctis_tui.reading.reconstruction.strip_lengths import StripLengths, strip_marks
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from archive.pixels.voi_lut import VoiLut, Window
    from archive.progress import CancelToken
    from noctis_tui.imaging.patient_space import Orientation
    from noctis_tui.imaging.slices import Point
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.reconstruction.curve_layout import Box, CurveLayout, CurveView
    from noctis_tui.reading.viewport import ViewState

CURVE_INDEX = 6
"""Overlay index of curves: of their names, points and lines."""
_TICKS_MM = (1, 5, 10, 50, 100, 500)
_LEAST_TICK_PX = 6
_LEAST_LINES = 6
"""Sections of fewer lines of text say nothing of the patient's sides."""
_ARM_SHARE, _FREE_SHARE = 0.5, 0.12
"""How far from the middle of a section its lines reach, and how much they leave free."""


def curve_picture(
    volume: Volume,
    shown: CurveView,
    view: ViewState,
    voi: Window | VoiLut,
    size_px: tuple[int, int],
    *,
    line_px: int = DEFAULT_LINE_PX,
    name: str = "",
    measured: StripLengths | None = None,
    token: CancelToken | None = None,
) -> Picture:
    """Draw a volume along a curve, and across it where the reader is.

    Parameters
    ----------
    volume
        What is cut.
    shown
        The curve, and what of it is shown.
    view, voi
        Inversion, how much is written over the picture; the window over modality values.
    size_px
        Width and height of the pane in square screen pixels; the picture has exactly this size.
    line_px
        Height of a line of text.
    name
        What is written above, with the place along the curve; already made visible. Nothing of both where the
        pane has a title that says it.
    measured
        What is measured on the strip.
    token
        Looked at often.

    Returns
    -------
    Picture
        Display values uint8 [height, width], black where there is no volume.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    width, height = (max(side, 1) for side in size_px)
    layout = lay_out(shown, (width, height))
    pixels = np.zeros((height, width), np.uint8)
    thick, along = (shown.slab_mm, shown.projection), layout.grid
    values = curved_values(volume, along, slab_thickness_mm=thick[0], projection=thick[1], token=token)
    strip = display_of(values.T if layout.is_lying else values, voi=voi, invert=view.inverted)
    _paste(pixels, strip, layout.strip)
    letters: tuple[Label, ...] = ()
    if layout.section is not None:
        across = cross_section(
            shown.smooth,
            shown.arc_length_mm,
            width_mm=shown.width_mm,
            spacing_mm=shown.width_mm / max(layout.section.width - 1, 1),
            rotation_degrees=shown.rotation_degrees,
            frame_of_reference_uid=volume.frame_of_reference_uid,
        )
        values = reslice(volume, across, slab_thickness_mm=thick[0], projection=thick[1], token=token)
        _paste(pixels, display_of(values, voi=voi, invert=view.inverted), layout.section)
        letters = tuple(_letters(layout.section, across.plane.orientation, line_px))
    if view.overlay is OverlayLevel.NONE:
        return Picture(pixels)
    label = _label(shown, layout, view, voi, name)
    placement = Placement(ImageShape(height, width), 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0)
    marks = (*_marks(shown, layout), *strip_marks(measured or StripLengths(), layout, line_px))
    return draw_marks(Picture(pixels, None, (label, *letters)), marks, placement, line_px)


def curve_title(shown: CurveView) -> str:
    """Return what is shown: `Straightened` or `Stretched`."""
    return "Stretched" if shown.is_stretched else "Straightened"


def arc_text(shown: CurveView) -> str:
    """Return where along the curve the reader is: `41.5 of 230.1 mm`."""
    return f"{shown.arc_length_mm:.1f} of {shown.smooth.length_mm:.1f} mm"


def _paste(pixels: NDArray[np.uint8], part: NDArray[np.uint8], box: Box) -> None:
    room = pixels[box.y : box.y + box.height, box.x : box.x + box.width]
    rows, columns = min(part.shape[0], room.shape[0]), min(part.shape[1], room.shape[1])
    room[:rows, :columns] = part[:rows, :columns]


def _label(shown: CurveView, layout: CurveLayout, view: ViewState, voi: Window | VoiLut, name: str) -> Label:
    turned = f" · {shown.rotation_degrees:.0f}°" if round(shown.rotation_degrees) else ""
    where = arc_text(shown) if name else ""
    lines = [name, where, f"{shown.width_mm:g} mm wide{turned}", f"{_tick_mm(layout)} mm ticks"]
    if shown.projection is not Projection.NONE and shown.slab_mm > 0:
        lines.append(f"{PROJECTION_NAMES[shown.projection]} {shown.slab_mm:g} mm")
    if view.overlay is OverlayLevel.ALL:
        lines.append(voi_text(voi, view.window_name) + (" · inverted" if view.inverted else ""))
    anchor = "top-left" if layout.is_lying else "bottom-left"
    return Label("\n".join(filter(None, lines)), anchor, TEXT_INDEX)  # type: ignore[arg-type]  # one of the two


def _marks(shown: CurveView, layout: CurveLayout) -> Iterator[Mark]:
    grid, curve = layout.grid, shown.smooth
    yield from _ruler(layout)
    _, row = grid.curve_point(shown.arc_length_mm)
    yield Stroke(tuple(_across(layout, row)), ACTIVE_INDEX)
    for place, arc_length_mm in enumerate(curve.point_arc_lengths_mm):
        at = layout.screen_point(grid.curve_point(float(arc_length_mm)))
        yield Handle(at, CURVE_INDEX, active=place == shown.selected)
    if layout.section is not None:
        yield from _cross(layout.section)


def _across(layout: CurveLayout, row: float) -> Iterator[Point]:
    for column in (0, layout.grid.columns - 1):
        yield layout.screen_point((column, row))


def _ruler(layout: CurveLayout) -> Iterator[Stroke]:
    """Give ticks at every so many mm of the curve, every fifth or tenth of them longer."""
    grid = layout.grid
    step = _tick_mm(layout)
    long_px = max(grid.columns // 16, 3)
    for number in range(int(grid.arc_lengths_mm[-1] / step) + 1):
        _, row = grid.curve_point(number * step)
        reach = long_px * (2 if number % 10 == 0 else 1.5 if number % 5 == 0 else 1)
        ends = (0.0, row), (reach, row)
        yield Stroke(tuple(layout.screen_point(end) for end in ends), CURVE_INDEX)


def _tick_mm(layout: CurveLayout) -> int:
    """Return how far ticks are from each other: as near as they can be told apart."""
    return next((each for each in _TICKS_MM if each * layout.px_per_mm >= _LEAST_TICK_PX), _TICKS_MM[-1])


def _letters(box: Box, orientation: Orientation, line_px: int) -> Iterator[Label]:
    """Give the sides of the patient at the borders of the section."""
    letters = letters_of_orientation(orientation)
    middle, high = box.x + box.width // 2, box.y + box.height // 2 - line_px // 2
    if box.height < _LEAST_LINES * line_px:
        return
    near, far = line_px // 4, box.x + box.width - round(line_px * 0.8)
    for text, x, y in (
        (letters.left, box.x + near, high - line_px),
        (letters.right, far, high - line_px),
        (letters.top, middle, box.y),
        (letters.bottom, middle, box.y + box.height - line_px),
    ):
        if text:
            yield Label(text[0], "top-left", ACTIVE_INDEX, (x, y))


def _cross(box: Box) -> Iterator[Stroke]:
    """Give the line in which the strip cuts the section, free about the curve in the middle."""
    x, y = box.x + (box.width - 1) / 2, box.y + (box.height - 1) / 2
    far, near = box.width * _ARM_SHARE, box.width * _FREE_SHARE
    for side in (-1, 1):
        yield Stroke(((x + side * near, y), (x + side * far, y)), ACTIVE_INDEX)
