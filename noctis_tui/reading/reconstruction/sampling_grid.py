"""The points that a plane of a volume is sampled at: its own voxels where it runs along them."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from noctis_tui.imaging.patient_space import ImagePlane, dot, normal_of
from noctis_tui.imaging.slices import Slice

if TYPE_CHECKING:
    from noctis_tui.imaging.patient_space import Orientation, Vector
    from noctis_tui.reading.reconstruction.volume_box import VolumeBox

MOST_SAMPLES = 2048
"""Along a side: spacings that a file makes up never ask for more."""
_ROUNDING = 1e-6


def sampling_grid(
    box: VolumeBox, orientation: Orientation, through_mm: Vector, *, coarser: float = 1.0
) -> Slice:
    """Return the grid of a plane that holds all of the volume.

    Parameters
    ----------
    box
        The volume.
    orientation
        The unit vectors to the right and down.
    through_mm
        A point of the plane, LPS.
    coarser
        How many times farther apart samples lie than they should: for drafts.

    Returns
    -------
    Slice
        The voxels themselves where the plane runs along them; else squares as small as a voxel's shortest
        side, which lie still while the plane moves along its normal.
    """
    native = _along_voxels(box, orientation, through_mm) if coarser <= 1 else None
    return native or _square(box, orientation, through_mm, coarser)


def _along_voxels(box: VolumeBox, orientation: Orientation, through_mm: Vector) -> Slice | None:
    across, down = box.axis_along(_right(orientation)), box.axis_along(_down(orientation))
    if across is None or down is None or max(box.shape) > MOST_SAMPLES:
        return None
    first = list(box.index(through_mm))
    for axis, sign in (across, down):
        first[axis] = 0.0 if sign > 0 else box.shape[axis] - 1.0
    k, j, i = (float(round(place)) if abs(place - round(place)) < _ROUNDING else place for place in first)
    right, below = (tuple(sign * part + 0.0 for part in box.axes[axis]) for axis, sign in (across, down))
    plane = ImagePlane(
        box.point((k, j, i)),
        (right[0], right[1], right[2], below[0], below[1], below[2]),
        box.spacing_mm[down[0]],
        box.spacing_mm[across[0]],
    )
    return Slice(plane, box.shape[down[0]], box.shape[across[0]])


def _square(box: VolumeBox, orientation: Orientation, through_mm: Vector, coarser: float) -> Slice:
    right, down = _right(orientation), _down(orientation)
    across_mm, down_mm = box.extent_mm(right), box.extent_mm(down)
    side_mm = max(min(box.spacing_mm) * coarser, across_mm / MOST_SAMPLES, down_mm / MOST_SAMPLES)
    columns = max(ceil(across_mm / side_mm - _ROUNDING), 1)
    rows = max(ceil(down_mm / side_mm - _ROUNDING), 1)
    normal, middle = normal_of(orientation), box.center_mm
    away = dot((through_mm[0] - middle[0], through_mm[1] - middle[1], through_mm[2] - middle[2]), normal)
    left_mm, up_mm = (columns - 1) / 2 * side_mm, (rows - 1) / 2 * side_mm
    x, y, z = (
        middle[part] + normal[part] * away - right[part] * left_mm - down[part] * up_mm for part in range(3)
    )
    return Slice(ImagePlane((x, y, z), orientation, side_mm, side_mm), rows, columns)


def _right(orientation: Orientation) -> Vector:
    return orientation[0], orientation[1], orientation[2]


def _down(orientation: Orientation) -> Vector:
    return orientation[3], orientation[4], orientation[5]
