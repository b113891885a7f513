"""The headers of a series, read fast: what one file of it says is not read again from its neighbours.

The first file of each kind is read as any image is. Of the others, those elements are compared as bytes that
are the same all through a series, and only the rest is parsed: which instance it is, where it lies, when and
how it was acquired, its rescale. What is odd in any way is read as the first one was.
"""

from __future__ import annotations

import math
import struct
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.dicom import keywords as kw
from archive.pixels.acquisition_attributes import (
    AcquisitionAttributes,
    AcquisitionTimes,
    read_acquisition_attributes,
    read_acquisition_times,
)
from archive.pixels.modality_lut import Rescale
from archive.pixels.plain_image import PlainImages
from noctis_tui.imaging.patient_space import ImagePlane
from noctis_tui.imaging.slices import Slice
from noctis_tui.imaging.stacking.stack_frame import Refusal, StackFrame
from noctis_tui.reading.volume_sources import SourceFrame, read_sources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from archive.pixels.plain_image import PlainImage
    from archive.progress import CancelToken
    from noctis_tui.reading.volume_sources import FrameValues

_SAME_IN_A_SERIES = (
    *(
        kw.TRANSFER_SYNTAX_UID,
        kw.SOP_CLASS_UID,
        kw.MODALITY,
        kw.FRAME_OF_REFERENCE_UID,
        kw.IMAGE_ORIENTATION_PATIENT,
    ),
    *(kw.ROWS, kw.COLUMNS, kw.SAMPLES_PER_PIXEL, kw.PHOTOMETRIC_INTERPRETATION, kw.PIXEL_REPRESENTATION),
    *(kw.BITS_ALLOCATED, kw.BITS_STORED, kw.HIGH_BIT, kw.PIXEL_PADDING_VALUE, kw.PIXEL_PADDING_RANGE_LIMIT),
    *(kw.PIXEL_SPACING, kw.IMAGER_PIXEL_SPACING, kw.NOMINAL_SCANNED_PIXEL_SPACING),
    *(kw.UNITS, kw.RESCALE_TYPE),
)
_SAME_IN_AN_ACQUISITION = (
    *(kw.IMAGE_TYPE, kw.ACQUISITION_NUMBER, kw.TEMPORAL_POSITION_IDENTIFIER, kw.ECHO_NUMBERS, kw.ECHO_TIME),
    *(kw.DIFFUSION_B_VALUE, kw.DIFFUSION_GRADIENT_ORIENTATION, kw.CONVOLUTION_KERNEL),
)
_TIMES = (
    *(kw.ACQUISITION_DATE_TIME, kw.ACQUISITION_DATE, kw.ACQUISITION_TIME),
    *(kw.TRIGGER_TIME, kw.FRAME_REFERENCE_TIME),
)
_OWN = (
    *(kw.SOP_INSTANCE_UID, kw.INSTANCE_NUMBER, kw.IMAGE_POSITION_PATIENT),
    *(kw.RESCALE_SLOPE, kw.RESCALE_INTERCEPT),
)
_RAW_BITS = frozenset({8, 16})
_LITTLE_ENDIAN = sys.byteorder == "little"


