"""Curved multiplanar reformation: a volume along a curve, straightened or stretched, and cut across it.

Kanitsar, Fleischmann, Wegenkittl, Felkel, Groeller, CPR - curved planar reformation, IEEE Visualization 2002.
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

import numpy as np

from archive.errors import BadInput
from noctis_tui.imaging.curves.curve import FARTHEST_MM
from noctis_tui.imaging.curves.curve_frames import first_side, turned
from noctis_tui.imaging.curves.curved_grid import CurvedGrid
from noctis_tui.imaging.curves.line_sampling import values_on_lines
from noctis_tui.imaging.patient_space import ImagePlane
from noctis_tui.imaging.planes.projection import SAME_INDEX, Projection
from noctis_tui.imaging.slices import Slice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.curves.curve import Curve
    from noctis_tui.imaging.volume import Volume

    Floats = NDArray[np.float64]
    Values = NDArray[np.float32]

MAXIMUM_PIXELS = 16384
"""Rows, and columns, of a curved picture."""
_FINER = 8
"""So many steps of a row's height tell how long the way is that a stretched view unrolls."""


def straightened(
    curve: Curve,
    *,
    width_mm: float,
    spacing_mm: float,
    row_spacing_mm: float | None = None,
    rotation_degrees: float = 0.0,
) -> CurvedGrid:
    """Return the picture in which the curve is a vertical line through the middle column.

    Each row lies across the curve where it is, the first at its start; the side shown does not turn about
    the curve (`Curve.sides`) but by `rotation_degrees`, right-handed about the direction of the curve.
    Lengths along the middle column are lengths along the curve; across it they are true everywhere.

    Raises
    ------
    BadInput
        The picture would have no pixels, or too many.
    """
    row_spacing_mm = row_spacing_mm or spacing_mm
    columns = _pixels(width_mm, spacing_mm)
    arc_lengths: Floats = np.arange(_pixels(curve.length_mm, row_spacing_mm)) * np.float64(row_spacing_mm)
    positions, tangents, sides = curve.frames(arc_lengths)
    directions = turned(sides, tangents, rotation_degrees)
    middle = (columns - 1) / 2
    return CurvedGrid(
        starts_mm=positions - directions * middle * spacing_mm,
        directions=directions,
        normals=np.cross(directions, tangents),
        arc_lengths_mm=arc_lengths,
        center_columns=np.full(len(positions), middle),
        columns=columns,
        row_spacing_mm=row_spacing_mm,
        column_spacing_mm=spacing_mm,
    )


def stretched(
    curve: Curve,
    *,
    width_mm: float,
    spacing_mm: float,
    row_spacing_mm: float | None = None,
    rotation_degrees: float = 0.0,
) -> CurvedGrid:
    """Return the picture in which the curve is bent within the picture and straight across it.

    The surface is the curve moved along one direction, unrolled without distortion (Kanitsar's stretched
    reformation): every length in it is true, that of the curve's own image, too. The direction lies across
    the way from the curve's first to its last point, turned about it by `rotation_degrees`; `width_mm` is
    added to how far the curve wanders along it.

    Raises
    ------
    BadInput
        The picture would have no pixels, or too many.
    """
    row_spacing_mm = row_spacing_mm or spacing_mm
    direction = _stretching_direction(curve, rotation_degrees)
    steps = min(_FINER * _pixels(curve.length_mm, row_spacing_mm), _FINER * MAXIMUM_PIXELS)
    lengths = np.linspace(0, curve.length_mm, steps + 1)
    positions = curve.positions_mm(lengths)
    along = positions @ direction
    flattened = positions - along[:, None] * direction
    ways = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(flattened, axis=0), axis=1))])
    unrolled = np.arange(_pixels(ways[-1], row_spacing_mm)) * row_spacing_mm
    arc_lengths = np.interp(unrolled, ways, lengths)
    columns = _pixels(width_mm + along.max() - along.min(), spacing_mm)
    middle = (along.max() + along.min()) / 2
    offsets = np.interp(arc_lengths, lengths, along) - middle
    positions, tangents, _ = curve.frames(arc_lengths)
    center_columns = (columns - 1) / 2 + offsets / spacing_mm
    directions = np.broadcast_to(direction, positions.shape)
    return CurvedGrid(
        starts_mm=positions - directions * (center_columns * spacing_mm)[:, None],
        directions=directions,
        normals=_unit(np.cross(directions, tangents), first_side(direction)),
        arc_lengths_mm=arc_lengths,
        center_columns=center_columns,
        columns=columns,
        row_spacing_mm=row_spacing_mm,
        column_spacing_mm=spacing_mm,
    )


