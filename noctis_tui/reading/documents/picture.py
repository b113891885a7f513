"""A picture that was drawn here, as a frame that the viewer shows like one that was read."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from archive.dicom import keywords as kw
from archive.dicom.elements import EXPLICIT_LITTLE_ENDIAN
from archive.dicom.location import Located
from archive.dicom.source import Source
from archive.dicom.uids import EXPLICIT_VR_LITTLE_ENDIAN
from archive.pixels.frames import ImageFile
from noctis_tui.reading.caption import Caption
from noctis_tui.reading.loaded_frame import LoadedFrame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet

_COPIED = (
    kw.SOP_CLASS_UID,
    kw.SOP_INSTANCE_UID,
    kw.MODALITY,
    kw.STUDY_INSTANCE_UID,
    kw.SERIES_INSTANCE_UID,
    kw.INSTANCE_NUMBER,
)


def picture_frame(rgb: NDArray[np.uint8], ds: DataSet) -> LoadedFrame:
    """Return RGB [rows, columns, 3] as a frame of the instance that it shows.

    The frame is read back through the reader of image files, so that it has every attribute that one has;
    nothing is written over it, since it says itself whose it is.
    """
    rows, columns = rgb.shape[:2]
    data = b"".join(_elements(ds, rows, columns))
    located = Located(Source.of(data), 0, EXPLICIT_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN)
    image = ImageFile(located)
    rgb = np.ascontiguousarray(rgb)
    rgb.flags.writeable = False
    number = ds.text(kw.INSTANCE_NUMBER)
    safe = number if number.isdecimal() else ""
    return LoadedFrame(rgb, image.attributes, image.frame_attributes(0), Caption(instance_number=safe))


def _elements(ds: DataSet, rows: int, columns: int) -> Iterator[bytes]:
    for tag in _COPIED:
        value = ds.raw(tag)[:64]
        yield _element(tag, b"LO", value + b" " * (len(value) % 2))
    numbers = ((kw.SAMPLES_PER_PIXEL, 3), (kw.ROWS, rows), (kw.COLUMNS, columns), (kw.BITS_ALLOCATED, 8))
    yield _element(kw.PHOTOMETRIC_INTERPRETATION, b"CS", b"RGB ")
    for tag, number in numbers:
        yield _element(tag, b"US", struct.pack("<H", number))
    yield struct.pack("<HH2sHI", kw.PIXEL_DATA >> 16, kw.PIXEL_DATA & 0xFFFF, b"OB", 0, 0)


def _element(tag: int, vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value
