"""Where in a pane the picture along a curve lies, and the section across it: true to the millimetre."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from noctis_tui.imaging.curves.curved import straightened, stretched
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.reading.reconstruction.curve import curve_of

if TYPE_CHECKING:
    from noctis_tui.imaging.curves.curve import Curve
    from noctis_tui.imaging.curves.curved_grid import CurvedGrid
    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.imaging.slices import Point

LYING_FROM = 1.15
"""A pane that is wider than high by this factor shows the curve from left to right, else downwards."""
_STRIP_SHARE = 0.5
"""The strip takes at most so much of the pane's shorter side."""
_GAP_PX = 4
_LEAST_SECTION_PX = 48
_COARSE_MM = 1.0


@dataclass(frozen=True, slots=True)
class CurveView:
    """What of a curve is looked at, and how.

    Attributes
    ----------
    points_mm
        The points it goes through; in two places at least, but for planes, which show the first one already.
    selected
        Which of them is chosen.
    rotation_degrees, width_mm
        How far the picture is turned about it, how much is shown beside it.
    arc_length_mm
        Where along it the reader is: there the section lies.
    is_stretched
        Whether it is bent in the picture as it is in the patient, instead of straightened.
    slab_mm, projection
        Of both pictures.
    """

    points_mm: tuple[Vector, ...]
    selected: int | None = None
    rotation_degrees: float = 0.0
    width_mm: float = 50.0
    arc_length_mm: float = 0.0
    is_stretched: bool = False
    slab_mm: float = 0.0
    projection: Projection = Projection.NONE

    @property
    def smooth(self) -> Curve:
        """The curve itself."""
        curve = curve_of(self.points_mm)
        assert curve is not None  # two places at least
        return curve

    def grid(self, spacing_mm: float) -> CurvedGrid:
        """Return where pixels of a size lie along the curve."""
        return _grid(
            self.points_mm, self.width_mm, spacing_mm, self.rotation_degrees, is_stretched=self.is_stretched
        )


@lru_cache(maxsize=8)
def _grid(
    points_mm: tuple[Vector, ...], width_mm: float, spacing_mm: float, degrees: float, *, is_stretched: bool
) -> CurvedGrid:
    curve = curve_of(points_mm)
    assert curve is not None
    view = stretched if is_stretched else straightened
    return view(curve, width_mm=width_mm, spacing_mm=spacing_mm, rotation_degrees=degrees)


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a pane in square screen pixels: its upper left corner and its size."""

    x: int
    y: int
    width: int
    height: int

    def holds(self, at_px: Point) -> bool:
        """Tell whether a screen point (x, y) lies in it."""
        return self.x <= at_px[0] < self.x + self.width and self.y <= at_px[1] < self.y + self.height


@dataclass(frozen=True, slots=True, eq=False)
class CurveLayout:
    """A pane with a strip along a curve and a section across it.

    Attributes
    ----------
    strip, grid
        Where it lies, and what its pixels show: one screen pixel each.
    is_lying
        Whether the rows of the grid follow each other from left to right; else downwards.
    section
        Where the section across lies, a square; None where there is no room.
    px_per_mm
        Of the strip.
    """

    strip: Box
    grid: CurvedGrid
    is_lying: bool
    section: Box | None
    px_per_mm: float

    def screen_point(self, point: Point) -> Point:
        """Return where a point (column, row) of the strip's grid lies in the pane."""
        column, row = point
        across, down = (row, column) if self.is_lying else (column, row)
        return self.strip.x + across, self.strip.y + down

    def grid_point(self, at_px: Point) -> Point:
        """Return the point (column, row) of the strip's grid at a screen point; undoes `screen_point`."""
        across, down = at_px[0] - self.strip.x, at_px[1] - self.strip.y
        return (down, across) if self.is_lying else (across, down)


def lay_out(view: CurveView, size_px: tuple[int, int]) -> CurveLayout:
    """Fit a view into a pane of a size (width, height) in square screen pixels."""
    width, height = (max(side, 8) for side in size_px)
    is_lying = width >= height * LYING_FROM
    long, short = (width, height) if is_lying else (height, width)
    along_mm, across_mm = _extent_mm(view)
    px_per_mm = min((long - 1) / along_mm, short * _STRIP_SHARE / across_mm)
    grid = view.grid(1 / px_per_mm)
    begin, thick = max((long - grid.rows) // 2, 0), min(grid.columns, short)
    if is_lying:
        strip = Box(begin, height - thick, min(grid.rows, width), thick)
    else:
        strip = Box(width - thick, begin, thick, min(grid.rows, height))
    side = min(short - thick - _GAP_PX, round(long * _STRIP_SHARE))
    section = Box(width - side if is_lying else 0, 0, side, side) if side >= _LEAST_SECTION_PX else None
    return CurveLayout(strip, grid, is_lying, section, px_per_mm)


def _extent_mm(view: CurveView) -> tuple[float, float]:
    if not view.is_stretched:
        return view.smooth.length_mm, view.width_mm
    coarse = view.grid(max(_COARSE_MM, view.smooth.length_mm / 1000))
    return coarse.rows * coarse.row_spacing_mm, coarse.columns * coarse.column_spacing_mm
