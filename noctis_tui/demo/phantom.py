"""A CT series of the analytic patient: DICOM files that any archive takes, with known CT numbers."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from noctis_tui.demo.anatomy import AIR, paintings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

ROWS = COLUMNS = 288
PIXEL_SPACING_MM = 1.3
SPACING_BETWEEN_SLICES_MM = 2.5
SLICES = 128
FIRST_PIXEL_MM = (-PIXEL_SPACING_MM * (COLUMNS - 1) / 2, -178.0)
"""x and y of the center of the first pixel (LPS)."""
NOISE_HU = 9.0
"""Standard deviation of the noise."""

_INTERCEPT = -1024
_NOISE_FIELDS = 6


def slice_position_mm(index: int) -> tuple[float, float, float]:
    """Return ImagePositionPatient of a slice; slices go from the abdomen to the head."""
    return (*FIRST_PIXEL_MM, SPACING_BETWEEN_SLICES_MM * index)


def slice_hu(index: int) -> NDArray[np.float32]:
    """Return CT numbers [rows, columns] of a slice without noise: `anatomy.hu_at` at every pixel's center."""
    x = FIRST_PIXEL_MM[0] + PIXEL_SPACING_MM * np.arange(COLUMNS, dtype=np.float32)
    y = FIRST_PIXEL_MM[1] + PIXEL_SPACING_MM * np.arange(ROWS, dtype=np.float32)
    z = np.array(slice_position_mm(index)[2], np.float32)
    values = np.full((ROWS, COLUMNS), AIR, np.float32)
    windows = _windows()
    reached = np.flatnonzero((windows.lowest_z <= z) & (z <= windows.highest_z))
    for number in reached:
        solid, hounsfield_units = paintings()[number]
        rows, columns = windows.rows[number], windows.columns[number]
        inside = solid.contains(x[None, columns], y[rows, None], z)
        values[rows, columns][inside] = hounsfield_units
    return values


class _Windows(NamedTuple):
    """Which pixels and heights each painting can reach."""

    rows: list[slice]
    columns: list[slice]
    lowest_z: NDArray[np.float64]
    highest_z: NDArray[np.float64]


@cache
def _windows() -> _Windows:
    boxes = np.array([painting.solid.box for painting in paintings()])
    columns = (boxes[:, 0:2] - FIRST_PIXEL_MM[0]) / PIXEL_SPACING_MM
    rows = (boxes[:, 2:4] - FIRST_PIXEL_MM[1]) / PIXEL_SPACING_MM
    return _Windows(_slices(rows, ROWS), _slices(columns, COLUMNS), boxes[:, 4], boxes[:, 5])


def _slices(bounds: NDArray[np.float64], size: int) -> list[slice]:
    """Return the pixels between bounds and one more on each side, against rounding."""
    ends = np.clip(bounds + np.array((-1, 2)), 0, size).astype(int)
    return [slice(int(first), int(last)) for first, last in ends]


