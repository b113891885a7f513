"""From where a volume is looked at: a direction as two angles, or any frame of LPS axes, as a sampling grid.

A view is a `Slice`. Rays run through the centres of its pixels along its normal, into the screen; which plane
along that normal it is matters only for slabs. Its rows and columns say how wide the picture is, in mm.
"""

from __future__ import annotations

from math import ceil, cos, radians, sin
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.patient_space import ImagePlane
from noctis_tui.imaging.slices import Slice

if TYPE_CHECKING:
    from noctis_tui.imaging.patient_space import Orientation, Vector
    from noctis_tui.imaging.volume import Volume


def turned_orientation(azimuth_degrees: float, elevation_degrees: float = 0.0) -> Orientation:
    """Return the directions of a picture's rows and columns, seen from around the patient.

    Parameters
    ----------
    azimuth_degrees
        0 looks at the patient's front, with the patient's left on the right of the picture as films hang;
        90 looks from the patient's left, 180 from behind, 270 from the right.
    elevation_degrees
        How far the eye has climbed: 90 looks down on the head, -90 up from the feet as axial slices do.

    Examples
    --------
    >>> [round(part) + 0 for part in turned_orientation(90)]
    [0, 1, 0, 0, 0, -1]
    """
    turn, climb = radians(azimuth_degrees), radians(elevation_degrees)
    return (
        cos(turn),
        sin(turn),
        0.0,
        sin(climb) * sin(turn),
        -sin(climb) * cos(turn),
        -cos(climb),
    )


def fitted_view(
    volume: Volume, orientation: Orientation, *, rows: int, columns: int, zoom: float = 1.0
) -> Slice:
    """Return the grid of square pixels that shows all of a volume, whichever way it is turned.

    Parameters
    ----------
    volume
        Its middle is the middle of the picture, and of the depth.
    orientation
        As of `turned_orientation`, or any two orthogonal unit vectors.
    rows, columns
        Of the picture.
    zoom
        1 leaves room for the longest diagonal, so that nothing is cut off and nothing grows while turning.
    """
    extent_mm = np.asarray(volume.shape) * volume.spacing_mm
    pixel_mm = float(np.linalg.norm(extent_mm)) / (min(rows, columns) * zoom)
    return centered_view(volume, orientation, pixel_mm, rows=rows, columns=columns)


def filled_view(volume: Volume, orientation: Orientation, pixel_mm: float) -> Slice:
    """Return the smallest grid with pixels of this size that shows all of a volume from one direction."""
    extent_mm = np.abs(np.reshape(orientation, (2, 3)) @ volume.index_to_patient[:3, :3]) @ volume.shape
    columns, rows = (max(ceil(round(float(size) / pixel_mm, 6)), 1) for size in extent_mm)
    return centered_view(volume, orientation, pixel_mm, rows=rows, columns=columns)


def centered_view(
    volume: Volume, orientation: Orientation, pixel_mm: float, *, rows: int, columns: int
) -> Slice:
    """Return a grid of square pixels through the middle of a volume."""
    right, down = np.reshape(orientation, (2, 3)) * pixel_mm
    first = np.asarray(volume.center_mm) - right * (columns - 1) / 2 - down * (rows - 1) / 2
    position: Vector = (float(first[0]), float(first[1]), float(first[2]))
    plane = ImagePlane(position, orientation, pixel_mm, pixel_mm)
    return Slice(plane, rows, columns, volume.frame_of_reference_uid)
