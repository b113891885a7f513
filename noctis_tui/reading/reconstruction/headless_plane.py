"""One plane through a volume, asked for in millimetres: where its samples lie, their values, their sources.

A named plane (axial, coronal, sagittal) is the volume's own plane that lies nearest to it, looked at as
radiologists do: its samples are the voxels, so that nothing is interpolated at whole slices. Its position
counts from the volume's first slice (row, column) toward its last. An oblique plane is given by its normal.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, hypot, isfinite
from typing import TYPE_CHECKING

import numpy as np

from archive.errors import BadInput
from noctis_tui.imaging.patient_space import ImagePlane, dot, normal_of
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.reslicing import reslice
from noctis_tui.imaging.slices import Slice
from noctis_tui.reading.reconstruction.plane_axes import Plane, axes_along
from noctis_tui.reading.reconstruction.volume_box import VolumeBox

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.patient_space import Orientation, Vector
    from noctis_tui.imaging.volume import Volume

MOST_SAMPLES = 1 << 26
"""Of a plane: 256 MB."""
LONGEST_SIDE = 16384
_SAME_PLACE = 1e-3
"""Of a voxel: positions are typed with few decimals, and a slice is meant that is as near."""
_ROUNDING = 1e-6
_PARALLEL = 1e-6
_ZERO = 1e-12


@dataclass(frozen=True, slots=True)
class PlaneRequest:
    """What is asked for; None is for what is not said.

    Attributes
    ----------
    plane
        None for an oblique one, which has a `normal`.
    position_mm
        Along the normal, from the volume's first slice; the middle of the volume without it.
    center_mm
        The point in the middle of the picture, LPS; of a named plane without size, a point it goes through.
    normal, up
        Of an oblique plane, LPS: where it is looked at to, away from the reader; where its upper edge is.
    spacing_mm
        Distance of samples in rows and columns.
    size
        Columns and rows.
    slab_mm
        Thickness of the slab around the plane.
    projection
        What becomes of the samples behind each other; without a slab, of the whole volume.
    """

    plane: Plane | None = None
    position_mm: float | None = None
    center_mm: Vector | None = None
    normal: Vector | None = None
    up: Vector | None = None
    spacing_mm: float | None = None
    size: tuple[int, int] | None = None
    slab_mm: float | None = None
    projection: Projection | None = None


@dataclass(frozen=True, eq=False, slots=True)
class PlaneImage:
    """The values of a plane.

    Attributes
    ----------
    values
        float32 [rows, columns]: modality values, NaN outside the volume.
    grid
        Where they lie.
    slab_thickness_mm
        0 for a plane alone.
    projection
        NONE for a plane alone.
    source_sop_instance_uids
        The instances of the slices that it was made of, each once, in the order of the slices.
    """

    values: NDArray[np.float32]
    grid: Slice
    slab_thickness_mm: float
    projection: Projection
    source_sop_instance_uids: tuple[str, ...]


def cut_plane(volume: Volume, request: PlaneRequest, *, token: CancelToken | None = None) -> PlaneImage:
    """Sample the plane or the slab that is asked for.

    Parameters
    ----------
    volume, request
        Of which volume, and where.
    token
        Looked at while it is sampled.

    Raises
    ------
    BadInput
        The plane would have too many samples, its normal has no length, or `up` runs along it.
    Cancelled
        When the token says so.
    """
    grid = plane_grid(volume, request)
    thickness_mm, projection = 0.0, Projection.NONE
    if request.slab_mm is not None or request.projection is not None:
        projection = request.projection or Projection.MAX
        whole = VolumeBox.of(volume).extent_mm(grid.plane.normal)
        thickness_mm = whole if request.slab_mm is None else request.slab_mm
    values = reslice(volume, grid, slab_thickness_mm=thickness_mm, projection=projection, token=token)
    sources = sources_of(volume, grid, values, thickness_mm)
    return PlaneImage(values, grid, thickness_mm, projection, sources)


def plane_grid(volume: Volume, request: PlaneRequest) -> Slice:
    """Return where the samples of the plane lie that is asked for.

    Raises
    ------
    BadInput
        There would be too many, the normal has no length, or `up` runs along it.
    """
    box = VolumeBox.of(volume)
    uid = volume.frame_of_reference_uid
    if request.plane is None:
        orientation = oblique_orientation(request.normal or (0.0, 0.0, 0.0), request.up)
        return _around(box, orientation, _oblique_center(box, orientation, request), request, uid)
    named = axes_along(box.axes).of(request.plane)
    orientation = (*_clean(named[:3]), *_clean(named[3:]))
    at = _index_along(box, orientation, request)
    if request.size is None:
        return _along_voxels(box, orientation, at, request.spacing_mm, uid)
    middle = list(box.index(request.center_mm or box.center_mm))
    axis, _ = _axis(box, normal_of(orientation))
    middle[axis] = at
    return _around(box, orientation, box.point((middle[0], middle[1], middle[2])), request, uid)


def oblique_orientation(normal: Vector, up: Vector | None = None) -> Orientation:
    """Return the directions to the right and down of a plane that is looked at along its normal.

    Right x down is the normal, as of images (PS3.3 C.7.6.2.1.1): an axial plane whose normal points to the
    head is seen from the feet. Without `up` the head is up, of planes that are rather axial the anterior.

    Raises
    ------
    BadInput
        The normal has no length, or `up` runs along it.
    """
    away = _unit(normal)
    if away is None:
        raise BadInput("The normal of a plane is a direction: three numbers that are not all 0.")
    if up is None:
        up = (0.0, -1.0, 0.0) if abs(away[2]) > hypot(away[0], away[1]) else (0.0, 0.0, 1.0)
    upward = _unit(up) or away
    along = dot(upward, away)
    down = tuple(along * part - upper for part, upper in zip(away, upward, strict=True))
    downward = _unit((down[0], down[1], down[2])) if hypot(*down) > _PARALLEL else None
    if downward is None:
        raise BadInput("--up has to point to another direction than the normal of the plane.")
    right = normal_of((*downward, *away))
    return (*_clean(right), *_clean(downward))


def sources_of(
    volume: Volume, grid: Slice, values: NDArray[np.float32], slab_thickness_mm: float
) -> tuple[str, ...]:
    """Return the instances of the slices that samples inside the volume come from, in the slices' order."""
    inside = np.argwhere(~np.isnan(values))
    if not len(inside) or not volume.source_sop_instance_uids:
        return ()
    steps = volume.patient_to_index[0, :3]
    plane = grid.plane
    per_row = float(steps @ np.array(plane.column_direction)) * plane.row_spacing_mm
    per_column = float(steps @ np.array(plane.row_direction)) * plane.column_spacing_mm
    slices = inside @ (per_row, per_column) + volume.voxel_index(plane.position_mm)[0]
    half = abs(float(steps @ np.array(plane.normal))) * slab_thickness_mm / 2
    last = volume.shape[0] - 1
    first, beyond = float(slices.min()) - half, float(slices.max()) + half
    if half and _is_along_slices(volume, plane):  # a slab of slices takes those whose centres lie in it
        first, beyond = ceil(first - _ROUNDING), floor(beyond + _ROUNDING)
        if first > beyond:
            first, beyond = float(slices.min()), float(slices.max())
    low, high = floor(max(first, 0) + _ROUNDING), ceil(min(beyond, last) - _ROUNDING)
    return tuple(dict.fromkeys(volume.source_sop_instance_uids[low : high + 1]))


