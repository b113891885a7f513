"""Planes and slabs out of a volume, anywhere and in any direction.

What a slab is
    It is `slab_thickness_mm` thick, with the plane of the grid in its middle. Its samples lie behind each
    other along the normal:

    - where the normal runs along an index axis of the volume: at the slices' own centres that lie in the
      slab, its two ends included. A slab of 10 mm around a slice of 1 mm has eleven slices, and is exactly
      what vtkImageSlab and SimpleITK's Maximum, Minimum and MeanProjection make of these. A slab too thin to
      hold a centre is the plane in its middle;
    - else in the plane itself and on both sides of it in steps of the smallest voxel spacing, as far as half
      of the thickness: an odd number of samples.

    Samples outside the volume do not count. Means weigh all samples alike.

What a sample is
    Pixels that are voxels, one for one - the normal along an index axis, columns and rows along the others,
    a whole number of voxels apart - are these voxels, bit-exact. All others are interpolated trilinearly
    between the centres of eight voxels. A volume reaches to the edges of its outermost voxels; in their outer
    half they have the value at their centre. Beyond, there is NaN.

What was not measured
    Padding is as good as outside: a volume that has it reaches to the edges of the outermost voxels that are
    none. Only where pixels are voxels of a single layer padding keeps the value that the files have; gaps,
    which no file has (`Volume.has_gaps`), are NaN there, too.
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.patient_space import ImagePlane
from noctis_tui.imaging.planes.padding import without_gaps
from noctis_tui.imaging.planes.projection import SAME_INDEX, Projection, slab_of
from noctis_tui.imaging.planes.sampling_grid import SamplingGrid, lattice
from noctis_tui.imaging.planes.slab_projection import project_layers
from noctis_tui.imaging.planes.trilinear import sample
from noctis_tui.imaging.rescaling import modality_values
from noctis_tui.imaging.slices import Slice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.progress import CancelToken
    from noctis_tui.imaging.planes.sampling_grid import Lattice
    from noctis_tui.imaging.volume import Volume

DRAFT = 2
"""A draft has a sample for so many rows and columns, and steps so much wider along the normal."""


def reslice(
    volume: Volume,
    grid: Slice,
    *,
    slab_thickness_mm: float = 0.0,
    projection: Projection = Projection.MAX,
    token: CancelToken | None = None,
    draft: bool = False,
) -> NDArray[np.float32]:
    """Sample a plane, or project a slab, of a volume.

    Parameters
    ----------
    volume
        What to sample.
    grid
        Where the pixels lie. The caller knows that its frame of reference is the volume's.
    slab_thickness_mm
        Thickness of the slab around the plane; 0 is the plane alone.
    projection
        What becomes of the samples of a slab; NONE leaves the plane alone, however thick the slab is.
    token
        Looked at at least every 30 ms.
    draft
        Whether a quarter of the samples will do for now, of a slab an eighth: each stands for 2 x 2 pixels.
        Pixels that are voxels are exact all the same: that is faster.

    Returns
    -------
    NDArray[np.float32]
        [rows, columns] of the grid: modality values, NaN outside the volume.

    Raises
    ------
    Cancelled
        When the token says so.
    """
    of_stored = projection.of_stored_values(volume.rescale_slope)
    thickness_mm = 0.0 if projection is Projection.NONE else slab_thickness_mm
    placed = SamplingGrid.of(volume, grid)
    layers = _layers(volume, placed, thickness_mm)
    met = None if layers is None or placed.axis is None else lattice(placed, placed.axis)
    if layers is not None and met is not None:
        return _taken(volume, placed, met, layers, projection, token)
    coarseness = DRAFT if draft else 1
    if draft:
        placed = SamplingGrid.of(volume, coarser(grid, DRAFT))
    planes = _planes(volume, placed, layers, thickness_mm, coarseness)
    sampled = sample(volume.stored_values, planes, of_stored, padding=volume.stored_padding, token=token)
    values = modality_values(volume, sampled, may_overwrite=True)
    if draft:
        values = values.repeat(DRAFT, 0)[: grid.rows].repeat(DRAFT, 1)[:, : grid.columns]
    return values


def coarser(grid: Slice, factor: int) -> Slice:
    """Return a grid over the same area with a pixel for each factor x factor, the last ones sticking out.

    What shows pictures larger than they are can draw it in place of a draft, and has four times less to do.
    """
    plane = grid.plane
    middle = (factor - 1) / 2
    wide = ImagePlane(
        plane.patient_point(middle, middle),
        plane.orientation,
        plane.row_spacing_mm * factor,
        plane.column_spacing_mm * factor,
    )
    return Slice(wide, -(-grid.rows // factor), -(-grid.columns // factor), grid.frame_of_reference_uid)


def _layers(volume: Volume, placed: SamplingGrid, thickness_mm: float) -> range | None:
    """Return the slices that a slab consists of; None for what is oblique or between slices."""
    axis = placed.axis
    if axis is None:
        return None
    middle, count = float(placed.origin[axis]), volume.shape[axis]
    return slab_of(middle, thickness_mm, volume.spacing_mm[axis], count) or None


def _taken(
    volume: Volume,
    placed: SamplingGrid,
    met: Lattice,
    layers: range,
    projection: Projection,
    token: CancelToken | None,
) -> NDArray[np.float32]:
    """Return pixels that are voxels, or projections of voxels."""
    axis = placed.axis
    assert axis is not None
    if len(layers) == 1:
        voxels = tuple(layers[0] if each == axis else met.voxels[each] for each in range(3))
        plane = volume.stored_values[voxels]
    else:
        plane = project_layers(volume, axis, layers, met.voxels, projection, token=token)
    values = modality_values(volume, plane)
    if len(layers) == 1:
        values = without_gaps(volume, plane, values)
    values = values.T if met.turned else values
    if values.shape == (placed.rows, placed.columns):
        return values
    out = np.full((placed.rows, placed.columns), np.nan, np.float32)
    out[met.pixels] = values
    return out


def _planes(
    volume: Volume, placed: SamplingGrid, layers: range | None, thickness_mm: float, coarseness: int
) -> list[SamplingGrid]:
    """Return the planes that a slab is sampled in; `coarseness` is how many steps are made in one."""
    axis = placed.axis
    if axis is not None and layers is not None:
        along = np.eye(3)[axis]
        return [placed.moved((layer - placed.origin[axis]) * along) for layer in layers[::coarseness]]
    step_mm = min(volume.spacing_mm) * coarseness
    most = 0 if axis is not None else floor(thickness_mm / 2 / step_mm + SAME_INDEX)
    return [placed.moved(step * step_mm * placed.per_mm) for step in range(-most, most + 1)]
