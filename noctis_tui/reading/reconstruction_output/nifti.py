"""A stack of planes as a NIfTI volume, through nibabel; DICOM is LPS and NIfTI RAS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from archive.errors import BadInput
from archive.progress import Progress
from noctis_tui.reading.reconstruction_output.images import step_between

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from noctis_tui.imaging.slices import Slice
    from noctis_tui.reading.export.request import Watch
    from noctis_tui.reading.reconstruction_output.images import OutputSeries


def save_nifti_stack(path: Path, series: OutputSeries, watch: Watch) -> None:
    """Write .nii or .nii.gz by the name: int16 where all values are whole and fit, else float32 with NaN.

    Raises
    ------
    BadInput
        The images are no stack of parallel planes at even distances.
    Cancelled
        Somebody asked to stop.
    OSError
        The disk refuses.
    """
    import nibabel  # noqa: PLC0415 - 300 ms that no other format needs

    volume, grids = _stacked(series, watch)
    image: Any = nibabel.Nifti1Image(volume.T, _affine(grids))  # type: ignore[no-untyped-call] # nibabel's
    image.header.set_xyzt_units("mm")
    image.header["descrip"] = b"Noctis"
    watch.listener(Progress(watch.done, watch.total, "writing"))
    nibabel.save(image, path)


def _stacked(series: OutputSeries, watch: Watch) -> tuple[NDArray[Any], list[Slice]]:
    volume: NDArray[np.float32] | None = None
    grids: list[Slice] = []
    for place, image in enumerate(series.images):
        if image.grid is None:
            raise BadInput("Images along a curve are no volume: write them as PNG, NPY or DICOM.")
        if volume is None:
            volume = np.empty((series.count, *image.values.shape), np.float32)
        if image.values.shape != volume.shape[1:]:
            raise BadInput("The images have different sizes: one volume cannot hold them.")
        volume[place] = image.values
        grids.append(image.grid)
        watch.step("reconstructing")
    assert volume is not None
    return _small(volume), grids


def _affine(grids: list[Slice]) -> NDArray[np.float64]:
    """Return voxel (column, row, image) -> RAS mm, [4, 4]."""
    step = step_between(grids)
    if step is None:
        raise BadInput("Images that are turned against each other are no volume: write PNG, NPY or DICOM.")
    plane = grids[0].plane
    affine = np.eye(4)
    affine[:3, 0] = np.array(plane.row_direction) * plane.column_spacing_mm
    affine[:3, 1] = np.array(plane.column_direction) * plane.row_spacing_mm
    affine[:3, 2], affine[:3, 3] = step, plane.position_mm
    affine[:2] *= -1
    return affine


def _small(volume: NDArray[np.float32]) -> NDArray[Any]:
    """Return whole numbers that fit as int16, an image at a time: HU takes half the room of floats."""
    for image in volume:
        with np.errstate(invalid="ignore"):
            fits = np.isfinite(image).all() and np.abs(image).max() <= 32767
        if not fits or not (image == np.rint(image)).all():
            return volume
    return volume.astype(np.int16)
