"""Shapes as the graphic data of DICOM, and back.

Reports and presentation states count image points from the top left corner of the first pixel (PS3.3
C.18.6.1.1, C.10.5.1.2), annotations from its centre: half a pixel lies between them. Graphic Data are 32-bit
floats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from archive.annotations.annotation import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from archive.annotations.annotation import Point

CLOSED: Final = frozenset({Kind.RECTANGLE, Kind.POLYGON, Kind.FREEHAND})
"""Shapes whose last point is joined to the first."""
_ROUND: Final = 3
"""Decimals that 32-bit floats keep of any image point; nobody sets a point to a thousandth of a pixel."""


def graphic(kind: Kind, points: Sequence[Point]) -> list[tuple[str, NDArray[np.float64]]]:
    """Return graphic types (POINT, POLYLINE, ELLIPSE) and their points, float64 [n, 2], of a shape.

    One for each shape but Cobb's angle, which is two lines; none for a text.
    """
    shifted = np.asarray(points, np.float64).reshape(-1, 2) + 0.5
    if kind is Kind.TEXT:
        return []
    if kind is Kind.COBB:
        return [("POLYLINE", shifted[:2]), ("POLYLINE", shifted[2:4])]
    graphic_type = {Kind.PROBE: "POINT", Kind.ELLIPSE: "ELLIPSE"}.get(kind, "POLYLINE")
    return [(graphic_type, _drawn(kind, shifted))]


def _drawn(kind: Kind, shifted: NDArray[np.float64]) -> NDArray[np.float64]:
    if kind is Kind.ELLIPSE:
        return _axes(shifted)
    if kind is Kind.RECTANGLE:
        return _corners(shifted)
    return np.vstack([shifted, shifted[:1]]) if kind in CLOSED else shifted


def points_of(kind: Kind, graphics: Sequence[NDArray[np.float64]]) -> tuple[Point, ...]:
    """Return the points of a shape from the graphics that `graphic` made of it."""
    if kind is Kind.ELLIPSE:
        return _points(_box(graphics[0]))
    if kind is Kind.RECTANGLE:
        return _points(graphics[0][[0, 2]])
    if kind in CLOSED:
        return _points(graphics[0][:-1])
    return _points(np.vstack(list(graphics)) if kind is Kind.COBB else graphics[0])


def kind_of_graphic(graphic_type: str, points: NDArray[np.float64]) -> Kind | None:
    """Return what another program's graphic is closest to; None for what has no equal here."""
    if graphic_type == "POLYLINE" or (graphic_type == "INTERPOLATED" and len(points) > 2):
        closed = len(points) > 3 and np.allclose(points[0], points[-1])
        return Kind.POLYGON if closed else Kind.LENGTH if len(points) == 2 else Kind.POLYLINE
    upright = graphic_type == "CIRCLE" or (graphic_type == "ELLIPSE" and _is_upright(points))
    return Kind.PROBE if graphic_type == "POINT" else Kind.ELLIPSE if upright else None


def as_ellipse(graphic_type: str, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the four ends of the axes of a CIRCLE (centre, a point on it); an ELLIPSE has them already."""
    if graphic_type != "CIRCLE":
        return points
    center, radius = points[0], float(np.hypot(*(points[1] - points[0])))
    ends: NDArray[np.float64] = center + radius * np.array([(-1, 0), (1, 0), (0, -1), (0, 1)])
    return ends


def _points(shifted: NDArray[np.float64]) -> tuple[Point, ...]:
    return tuple((round(float(x) - 0.5, _ROUND), round(float(y) - 0.5, _ROUND)) for x, y in shifted)


def _axes(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ends of the major, then of the minor axis (PS3.3 C.10.5.1.2)."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    x, y = (left + right) / 2, (top + bottom) / 2
    across, down = [(left, y), (right, y)], [(x, top), (x, bottom)]
    return np.array([*across, *down] if right - left >= bottom - top else [*down, *across])


def _box(axes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([axes.min(axis=0), axes.max(axis=0)])


def _corners(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    (ax, ay), (bx, by) = corners[0], corners[1]
    return np.array([(ax, ay), (bx, ay), (bx, by), (ax, by), (ax, ay)])


def _is_upright(axes: NDArray[np.float64]) -> bool:
    if len(axes) != 4:
        return False
    along = np.abs(axes[1] - axes[0])
    return bool(along.min() <= 1e-3 * max(float(along.max()), 1e-9))
