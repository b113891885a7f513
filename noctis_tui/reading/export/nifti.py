"""A series as a NIfTI volume: modality values and the affine of its voxels, through nibabel.

DICOM is LPS and NIfTI RAS: x and y change their signs. A gantry tilt stays in the affine as the shear that it
is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from archive.errors import BadInput
from archive.pixels.modality_lut import modality_values
from noctis_tui.reading.frame_reading import read_frame

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from noctis_tui.imaging.patient_space import ImagePlane
    from noctis_tui.reading.export.request import SeriesFrames, Watch
    from noctis_tui.reading.loaded_frame import LoadedFrame

SAME_DIRECTION, SAME_STEP_MM = 1e-3, 0.02
VOXELS_LIMIT = 1 << 31


def save_nifti(path: Path, series: SeriesFrames, watch: Watch) -> None:
    """Write one volume, .nii or .nii.gz by the name.

    Raises
    ------
    BadInput
        The name is none of NIfTI, or the series is no volume; the sentence says why.
    Cancelled
        Somebody asked to stop.
    """
    if not path.name.lower().endswith((".nii", ".nii.gz")):
        raise BadInput("A volume's name ends in .nii or .nii.gz.")
    import nibabel  # noqa: PLC0415 - 300 ms that no other format needs

    values, planes = _read(series, watch)
    volume, planes = _along_normal(values, planes)
    image: Any = nibabel.Nifti1Image(volume, affine_of(planes))  # type: ignore[no-untyped-call] # nibabel's
    image.header.set_xyzt_units("mm")
    image.header["descrip"] = b"Noctis"
    nibabel.save(image, path)


def affine_of(planes: list[ImagePlane]) -> NDArray[np.float64]:
    """Return voxel (column, row, slice) -> RAS mm, [4, 4], of planes that stand in order.

    Raises
    ------
    BadInput
        Orientations, sizes or distances differ, or two slices lie at one place.
    """
    first, last = planes[0], planes[-1]
    step = np.array(first.normal)
    if len(planes) > 1:
        _check(planes)
        step = (np.array(last.position_mm) - np.array(first.position_mm)) / (len(planes) - 1)
    affine = np.eye(4)
    affine[:3, 0] = np.array(first.row_direction) * first.column_spacing_mm
    affine[:3, 1] = np.array(first.column_direction) * first.row_spacing_mm
    affine[:3, 2], affine[:3, 3] = step, first.position_mm
    affine[:2] *= -1
    return affine


def _check(planes: list[ImagePlane]) -> None:
    first = planes[0]
    for plane in planes:
        apart = np.abs(np.array(plane.orientation) - np.array(first.orientation)).max()
        sizes = (plane.row_spacing_mm, plane.column_spacing_mm)
        if apart > SAME_DIRECTION or not np.allclose(sizes, (first.row_spacing_mm, first.column_spacing_mm)):
            raise BadInput("This series is no volume: its images have different orientations or pixel sizes.")
    between = np.diff(np.array([plane.position_mm for plane in planes]), axis=0)
    step = np.median(between, axis=0)
    usual = float(np.linalg.norm(step))
    for number, each in enumerate(between, 1):
        apart = float(np.linalg.norm(each))
        which = f"slices {number} and {number + 1}, in the order of their positions,"
        if apart < SAME_DIRECTION:
            raise BadInput(f"This series is no volume: {which} lie at one place.")
        if float(np.abs(each - step).max()) > max(SAME_STEP_MM, 0.01 * usual):
            raise BadInput(f"This series is no volume: {which} are {apart:.2f} mm apart, others {usual:.2f}.")


def _read(series: SeriesFrames, watch: Watch) -> tuple[list[NDArray[Any]], list[ImagePlane]]:
    values, planes = [], []
    voxels = 0
    for number, ref in enumerate(series.stack.frames, 1):
        watch.step(f"{series.name} {number}/{len(series.stack)}")
        frame = read_frame(ref.path, ref.frame_index)
        planes.append(_plane(frame, number))
        values.append(modality_values(frame.stored_values, frame.attributes))
        if values[-1].shape != values[0].shape:
            raise BadInput("This series is no volume: its images have different sizes.")
        voxels += values[-1].size
        if voxels > VOXELS_LIMIT:
            raise BadInput("This series has more voxels than can be put into one volume.")
    return values, planes


def _plane(frame: LoadedFrame, number: int) -> ImagePlane:
    if frame.is_color:
        raise BadInput("Colour images make no volume of values.")
    if frame.plane is None:
        raise BadInput(f"This series is no volume: image {number} does not say where it lies.")
    return frame.plane


def _along_normal(
    values: list[NDArray[Any]], planes: list[ImagePlane]
) -> tuple[NDArray[Any], list[ImagePlane]]:
    """Return the volume [column, row, slice], slices in the order of their positions."""
    normal = np.array(planes[0].normal)
    order = np.argsort([float(np.dot(plane.position_mm, normal)) for plane in planes], kind="stable")
    stacked = np.stack([_small(values[place].T) for place in order], axis=-1)
    return _small(stacked), [planes[place] for place in order]


def _small(values: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers that fit as int16: HU takes half the room of floats."""
    if values.dtype == np.int16:
        return values
    whole = np.isfinite(values).all() and bool((values == np.rint(values)).all())
    fits = whole and values.min() >= -32768 and values.max() <= 32767
    return values.astype(np.int16 if fits else np.float32)
