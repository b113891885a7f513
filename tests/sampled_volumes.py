"""Volumes and grids through them, and what SimpleITK and VTK sample there."""

from __future__ import annotations

from math import cos, sin
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.imaging.patient_space import ImagePlane
from noctis_tui.imaging.slices import Slice
from noctis_tui.imaging.volume import Volume

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

AXES = {
    "axial": ((0, 0, 1), (0, 1, 0), (1, 0, 0)),
    "coronal": ((0, 1, 0), (0, 0, -1), (1, 0, 0)),
    "flipped": ((0, 0, -1), (0, 1, 0), (-1, 0, 0)),
    "sagittal": ((-1, 0, 0), (0, 0, -1), (0, 1, 0)),
}
"""Directions in which slices, rows and columns follow each other, LPS."""


def turned(degrees: tuple[float, float, float]) -> NDArray[np.float64]:
    """Return a rotation: about x, then y, then z."""
    out = np.eye(3)
    for axis, angle in enumerate(np.radians(degrees)):
        a, b = (axis + 1) % 3, (axis + 2) % 3
        one = np.eye(3)
        one[a, a] = one[b, b] = cos(angle)
        one[a, b], one[b, a] = -sin(angle), sin(angle)
        out = one @ out
    return out


def volume_of(
    stored: NDArray[Any],
    spacing_mm: tuple[float, float, float] = (1.0, 1.0, 1.0),
    axes: str = "axial",
    degrees: tuple[float, float, float] = (0.0, 0.0, 0.0),
    slope: float = 1.0,
    intercept: float = 0.0,
) -> Volume:
    """Lay stored values down in the patient, off the origin."""
    affine = np.eye(4)
    affine[:3, :3] = turned(degrees) @ np.array(AXES[axes], float).T * spacing_mm
    affine[:3, 3] = (-31.5, 12.25, 107.0)
    return Volume(stored, affine, slope, intercept)


def noise(shape: tuple[int, int, int], dtype: Any = np.int16, seed: int = 1) -> NDArray[Any]:
    """Values from everywhere a CT has them, a neighbour telling nothing of the next."""
    values = np.random.default_rng(seed).integers(-1024, 3072, shape)
    return (
        values if np.dtype(dtype).kind != "u" else (values + 1024) // (16 if dtype is np.uint8 else 1)
    ).astype(dtype)


def grid_through(
    volume: Volume,
    degrees: tuple[float, float, float],
    pixels: tuple[int, int] = (40, 50),
    spacing_mm: float = 0.9,
    off_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Slice:
    """Return a plane whose middle is the volume's, or a little off."""
    axes = turned(degrees)
    row, column = axes[:, 0], axes[:, 1]
    middle = np.array(volume.center_mm) + off_mm
    rows, columns = pixels
    first = middle - row * spacing_mm * (columns - 1) / 2 - column * spacing_mm * (rows - 1) / 2
    plane = ImagePlane(tuple(first.tolist()), (*row.tolist(), *column.tolist()), spacing_mm, spacing_mm)
    return Slice(plane, rows, columns)


def axis_grid(volume: Volume, axis: int, at: float) -> Slice:
    """Return the grid of a volume's own voxels across an index axis, in the order of the other two."""
    down, right = (each for each in range(3) if each != axis)
    corner = [0.0, 0.0, 0.0]
    corner[axis] = at
    directions = volume.index_to_patient[:3, :3] / volume.spacing_mm
    plane = ImagePlane(
        volume.patient_point(*corner),
        (*directions[:, right].tolist(), *directions[:, down].tolist()),
        volume.spacing_mm[down],
        volume.spacing_mm[right],
    )
    return Slice(plane, volume.shape[down], volume.shape[right])


def by_simpleitk(volume: Volume, grid: Slice, outside: float = -1e9) -> NDArray[np.float32]:
    """Return the modality values SimpleITK's linear interpolation finds, computed and kept in float32."""
    import SimpleITK

    values = volume.stored_values.astype(np.float32) * volume.rescale_slope + volume.rescale_intercept
    image = SimpleITK.GetImageFromArray(values.astype(np.float32))
    k, j, i = volume.spacing_mm
    image.SetSpacing((i, j, k))
    directions = volume.index_to_patient[:3, :3] / volume.spacing_mm
    image.SetDirection(directions[:, ::-1].ravel().tolist())
    image.SetOrigin(volume.index_to_patient[:3, 3].tolist())
    plane = grid.plane
    resample = SimpleITK.ResampleImageFilter()
    resample.SetInterpolator(SimpleITK.sitkLinear)
    resample.SetDefaultPixelValue(outside)
    resample.SetSize((grid.columns, grid.rows, 1))
    resample.SetOutputOrigin(plane.position_mm)
    resample.SetOutputSpacing((plane.column_spacing_mm, plane.row_spacing_mm, 1.0))
    axes = np.array([plane.row_direction, plane.column_direction, plane.normal]).T
    resample.SetOutputDirection(axes.ravel().tolist())
    return SimpleITK.GetArrayFromImage(resample.Execute(image))[0]


def by_scipy(volume: Volume, grid: Slice) -> NDArray[np.float64]:
    """Return modality values by `map_coordinates` in float64; the outermost voxels reach anywhere."""
    from scipy.ndimage import map_coordinates

    rows, columns = np.mgrid[: grid.rows, : grid.columns]
    points = np.stack(grid.plane.patient_point(columns, rows))  # type: ignore[arg-type]  # arrays do as well
    k, j, i = np.einsum("ab,brc->arc", volume.patient_to_index[:3, :3], points) + volume.patient_to_index[
        :3, 3
    ].reshape(3, 1, 1)
    values = volume.stored_values.astype(np.float64) * volume.rescale_slope + volume.rescale_intercept
    return map_coordinates(values, [k, j, i], order=1, mode="nearest")


def slab_by_vtk(volume: Volume, axis: int, layers: range, operation: str) -> NDArray[np.float64]:
    """Return what vtkImageSlab makes of some layers, not rounded: `operation` is Max, Min or Mean."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkImagingGeneral import vtkImageSlab

    slices, rows, columns = volume.shape
    image = vtkImageData()
    image.SetDimensions(columns, rows, slices)
    values = volume.stored_values.astype(np.float64) * volume.rescale_slope + volume.rescale_intercept
    image.GetPointData().SetScalars(numpy_to_vtk(values.reshape(-1), deep=True))
    slab = vtkImageSlab()
    slab.SetInputData(image)
    slab.SetOrientation(2 - axis)
    slab.SetSliceRange(layers.start, layers.stop - 1)
    getattr(slab, f"SetOperationTo{operation}")()
    slab.Update()
    shape = [count for each, count in enumerate(volume.shape) if each != axis]
    return vtk_to_numpy(slab.GetOutput().GetPointData().GetScalars()).reshape(shape)


def slab_by_simpleitk(volume: Volume, axis: int, layers: range, operation: str) -> NDArray[np.float64]:
    """Return what SimpleITK's projection makes of some layers: `operation` is Max, Min or Mean."""
    import SimpleITK

    values = volume.stored_values.astype(np.float64) * volume.rescale_slope + volume.rescale_intercept
    taken = np.take(values, layers, axis)
    projection = {"Max": "Maximum", "Min": "Minimum", "Mean": "Mean"}[operation]
    projected = getattr(SimpleITK, f"{projection}Projection")(SimpleITK.GetImageFromArray(taken), 2 - axis)
    return SimpleITK.GetArrayFromImage(projected).squeeze(axis)