class SeriesHeaders:
    """Reads headers, many of one series; one thread uses it."""

    def __init__(self) -> None:
        self._glances = PlainImages((*_SAME_IN_A_SERIES, *_SAME_IN_AN_ACQUISITION, *_TIMES, *_OWN))
        self._firsts: dict[tuple[bytes | None, ...], SourceFrame | None] = {}
        self._acquisitions: dict[tuple[bytes | None, ...], AcquisitionAttributes] = {}
        self._times: dict[tuple[bytes | None, ...], AcquisitionTimes] = {}
        self._rescaled: dict[tuple[int, bytes | None, bytes | None], FrameValues] = {}

    def read(self, path: Path, token: CancelToken | None = None) -> list[SourceFrame] | Refusal:
        """Return what a file says of its frames, as `read_sources` does."""
        try:
            glance = self._glances.glance(path)
        except OSError:
            glance = None
        if glance is None or not _LITTLE_ENDIAN:
            return read_sources(path, token)
        key = tuple(map(glance.values.get, _SAME_IN_A_SERIES))
        if key in self._firsts:
            first = self._firsts[key]
            source = self._like(first, path, glance) if first is not None else None
            return [source] if source is not None else read_sources(path, token)
        sources = read_sources(path, token)
        self._firsts[key] = _template(sources)
        return sources

    def _like(self, first: SourceFrame, path: Path, glance: PlainImage) -> SourceFrame | None:
        """Return a frame that differs from the first in its own elements only; None where one is odd."""
        values, place = glance.values, first.stacked.place
        position = _decimals(values.get(kw.IMAGE_POSITION_PATIENT, b""), 3)
        uid = _text(values, kw.SOP_INSTANCE_UID)
        its_values = self._values(first.values, values)
        if place is None or position is None or not uid or its_values is None:
            return None
        if glance.pixel_length is not None and glance.pixel_length < _frame_bytes(first):
            return None
        plane = place.plane
        there = ImagePlane(position, plane.orientation, plane.row_spacing_mm, plane.column_spacing_mm)  # type: ignore[arg-type] # three of them
        stacked = StackFrame(
            Slice(there, place.rows, place.columns, place.frame_of_reference_uid),
            uid,
            0,
            _whole(values.get(kw.INSTANCE_NUMBER, b"")),
            False,  # noqa: FBT003 - fields in order: keywords take twice as long
            self._acquisition(values),
            self._time(values),
        )
        pixels_at = None if glance.pixel_length is None else glance.pixel_offset
        return SourceFrame(stacked, path, 0, its_values, pixels_at)

    def _acquisition(self, values: Mapping[int, bytes]) -> AcquisitionAttributes:
        key = tuple(map(values.get, _SAME_IN_AN_ACQUISITION))
        known = self._acquisitions.get(key)
        if known is None:
            same = {tag: values[tag] for tag in _SAME_IN_AN_ACQUISITION if tag in values}
            known = self._acquisitions[key] = read_acquisition_attributes(_RawValues(same))
        return known

    def _time(self, values: Mapping[int, bytes]) -> AcquisitionTimes:
        key = tuple(map(values.get, _TIMES))
        known = self._times.get(key)
        if known is None:
            times = {tag: values[tag] for tag in _TIMES if tag in values}
            known = self._times[key] = read_acquisition_times(_RawValues(times))
        return known

    def _values(self, first: FrameValues, values: Mapping[int, bytes]) -> FrameValues | None:
        """Return what the values of a frame are; None where only one of both rescales."""
        slope, intercept = values.get(kw.RESCALE_SLOPE), values.get(kw.RESCALE_INTERCEPT)
        key = id(first), slope, intercept
        known = self._rescaled.get(key)
        if known is None:
            rescale = _rescale(slope, intercept)
            if (rescale is None) != (first.rescale is None):
                return None  # units depend on it
            known = self._rescaled[key] = replace(first, rescale=rescale)
        return known


def _template(sources: list[SourceFrame] | Refusal) -> SourceFrame | None:
    """Return the frame that others of its kind are made like; None where each must be read by itself."""
    if isinstance(sources, Refusal) or len(sources) != 1:
        return None
    (source,) = sources
    values, stacked = source.values, source.stacked
    raw = values.bits_allocated in _RAW_BITS and values.dtype.kind in "iu" and values.modality_lut is None
    return source if raw and not stacked.is_color and stacked.place is not None else None


class _RawValues:
    """Values of explicit little endian elements by their bytes; read as a `DataSet` reads them."""

    def __init__(self, values: Mapping[int, bytes]) -> None:
        self._values = values

    def texts(self, tag: int, /) -> tuple[str, ...]:
        raw = self._values.get(tag)
        if raw is None:
            return ()
        return tuple(text.strip(" \0") for text in raw.decode("latin-1").split("\\"))

    def numbers(self, tag: int, _vr: bytes = b"DS", /) -> tuple[float, ...]:
        raw = self._values.get(tag)
        if raw is None:
            return ()
        code = _BINARY_TAGS.get(tag)
        if code is not None:
            count = len(raw) // struct.calcsize(code)
            return struct.unpack_from(f"<{count}{code}", raw)
        return tuple(number for text in self.texts(tag) if (number := _number(text)) is not None)


_BINARY_TAGS = {kw.DIFFUSION_B_VALUE: "d", kw.DIFFUSION_GRADIENT_ORIENTATION: "d"}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _text(values: Mapping[int, bytes], tag: int) -> str:
    return values.get(tag, b"").decode("latin-1").split("\\")[0].strip(" \0")


def _decimals(raw: bytes, count: int) -> tuple[float, ...] | None:
    try:
        numbers = tuple(map(float, raw.rstrip(b" \0").split(b"\\")))
    except ValueError:
        return None
    return numbers if len(numbers) == count and all(map(math.isfinite, numbers)) else None


def _whole(raw: bytes) -> int | None:
    numbers = _decimals(raw.split(b"\\")[0], 1)
    return None if numbers is None else int(numbers[0])


def _rescale(slope: bytes | None, intercept: bytes | None) -> Rescale | None:
    if slope is None or intercept is None:
        return None
    both = _decimals(slope.split(b"\\")[0], 1), _decimals(intercept.split(b"\\")[0], 1)
    return Rescale(both[0][0], both[1][0]) if both[0] is not None and both[1] is not None else None


def _frame_bytes(source: SourceFrame) -> int:
    place = source.stacked.place
    assert place is not None
    return place.rows * place.columns * source.values.dtype.itemsize
