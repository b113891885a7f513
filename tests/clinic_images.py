"""Series of the analytic patient as several modalities would make them: known values, known geometry."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from phantoms import CORONAL, SAGITTAL, image
from pydicom import Dataset
from pydicom.uid import generate_uid

from noctis_tui.demo.anatomy import CYST_MM, LIVER
from noctis_tui.demo.phantom import (
    FIRST_PIXEL_MM,
    PIXEL_SPACING_MM,
    SLICES,
    SPACING_BETWEEN_SLICES_MM,
    noise_fields,
    scanned_hu,
    slice_hu,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

CR_IMAGE = "1.2.840.10008.5.1.4.1.1.1"
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
US_CLIP = "1.2.840.10008.5.1.4.1.1.3.1"
CYST_RADIUS_MM, EARLIER_RADIUS_MM = 13.0, 5.0
"""Of the liver's cyst now and a year before."""
_INTERCEPT = -1024
_BETWEEN_REFORMATTED = 6
_MM_PER_PIXEL_US = 0.5
_VIEW = {"WindowCenter": "50", "WindowWidth": "400", "RescaleSlope": "1", "RescaleIntercept": str(_INTERCEPT)}


def uid(*names: object) -> str:
    """Return the UID that these names always have."""
    return generate_uid(entropy_srcs=[str(name) for name in names])


@cache
def volume(seed: int) -> np.ndarray:
    """CT numbers of the patient, int16 [slices, rows, columns], as a scanner would see them."""
    noise = noise_fields(seed)
    slices = (np.clip(scanned_hu(index, noise), _INTERCEPT, 3071) for index in range(SLICES))
    return np.stack([np.rint(plane).astype(np.int16) for plane in slices])


@cache
def earlier_volume() -> np.ndarray:
    """The same patient a year before: the cyst was smaller."""
    values = volume(8).copy()
    z, y, x = np.meshgrid(*_axes_mm(), indexing="ij", sparse=True)
    distance = np.sqrt((x - CYST_MM[0]) ** 2 + (y - CYST_MM[1]) ** 2 + (z - CYST_MM[2]) ** 2)
    ring = (distance > EARLIER_RADIUS_MM) & (distance < CYST_RADIUS_MM + 2)
    values[ring] = LIVER + np.random.default_rng(3).normal(0, 9, int(ring.sum()))
    return values


def _axes_mm() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """z, y and x of the centres of voxels (LPS)."""
    columns = np.arange(volume(7).shape[2]) * PIXEL_SPACING_MM
    return (
        np.arange(SLICES) * SPACING_BETWEEN_SLICES_MM,
        FIRST_PIXEL_MM[1] + columns,
        FIRST_PIXEL_MM[0] + columns,
    )


def axial(values: np.ndarray, series: dict[str, Any], every: int = 1) -> Iterator[Dataset]:
    """Yield slices of a volume from the abdomen to the head; with `every` thicker ones."""
    z = _axes_mm()[0]
    for number, index in enumerate(range(0, SLICES, every), start=1):
        position = (*FIRST_PIXEL_MM, float(z[index]))
        yield _slice(values[index], series, number, position, (1, 0, 0, 0, 1, 0), (PIXEL_SPACING_MM,) * 2)


def coronal(values: np.ndarray, series: dict[str, Any]) -> Iterator[Dataset]:
    """Yield the volume cut from front to back, in pixels that are higher than wide."""
    z, y, x = _axes_mm()
    spacing = SPACING_BETWEEN_SLICES_MM, PIXEL_SPACING_MM
    for number, row in enumerate(range(78, 222, _BETWEEN_REFORMATTED), start=1):
        yield _slice(values[::-1, row], series, number, (x[0], y[row], z[-1]), CORONAL, spacing)


def sagittal(values: np.ndarray, series: dict[str, Any]) -> Iterator[Dataset]:
    """Yield the volume cut from right to left, in pixels that are higher than wide."""
    z, y, x = _axes_mm()
    spacing = SPACING_BETWEEN_SLICES_MM, PIXEL_SPACING_MM
    for number, column in enumerate(range(78, 222, _BETWEEN_REFORMATTED), start=1):
        yield _slice(values[::-1, :, column], series, number, (x[column], y[0], z[-1]), SAGITTAL, spacing)


def _slice(
    values: np.ndarray,
    series: dict[str, Any],
    number: int,
    position: tuple[float, ...],
    orientation: tuple[float, ...],
    spacing: tuple[float, ...],
) -> Dataset:
    attributes = {
        "InstanceNumber": number,
        "ImagePositionPatient": [round(float(part), 4) for part in position],
        "ImageOrientationPatient": [*orientation],
        "PixelSpacing": [*spacing],
        "SOPInstanceUID": uid(series["SeriesInstanceUID"], number),
        **_VIEW,
    }
    return image(np.ascontiguousarray(values - _INTERCEPT).astype(np.int16), **attributes | series)