def _is_along_slices(volume: Volume, plane: ImagePlane) -> bool:
    found = VolumeBox.of(volume).axis_along(plane.normal)
    return found is not None and found[0] == 0


def _axis(box: VolumeBox, direction: Vector) -> tuple[int, int]:
    """Return which index axis a direction is, and its sign."""
    cosines = [dot(direction, axis) for axis in box.axes]
    place = max(range(3), key=lambda axis: abs(cosines[axis]))
    return place, 1 if cosines[place] > 0 else -1


def _index_along(box: VolumeBox, orientation: Orientation, request: PlaneRequest) -> float:
    """Return where a named plane lies along its index axis: a whole slice where it is as good as one."""
    axis, _ = _axis(box, normal_of(orientation))
    if request.position_mm is not None:
        at = request.position_mm / box.spacing_mm[axis]
    elif request.center_mm is not None:
        at = box.index(request.center_mm)[axis]
    else:
        at = float(box.shape[axis] // 2)
    return float(round(at)) if abs(at - round(at)) < _SAME_PLACE else at


def _along_voxels(
    box: VolumeBox, orientation: Orientation, at: float, spacing_mm: float | None, uid: str
) -> Slice:
    """Return the grid that begins at the first voxel: the voxels themselves without another spacing."""
    across, down = _axis(box, orientation[:3]), _axis(box, orientation[3:])
    first = [at, at, at]
    for axis, sign in (across, down):
        first[axis] = 0.0 if sign > 0 else box.shape[axis] - 1.0
    steps = [spacing_mm or box.spacing_mm[axis] for axis, _ in (down, across)]
    rows, columns = (
        floor((box.shape[axis] - 1) * box.spacing_mm[axis] / step + _ROUNDING) + 1
        for (axis, _), step in zip((down, across), steps, strict=True)
    )
    plane = ImagePlane(box.point((first[0], first[1], first[2])), orientation, steps[0], steps[1])
    return _checked(Slice(plane, rows, columns, uid))


def _around(
    box: VolumeBox, orientation: Orientation, center_mm: Vector, request: PlaneRequest, uid: str
) -> Slice:
    """Return a grid of squares around a point; it holds all of the volume unless its size is given."""
    right, down = orientation[:3], orientation[3:]
    spans = [2 * abs(dot(_from(center_mm, box.center_mm), way)) + box.extent_mm(way) for way in (right, down)]
    spacing_mm = request.spacing_mm or min(box.spacing_mm)
    if request.size is None:
        columns, rows = (2 * ceil(span / spacing_mm / 2 - 0.5 - _ROUNDING) + 1 for span in spans)
    else:
        columns, rows = request.size
        if request.spacing_mm is None:
            spacing_mm = max(spans[0] / columns, spans[1] / rows)
    left_mm, up_mm = (columns - 1) / 2 * spacing_mm, (rows - 1) / 2 * spacing_mm
    x, y, z = (center_mm[part] - right[part] * left_mm - down[part] * up_mm for part in range(3))
    return _checked(Slice(ImagePlane((x, y, z), orientation, spacing_mm, spacing_mm), rows, columns, uid))


def _oblique_center(box: VolumeBox, orientation: Orientation, request: PlaneRequest) -> Vector:
    if request.center_mm is not None:
        return request.center_mm
    middle = box.center_mm
    if request.position_mm is None:
        return middle
    normal = normal_of(orientation)
    first = box.point((0.0, (box.shape[1] - 1) / 2, (box.shape[2] - 1) / 2))
    away = dot(_from(first, middle), normal) + request.position_mm
    return (middle[0] + normal[0] * away, middle[1] + normal[1] * away, middle[2] + normal[2] * away)


def _checked(grid: Slice) -> Slice:
    if max(grid.rows, grid.columns) > LONGEST_SIDE or grid.rows * grid.columns > MOST_SAMPLES:
        raise BadInput(
            f"The plane would have {grid.columns:,} x {grid.rows:,} samples: ask for a larger --spacing or a"
            " smaller --size."
        )
    return grid


def _from(point_mm: Vector, start_mm: Vector) -> Vector:
    return point_mm[0] - start_mm[0], point_mm[1] - start_mm[1], point_mm[2] - start_mm[2]


def _unit(vector: Vector) -> Vector | None:
    largest = max(abs(part) for part in vector)
    if not isfinite(largest) or largest == 0:
        return None
    x, y, z = (part / largest for part in vector)
    length = hypot(x, y, z)
    return x / length, y / length, z / length


def _clean(vector: Vector) -> Vector:
    """Return the vector with zeros where rounding left less than 1e-12, or a minus."""
    x, y, z = (part if abs(part) > _ZERO else 0.0 for part in vector)
    return x, y, z
