"""What independent programs make of one frame, each under its name, for `corpus_verdict`.

Engines are shared in places: SimpleITK reads by GDCM, which like Pillow and our codecs rests on OpenJPEG.
DCMTK has JPEG and JPEG-LS code of its own. Native and RLE data are read by unrelated programs.
"""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pixel_reference as reference
from PIL import Image
from pydicom.encaps import generate_frames

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydicom.dataset import Dataset

    from archive.pixels.frames import ImageFile

ORIGINAL = "1.2.840.10008.1.2.1"
ORIGINAL_NAME = "the uncompressed original"
_READ_AS_THEY_ARE = {"1.2.840.10008.1.2", ORIGINAL}
"""DCMTK writes these as it read them, so that pydicom would be compared with itself."""
_DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
_JPEG_XL_RECOMPRESSION = "1.2.840.10008.1.2.4.111"
Read = Callable[["Path", "ImageFile", int], tuple[np.ndarray, bool]]


class Reference(NamedTuple):
    """One frame by somebody else: modality values, or stored values or RGB."""

    name: str
    values: np.ndarray
    is_modality: bool


def references(path: Path, image: ImageFile, index: int) -> Iterator[Reference]:
    """Yield everything that decodes the frame."""
    for name, read in _READERS[image.attributes.is_color]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield Reference(name, *read(path, image, index))
        except Exception:  # noqa: BLE001 - whatever a program raises that cannot decode it
            continue


class NotComparable(Exception):
    """The program cannot decode the frame, or does something else on purpose."""


def _grey_by_pydicom(path: Path, image: ImageFile, index: int) -> tuple[np.ndarray, bool]:
    return _modality(_frames(reference.decoded, path)[index], path, index), True


def _grey_by_dcmtk(path: Path, image: ImageFile, index: int) -> tuple[np.ndarray, bool]:
    if image.attributes.transfer_syntax_uid in _READ_AS_THEY_ARE:
        raise NotComparable
    return _modality(_frames(reference.decompressed, path)[index], path, index), True


def _modality(stored: np.ndarray, path: Path, index: int) -> np.ndarray:
    return reference.modality_values(stored, reference.of_frame(_opened(path), index))


def _grey_by_simpleitk(path: Path, image: ImageFile, index: int) -> tuple[np.ndarray, bool]:
    """Leave out what GDCM does otherwise: one rescale for all frames, masks as 0 and 255, no Modality LUT."""
    frames = _frames(by_simpleitk, path)
    rescales = {repr(image.frame_attributes(number).rescale) for number in range(image.frame_count)}
    if len(rescales) > 1 or image.attributes.bits_allocated == 1:
        raise NotComparable
    has_lut = image.frame_attributes(index).modality_lut is not None
    return _upright(frames[index], image), not has_lut


def _upright(values: np.ndarray, image: ImageFile) -> np.ndarray:
    """Undo that GDCM turns MONOCHROME1 into MONOCHROME2."""
    if image.attributes.photometric_interpretation != "MONOCHROME1":
        return values
    return ((1 << image.attributes.bits_stored) - 1) - values.astype(np.int64)


def _native_original(path: Path, image: ImageFile, index: int) -> tuple[np.ndarray, bool]:
    """Return the same slice before it was compressed, as pydicom reads it."""
    if path.parent.name != "ts_ctimage" or image.attributes.transfer_syntax_uid == ORIGINAL:
        raise NotComparable
    original = next(path.parent.glob(f"{ORIGINAL}_*"))
    return _modality(_frames(reference.decoded, original)[index], original, index), True


def _inflated(path: Path, image: ImageFile, index: int) -> tuple[np.ndarray, bool]:
    if image.attributes.transfer_syntax_uid != _DEFLATED_FRAMES:
        raise NotComparable
    bits = np.unpackbits(
        np.frombuffer(zlib.decompress(_stream(path, index), -15), np.uint8), bitorder="little"
    )
    rows, columns = image.attributes.rows, image.attributes.columns
    return bits[: rows * columns].reshape(rows, columns), False


def _color_by(program: str) -> Read:
    def read(path: Path, image: ImageFile, index: int) -> tuple[np.ndarray, bool]:
        return dict(reference.named_colors(path, index))[program], False

    return read


def _color_by_simpleitk(path: Path, image: ImageFile, index: int) -> tuple[np.ndarray, bool]:
    rgb = _frames(by_simpleitk, path)[index]
    return (rgb >> (8 * rgb.dtype.itemsize - 8)).astype(np.uint8), False


def _recompressed(path: Path, image: ImageFile, index: int) -> tuple[np.ndarray, bool]:
    """Unpack a JPEG from its JPEG XL recompression, bit by bit, and decode that."""
    import imagecodecs

    if image.attributes.transfer_syntax_uid != _JPEG_XL_RECOMPRESSION:
        raise NotComparable
    with Image.open(io.BytesIO(imagecodecs.jpegxl_decode_jpeg(_stream(path, index)))) as picture:
        return np.asarray(picture.convert("RGB")), False


def _high_throughput(path: Path, image: ImageFile, index: int) -> tuple[np.ndarray, bool]:
    """Decode by OpenJPH, which has no code in common with OpenJPEG."""
    import imagecodecs

    return imagecodecs.htj2k_decode(_stream(path, index)), False


_READERS: dict[bool, tuple[tuple[str, Read], ...]] = {
    False: (
        ("pydicom", _grey_by_pydicom),
        ("DCMTK", _grey_by_dcmtk),
        ("SimpleITK", _grey_by_simpleitk),
        (ORIGINAL_NAME, _native_original),
        ("zlib", _inflated),
    ),
    True: (
        ("pydicom", _color_by("pydicom")),
        ("DCMTK", _color_by("DCMTK")),
        ("SimpleITK", _color_by_simpleitk),
        ("Pillow", _color_by("Pillow")),
        ("the JPEG within by Pillow", _recompressed),
        ("OpenJPH", _high_throughput),
    ),
}


def _stream(path: Path, index: int) -> bytes:
    ds = _opened(path)
    return list(generate_frames(ds.PixelData, number_of_frames=int(ds.get("NumberOfFrames", 1))))[index]


def _frames(read: Callable[[Path], np.ndarray | None], path: Path) -> np.ndarray:
    frames = _kept(read, path)
    if frames is None:
        raise NotComparable
    return frames


@lru_cache(maxsize=2)
def _opened(path: Path) -> Dataset:
    return reference.open_with_pydicom(path)


@lru_cache(maxsize=4)
def _kept(read: Callable[[Path], np.ndarray | None], path: Path) -> np.ndarray | None:
    """Return all frames by one program; three of them are asked for one after the other."""
    return read(path)


def by_simpleitk(path: Path) -> np.ndarray | None:
    """Return [frames, rows, columns(, 3)] as SimpleITK's GDCM reader gives them, rescaled."""
    import SimpleITK

    SimpleITK.ProcessObject.GlobalWarningDisplayOff()
    reader = SimpleITK.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    try:
        return SimpleITK.GetArrayFromImage(reader.Execute())
    except RuntimeError:
        return None