def magnetic(values: np.ndarray, series: dict[str, Any], signals: tuple[float, ...]) -> Iterator[Dataset]:
    """Yield the upper abdomen as an MR sees it: `signals` of air, fat, water, tissue, contrast, bone."""
    numbers = (-900.0, -100.0, 0.0, 60.0, 300.0, 1000.0)
    _, y, x = _axes_mm()
    near_coil = 1.15 - 0.35 * np.hypot(x[None, :] / 190, (y[:, None] - 4) / 190)
    options = {"SOPClassUID": MR_IMAGE, "RescaleSlope": None, "RescaleIntercept": None}
    window = {"WindowCenter": "330", "WindowWidth": "660"}
    for number, index in enumerate(range(8, 56, 2), start=1):
        signal = np.interp(values[index], numbers, signals) * near_coil
        position = (*FIRST_PIXEL_MM, index * SPACING_BETWEEN_SLICES_MM)
        ds = _slice(signal, series | window, number, position, (1, 0, 0, 0, 1, 0), (PIXEL_SPACING_MM,) * 2)
        for keyword, value in options.items():
            setattr(ds, keyword, value) if value else delattr(ds, keyword)
        ds.PixelData = np.rint(signal).astype(np.int16).tobytes()
        ds.file_meta.MediaStorageSOPClassUID = MR_IMAGE
        yield ds


def radiograph(series: dict[str, Any]) -> Dataset:
    """Return the patient as a radiograph without any word about the size of its pixels."""
    attenuation = np.clip(volume(7)[::-1].astype(np.float64) + 1000, 0, None).sum(axis=1) * PIXEL_SPACING_MM
    rows = np.linspace(0, len(attenuation) - 1, 738)
    tall = np.stack(
        [np.interp(rows, np.arange(len(attenuation)), column) for column in attenuation.T], axis=1
    )
    columns = np.linspace(0, tall.shape[1] - 1, 864)
    wide = np.stack([np.interp(columns, np.arange(tall.shape[1]), row) for row in tall])
    film = 4095 * (wide / wide.max()) ** 0.8
    attributes = {"SOPClassUID": CR_IMAGE, "SOPInstanceUID": uid(series["SeriesInstanceUID"], 1)}
    bits = {"BitsStored": 12, "HighBit": 11, "WindowCenter": "2000", "WindowWidth": "3600"}
    ds = image(np.rint(film).astype(np.uint16), InstanceNumber=1, **attributes | bits | series)
    ds.file_meta.MediaStorageSOPClassUID = CR_IMAGE
    return ds


def clip(series: dict[str, Any], frames: int = 20) -> Dataset:
    """Return an ultrasound clip with a calibrated fan, a cyst and a vessel with a pulse, in colour."""
    rows, columns = 360, 480
    y, x = np.mgrid[:rows, :columns].astype(float)
    depth, angle = np.hypot(x - columns / 2, y + 60), np.arctan2(x - columns / 2, y + 60)
    fan = (depth > 80) & (depth < 400) & (np.abs(angle) < 0.72)
    grain = np.random.default_rng(5).rayleigh(1.0, (rows, columns))
    grain = (grain + np.roll(grain, 1, 0) + np.roll(grain, 1, 1) + np.roll(grain, (1, 1), (0, 1))) / 4
    pixels = np.zeros((frames, rows, columns, 3), np.uint8)
    for frame in range(frames):
        beat = np.sin(2 * np.pi * frame / frames)
        echo = 58 * grain * (1.25 - depth / 520) + 34 * np.exp(-(((y - 250 - 4 * beat) / 5) ** 2))
        echo[np.hypot(x - 190, y - 150 - 2 * beat) < 32] *= 0.08
        vessel = np.hypot((x - 300) / (26 + 4 * beat), (y - 190) / 13) < 1
        echo[vessel] *= 0.1
        pixels[frame] = np.clip(np.where(fan, echo, 0), 0, 255)[..., None]
        flow = (140 + 90 * beat) * (1 - np.hypot((x - 300) / (26 + 4 * beat), (y - 190) / 13)[vessel])
        pixels[frame, vessel, 0] = np.clip(60 + flow * 1.3, 0, 255)
        pixels[frame, vessel, 1] = np.clip(flow * 0.6, 0, 255)
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = columns - 1, rows - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = _MM_PER_PIXEL_US / 10
    attributes = {"SOPClassUID": US_CLIP, "SOPInstanceUID": uid(series["SeriesInstanceUID"], 1)}
    ds = image(pixels[0], InstanceNumber=1, **attributes | series)
    ds.file_meta.MediaStorageSOPClassUID = US_CLIP
    ds.NumberOfFrames, ds.FrameTime, ds.PixelData = frames, "40", pixels.tobytes()
    ds.FrameIncrementPointer = 0x00181063
    ds.SequenceOfUltrasoundRegions = [region]
    return ds


def liver_and_cyst(first: int, last: int) -> np.ndarray:
    """Return the truth as masks, bool [slices, rows, columns, segments]: liver, cyst, kidneys."""
    z, y, x = np.meshgrid(*_axes_mm(), indexing="ij", sparse=True)
    cyst = (x - CYST_MM[0]) ** 2 + (y - CYST_MM[1]) ** 2 + (z - CYST_MM[2]) ** 2 <= CYST_RADIUS_MM**2
    values = np.stack([slice_hu(index) for index in range(first, last)])
    liver = (values == LIVER) & (x < 70) & (y < 66)
    kidneys = (values == 190.0) | (values == 130.0)
    return np.stack([liver, cyst[first:last], kidneys], axis=3)
