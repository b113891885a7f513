"""Lengths on the picture along a curve: in mm of the picture, which is flat and undistorted.

A point of it is (along, across, 0): mm from where the curve begins, in the direction in which the rows of the
picture follow each other, and mm beside that point, in the direction in which columns do. Straightened,
*along* is the arc length and *across* the distance from the curve. It stays the same when more is shown
beside the curve.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from noctis_tui.reading.marks import MARK_INDEX, Handle, Note, Stroke
from noctis_tui.reading.overlay import ACTIVE_INDEX
from noctis_tui.reading.reconstruction.length_marks import length_text
from noctis_tui.reading.reconstruction.lengths import Lengths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noctis_tui.imaging.curves.curved_grid import CurvedGrid
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.imaging.slices import Point
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.reconstruction.curve_layout import CurveLayout, CurveView
    from noctis_tui.reading.reconstruction.lengths import Length

_WIDTH = 1.6
_ARM_LINES, _GAP_LINES = 0.8, 0.25


@dataclass(frozen=True, slots=True)
class StripLengths:
    """What is measured on a picture along a curve.

    Attributes
    ----------
    lengths
        Between points of the picture.
    cursor
        The point that keys set ends at; None while nothing is measured.
    """

    lengths: Lengths = field(default_factory=Lengths)
    cursor: Vector | None = None


def strip_point(grid: CurvedGrid, point: Point) -> Vector:
    """Return the mm of an image point (column, row)."""
    column, row = point
    across_mm = (column - float(grid.center_columns[0])) * grid.column_spacing_mm
    return row * grid.row_spacing_mm, across_mm, 0.0


def image_point(grid: CurvedGrid, point_mm: Vector) -> Point:
    """Return the image point (column, row) at mm; undoes `strip_point`."""
    along_mm, across_mm, _ = point_mm
    column = across_mm / grid.column_spacing_mm + float(grid.center_columns[0])
    return column, along_mm / grid.row_spacing_mm


def inside(view: CurveView, grid: CurvedGrid, point_mm: Vector) -> Vector:
    """Return the nearest point of the picture: from the curve's begin to its end, and of its columns."""
    end_mm = view.smooth.length_mm if not view.is_stretched else (grid.rows - 1) * grid.row_spacing_mm
    column, _ = image_point(grid, point_mm)
    _, across_mm, _ = strip_point(grid, (min(max(column, 0.0), grid.columns - 1.0), 0.0))
    return min(max(point_mm[0], 0.0), end_mm), across_mm, 0.0


def along_at(view: CurveView, grid: CurvedGrid, arc_length_mm: float) -> float:
    """Return how far along the picture a place of the curve is."""
    if not view.is_stretched:
        return arc_length_mm
    _, row = grid.curve_point(arc_length_mm)
    return row * grid.row_spacing_mm


def arc_at(view: CurveView, grid: CurvedGrid, along_mm: float) -> float:
    """Return the place of the curve, as its arc length, beside a point of the picture; undoes `along_at`."""
    return grid.arc_length_mm(along_mm / grid.row_spacing_mm) if view.is_stretched else along_mm


def strip_marks(strip: StripLengths, layout: CurveLayout, line_px: int) -> Iterator[Mark]:
    """Give what to draw over the pane, in its square pixels."""
    chosen = strip.lengths.chosen if strip.lengths.chosen is not None else -1
    for place, length in enumerate(strip.lengths.drawn):
        yield from _one(length, layout, chosen - 2 * place)
    if strip.lengths.being_drawn is not None:
        yield from _one(strip.lengths.being_drawn, layout, 1)
    if strip.cursor is not None:
        yield from _cursor(layout.screen_point(image_point(layout.grid, strip.cursor)), line_px)


def _one(length: Length, layout: CurveLayout, chosen_end: int) -> Iterator[Mark]:
    """Give the marks of a length; it is chosen, or being drawn, where `chosen_end` is 0 or 1."""
    start, end = (layout.screen_point(image_point(layout.grid, point)) for point in length.ends_mm)
    color = ACTIVE_INDEX if chosen_end in (0, 1) else MARK_INDEX  # those of planes look like the curve
    yield Stroke((start, end), color, width=_WIDTH)
    for place, point in enumerate((start, end)):
        yield Handle(point, color, active=place == chosen_end)
    yield Note(length_text(length), max(start, end), color)


def _cursor(at: Point, line_px: int) -> Iterator[Stroke]:
    """Give the four arms of a cross that leaves its point free."""
    near, far = _GAP_LINES * line_px, _ARM_LINES * line_px
    for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        arm = ((at[0] + across * near, at[1] + down * near), (at[0] + across * far, at[1] + down * far))
        yield Stroke(arm, ACTIVE_INDEX)