def cross_section(
    curve: Curve,
    arc_length_mm: float,
    *,
    width_mm: float,
    spacing_mm: float,
    rotation_degrees: float = 0.0,
    frame_of_reference_uid: str = "",
) -> Slice:
    """Return the square plane across the curve at an arc length, the curve in its middle.

    Its rows run as the row of the straightened view at this place does; its normal points along the curve.

    Raises
    ------
    BadInput
        The picture would have no pixels, or too many.
    """
    pixels = _pixels(width_mm, spacing_mm)
    position, tangent, side = curve.frames(arc_length_mm)
    row = turned(side, tangent, rotation_degrees)
    column = np.cross(tangent, row)
    first = position - (row + column) * (spacing_mm * (pixels - 1) / 2)
    x, y, z, a, b, c, d, e, f = (float(part) for part in (*first, *row, *column))
    plane = ImagePlane((x, y, z), (a, b, c, d, e, f), spacing_mm, spacing_mm)
    return Slice(plane, pixels, pixels, frame_of_reference_uid)


def curved_values(
    volume: Volume,
    grid: CurvedGrid,
    *,
    slab_thickness_mm: float = 0.0,
    projection: Projection = Projection.MAX,
    token: CancelToken | None = None,
) -> Values:
    """Return the modality values of a curved picture.

    Parameters
    ----------
    volume
        What is cut.
    grid
        Where the pixels lie.
    slab_thickness_mm, projection
        A slab of this thickness, half of it on either side of the surface, is projected across it: in steps
        of the smallest voxel spacing, as `reslicing` does. Samples outside the volume do not count.
    token
        Looked at at least every 30 ms.

    Returns
    -------
    NDArray[np.float32]
        [rows, columns]; NaN outside the volume.

    Raises
    ------
    Cancelled
        The token was cancelled.
    """
    steps = grid.directions * grid.column_spacing_mm
    layers = (
        values_on_lines(
            volume,
            grid.starts_mm + grid.normals * offset if offset else grid.starts_mm,
            steps,
            grid.columns,
            token,
        )
        for offset in _layer_offsets(volume, slab_thickness_mm, projection)
    )
    return _projected(layers, projection)


def _projected(layers: Iterator[Values], projection: Projection) -> Values:
    """Put layers together; where some are outside the volume, the others count."""
    total = next(layers)
    if projection is Projection.MEAN:
        counts = np.isfinite(total).astype(np.float32)
        total = np.nan_to_num(total, copy=False)
        for layer in layers:
            counts += np.isfinite(layer)
            total += np.nan_to_num(layer, copy=False)
        with np.errstate(invalid="ignore"):
            total /= counts
        return total
    choose = np.fmin if projection is Projection.MIN else np.fmax
    for layer in layers:
        choose(total, layer, out=total)
    return total


def _layer_offsets(volume: Volume, thickness_mm: float, projection: Projection) -> Floats:
    """Return how far from the surface the layers of a slab lie: as those of oblique planes."""
    step_mm = min(volume.spacing_mm)
    if projection is Projection.NONE or not thickness_mm > 0:
        return np.zeros(1)
    most = min(floor(thickness_mm / 2 / step_mm + SAME_INDEX), MAXIMUM_PIXELS)
    return np.arange(-most, most + 1) * np.float64(step_mm)


def _stretching_direction(curve: Curve, degrees: float) -> Floats:
    ends = curve.positions_mm([0.0, curve.length_mm])
    chord = ends[1] - ends[0]
    length = np.linalg.norm(chord)
    axis = chord / length if length > 1e-6 * curve.length_mm else curve.tangents(0.0)
    return turned(first_side(axis), axis, degrees)


def _unit(vectors: Floats, otherwise: Floats) -> Floats:
    """Return unit vectors; where the curve runs along its own rows, their normals are the given one."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    units: Floats = np.where(lengths > 1e-9, vectors / np.maximum(lengths, 1e-300), otherwise)
    return units


def _pixels(length_mm: float, spacing_mm: float) -> int:
    if not (0 < spacing_mm <= FARTHEST_MM and 0 <= length_mm <= FARTHEST_MM):
        raise BadInput("A curved picture needs a width and a pixel size above zero.")
    pixels = length_mm / spacing_mm
    if pixels > MAXIMUM_PIXELS - 1:
        raise BadInput(f"The curved picture would have more than {MAXIMUM_PIXELS} rows or columns.")
    return int(pixels + 1e-9) + 1
