"""Images and series with known truth, for tests: written small and on the spot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from noctis_tui.demo.anatomy import hu_at
from noctis_tui.demo.phantom import write_phantom

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["hu_at", "image", "write_image", "write_oriented", "write_phantom", "write_planes"]

AXIAL, CORONAL, SAGITTAL = (1, 0, 0, 0, 1, 0), (1, 0, 0, 0, 0, -1), (0, 1, 0, 0, 0, -1)


def image(pixels: np.ndarray, **attributes: Any) -> Dataset:
    """Return a data set of `pixels`: [rows, columns], [frames, rows, columns] or [rows, columns, 3].

    `attributes` are keywords of the standard and win over what the array says; None leaves one out.
    """
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = attributes.pop("TransferSyntaxUID", ExplicitVRLittleEndian)
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = CTImageStorage
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.PatientID, ds.PatientName, ds.Modality = "T-1", "Test^Truth", "CT"
    color = pixels.ndim == 3 and pixels.shape[2] == 3
    shape = pixels.shape[:2] if color or pixels.ndim == 2 else pixels.shape[1:]
    ds.Rows, ds.Columns = shape
    if pixels.ndim == 3 and not color:
        ds.NumberOfFrames = len(pixels)
    ds.SamplesPerPixel = 3 if color else 1
    ds.PhotometricInterpretation = "RGB" if color else "MONOCHROME2"
    if color:
        ds.PlanarConfiguration = 0
    bits = 8 * pixels.dtype.itemsize
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = bits, bits, bits - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    data = pixels.tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OB" if bits == 8 else "OW"
    for keyword, value in attributes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    return ds


def write_image(path: Path, pixels: np.ndarray, **attributes: Any) -> Path:
    """Write `image(pixels, **attributes)` as a Part 10 file."""
    image(pixels, **attributes).save_as(path, enforce_file_format=True)
    return path


def write_planes(folder: Path, volume: np.ndarray, *, spacing_mm: tuple[float, float, float]) -> list[Path]:
    """Write an int16 volume [planes, rows, columns] as axial slices; `spacing_mm` is (z, y, x)."""
    folder.mkdir(parents=True, exist_ok=True)
    study, series, frame_of_reference = generate_uid(), generate_uid(), generate_uid()
    paths = []
    for index, plane in enumerate(volume):
        path = folder / f"{index:04}.dcm"
        write_image(
            path,
            np.ascontiguousarray(plane),
            StudyInstanceUID=study,
            SeriesInstanceUID=series,
            FrameOfReferenceUID=frame_of_reference,
            InstanceNumber=index + 1,
            ImagePositionPatient=[0, 0, index * spacing_mm[0]],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=[spacing_mm[1], spacing_mm[2]],
            RescaleSlope="1",
            RescaleIntercept="0",
        )
        paths.append(path)
    return paths


def write_oriented(
    folder: Path,
    orientation: tuple[float, ...],
    first_mm: tuple[float, float, float],
    *,
    slices: int,
    step_mm: float,
    size: int = 64,
    spacing_mm: float = 4.0,
    **attributes: Any,
) -> list[Path]:
    """Write a series of the analytic patient in any orientation: square slices along their normal.

    `first_mm` is the centre of the first pixel of the first slice (LPS). What several series share (study,
    Frame of Reference, patient) is given as `attributes`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    row, column = np.array(orientation[:3], float), np.array(orientation[3:], float)
    normal, indices = np.cross(row, column), np.arange(size) * spacing_mm
    attributes = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid(), **attributes}
    paths = []
    for index in range(slices):
        position = np.array(first_mm) + normal * step_mm * index
        points = position + indices[None, :, None] * row + indices[:, None, None] * column
        hounsfield_units = hu_at(*(points[..., axis] for axis in range(3)))
        path = folder / f"{index:04}.dcm"
        stored = np.rint(np.clip(hounsfield_units, -1024, 3071)).astype(np.int16)
        write_image(
            path,
            stored,
            InstanceNumber=index + 1,
            ImagePositionPatient=[round(float(part), 4) for part in position],
            ImageOrientationPatient=[round(float(part), 6) for part in orientation],
            PixelSpacing=[spacing_mm, spacing_mm],
            SliceThickness=step_mm,
            RescaleSlope="1",
            RescaleIntercept="0",
            WindowCenter="40",
            WindowWidth="400",
            **attributes,
        )
        paths.append(path)
    return paths
