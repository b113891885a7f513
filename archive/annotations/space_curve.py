"""A curve that a reader laid through a patient, along a vessel say: points in a frame of reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

SpacePoint: TypeAlias = tuple[float, float, float]
"""LPS x, y, z in mm, as in Image Position (Patient)."""

MAXIMUM_CURVE_POINTS = 1000
"""How many points a curve may have."""
FARTHEST_MM = 1e6
"""How far from the origin of its frame of reference a point may lie."""
WIDEST_MM = 1000.0
"""How wide a picture along a curve may be."""


@dataclass(frozen=True, slots=True)
class SpaceCurve:
    """Points of a curve in their order, and how a picture along it is looked at.

    Attributes
    ----------
    uid
        Its own public identity, a UUID.
    study_instance_uid, series_instance_uid
        The study it belongs to, and the series it was laid through.
    frame_of_reference_uid
        (0020,0052) of that series: what else is measured from the same origin shows it, too. Empty where the
        series has none.
    points_mm
        LPS.
    name
        What the reader calls it; may be empty.
    rotation_degrees, width_mm
        How far pictures along it are turned about it, and how wide they are.
    author
        Who drew it, as the person is known to the system.
    created_at, modified_at
        Unix seconds.
    """

    uid: str
    study_instance_uid: str
    series_instance_uid: str
    frame_of_reference_uid: str
    points_mm: tuple[SpacePoint, ...]
    name: str = ""
    rotation_degrees: float = 0.0
    width_mm: float = 50.0
    author: str = ""
    created_at: float = 0.0
    modified_at: float = 0.0
