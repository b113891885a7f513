"""Curves over the planes: their course as it is seen through the patient, and their points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.slices import distance_mm
from noctis_tui.reading.marks import Handle, Stroke
from noctis_tui.reading.reconstruction.curve import curve_of
from noctis_tui.reading.reconstruction.curve_picture import CURVE_INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noctis_tui.imaging.patient_space import ImagePlane, Vector
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.reconstruction.curve_layout import CurveView

_STEP_MM = 2.0
_MOST_PIECES = 400
_NEAR_MM = 3.0
"""What lies within so much of the plane is drawn in full; the rest of the curve is dashed."""


def curve_marks(shown: CurveView, seen: Slice, slab_mm: float = 0.0) -> tuple[Mark, ...]:
    """Return what to draw over a plane's picture, in points of its grid.

    The curve is projected along the normal of the plane; where it runs within the slab, or `_NEAR_MM` of the
    plane, it is drawn in full. Points beyond are left out, but for the chosen one.
    """
    reach = max(slab_mm / 2, _NEAR_MM)
    return (*_course(shown, seen.plane, reach), *_points(shown, seen.plane, reach))


def _course(shown: CurveView, plane: ImagePlane, reach: float) -> Iterator[Stroke]:
    curve = curve_of(shown.points_mm)
    if curve is None:
        return
    pieces = int(min(max(curve.length_mm / _STEP_MM, 2), _MOST_PIECES))
    places: list[Vector] = [
        (x, y, z) for x, y, z in curve.positions_mm(np.linspace(0, curve.length_mm, pieces + 1)).tolist()
    ]
    is_near = [abs(distance_mm(plane, place)) <= reach for place in places]
    start = 0
    for end in range(1, len(places)):
        if end == len(places) - 1 or is_near[end] != is_near[start]:
            run = tuple(plane.image_point(place) for place in places[start : end + 1])
            yield Stroke(run, CURVE_INDEX, dashed=not is_near[start])
            start = end


def _points(shown: CurveView, plane: ImagePlane, reach: float) -> Iterator[Handle]:
    for place, point in enumerate(shown.points_mm):
        is_chosen = place == shown.selected
        if is_chosen or abs(distance_mm(plane, point)) <= reach:
            yield Handle(plane.image_point(point), CURVE_INDEX, active=is_chosen)