def scanned_hu(index: int, noise: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a slice as a scanner would see it: edges softened by its aperture, and noise."""
    sharp = slice_hu(index)
    soft = sharp.copy()
    soft[:, 1:-1] = 0.25 * (sharp[:, :-2] + sharp[:, 2:]) + 0.5 * sharp[:, 1:-1]
    blurred = soft.copy()
    blurred[1:-1] = 0.25 * (soft[:-2] + soft[2:]) + 0.5 * soft[1:-1]
    grain: NDArray[np.float32] = np.roll(noise[index % _NOISE_FIELDS], (37 * index, 53 * index), (0, 1))
    blurred += grain
    return blurred


def noise_fields(seed: int) -> NDArray[np.float32]:
    """Return noise [fields, rows, columns] with the grain of a soft kernel and `NOISE_HU` deviation."""
    white = np.random.default_rng(seed).standard_normal((_NOISE_FIELDS, ROWS, COLUMNS), np.float32)
    grain: NDArray[np.float32] = (
        white + 0.7 * (np.roll(white, 1, 1) + np.roll(white, 1, 2)) + 0.5 * np.roll(white, (1, 1), (1, 2))
    )
    grain *= np.float32(NOISE_HU / grain.std())
    return grain


def stored_slices(slices: int = SLICES, seed: int = 7) -> Iterator[NDArray[np.int16]]:
    """Yield the stored values [rows, columns] of each slice: CT number + 1024, clipped as scanners do."""
    noise = noise_fields(seed)
    for index in range(slices):
        hounsfield_units = np.clip(scanned_hu(index, noise), _INTERCEPT, 3071)
        yield np.rint(hounsfield_units - _INTERCEPT).astype(np.int16)


def write_phantom(
    folder: Path, *, slices: int = SLICES, seed: int = 7, patient_id: str = "PHANTOM-1"
) -> list[Path]:
    """Write the phantom as CT Image Storage files with fresh UIDs.

    Parameters
    ----------
    folder
        Where the files go; made when it does not exist.
    slices
        Number of slices, 2.5 mm apart, from the abdomen upwards.

    Returns
    -------
    list[Path]
        The files in order of their position.
    """
    folder.mkdir(parents=True, exist_ok=True)
    series = _series(patient_id)
    paths = []
    for index, stored in enumerate(stored_slices(slices, seed)):
        path = folder / f"slice-{index + 1:03}.dcm"
        _instance(series, index, stored).save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def _series(patient_id: str) -> Dataset:
    """Return what all slices share."""
    from pydicom.dataset import Dataset, FileMetaDataset  # noqa: PLC0415 - pydicom loads slowly
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid  # noqa: PLC0415

    now = datetime.now().astimezone()
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = CTImageStorage
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.SOPClassUID = CTImageStorage
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = ds.AcquisitionDate = f"{now:%Y%m%d}"
    ds.StudyTime = ds.SeriesTime = ds.ContentTime = ds.AcquisitionTime = f"{now:%H%M%S}"
    ds.AccessionNumber = "PH-0001"
    ds.Modality = "CT"
    ds.Manufacturer = "Noctis"
    ds.ManufacturerModelName = "Analytic phantom"
    ds.ReferringPhysicianName = ""
    ds.StationName = "PHANTOM"
    ds.StudyDescription = "CT chest and upper abdomen with contrast"
    ds.SeriesDescription = "Phantom 2.5 mm"
    ds.PatientName = "Phantom^Analytic"
    ds.PatientID = patient_id
    ds.PatientBirthDate = "19700101"
    ds.PatientSex = "O"
    ds.BodyPartExamined = "CHEST"
    ds.ProtocolName = "Phantom"
    ds.SliceThickness = SPACING_BETWEEN_SLICES_MM
    ds.KVP = "120"
    ds.XRayTubeCurrent = "200"
    ds.ConvolutionKernel = "STANDARD"
    ds.PatientPosition = "HFS"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = (generate_uid() for _ in range(3))
    ds.StudyID = "1"
    ds.SeriesNumber = 1
    ds.AcquisitionNumber = 1
    ds.PositionReferenceIndicator = ""
    _describe_pixels(ds)
    return ds


def _describe_pixels(ds: Dataset) -> None:
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = ROWS, COLUMNS
    ds.PixelSpacing = [PIXEL_SPACING_MM, PIXEL_SPACING_MM]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 16, 15
    ds.PixelRepresentation = 1
    ds.WindowCenter, ds.WindowWidth = "50", "400"
    ds.WindowCenterWidthExplanation = "Soft tissue"
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = str(_INTERCEPT), "1", "HU"


def _instance(series: Dataset, index: int, stored: NDArray[Any]) -> Dataset:
    """Fill in one slice; the data set is reused for the next."""
    from pydicom.uid import generate_uid  # noqa: PLC0415 - loaded by now

    x, y, z = slice_position_mm(index)
    series.SOPInstanceUID = series.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    series.InstanceNumber = index + 1
    series.ImagePositionPatient = [round(x, 4), round(y, 4), round(z, 4)]
    series.SliceLocation = round(z, 4)
    series.PixelData = stored.astype("<i2").tobytes()
    return series
