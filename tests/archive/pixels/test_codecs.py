from __future__ import annotations

import struct
import subprocess
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import phantoms
import pytest
from conftest import require_program
from pydicom.encaps import encapsulate
from pydicom.uid import (
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from archive.errors import CannotDecode
from archive.pixels.frames import ImageFile

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = (40, 64)


def grey() -> np.ndarray:
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return ((np.sin(x / 9) + np.cos(y / 7) + 2) * 1000).astype(np.uint16)


def color() -> np.ndarray:
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.stack([x * 4, y * 6, 255 - x * 2], -1).astype(np.uint8)


def packed_rle(pixels: np.ndarray) -> bytes:
    planes = [pixels >> 8 & 255, pixels & 255]
    segments = [imagecodecs.packbits_encode(plane.astype(np.uint8)) for plane in planes]
    segments = [segment + b"\0" * (len(segment) % 2) for segment in segments]
    return struct.pack("<16I", 2, 64, 64 + len(segments[0]), *[0] * 13) + b"".join(segments)


STREAMS = {
    RLELossless: packed_rle,
    JPEGLSLossless: imagecodecs.jpegls_encode,
    JPEG2000Lossless: lambda pixels: imagecodecs.jpeg2k_encode(
        pixels, level=0, reversible=True, codecformat="j2k"
    ),
    HTJ2KLossless: lambda pixels: imagecodecs.htj2k_encode(pixels, reversible=True),
    JPEGLosslessSV1: lambda pixels: imagecodecs.ljpeg_encode(pixels, bitspersample=16),
}


def write(path: Path, pixels: np.ndarray, stream: bytes, syntax: str, **attributes) -> Path:
    ds = phantoms.image(pixels, TransferSyntaxUID=syntax, **attributes)
    ds.PixelData = encapsulate([stream])
    ds["PixelData"].is_undefined_length = True
    ds.save_as(path, enforce_file_format=True)
    return path


def decoded(path: Path) -> np.ndarray:
    with ImageFile.open(path) as image:
        return image.stored_values(0)


@pytest.mark.parametrize("syntax", STREAMS, ids=lambda uid: uid.name)
def test_lossless_streams_give_back_what_went_in(tmp_path: Path, syntax):
    path = write(tmp_path / "i.dcm", grey(), bytes(STREAMS[syntax](grey())), syntax)
    np.testing.assert_array_equal(decoded(path), grey())


@pytest.mark.peer
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
def test_lossless_jpeg_of_three_samples_is_what_it_was_native(tmp_path: Path, photometric: str):
    require_program("dcmcjpeg")
    native = phantoms.write_image(tmp_path / "n.dcm", color(), PhotometricInterpretation=photometric)
    subprocess.run(["dcmcjpeg", "+e1", native, tmp_path / "l.dcm"], check=True)
    np.testing.assert_array_equal(decoded(tmp_path / "l.dcm"), decoded(native))


@pytest.mark.parametrize("syntax", STREAMS, ids=lambda uid: uid.name)
def test_signed_samples_come_back_signed_even_from_codecs_without_sign(tmp_path: Path, syntax):
    signed = grey().astype(np.int16) - 1500
    stream = bytes(STREAMS[syntax](signed.view(np.uint16)))
    path = write(tmp_path / "i.dcm", signed, stream, syntax)
    np.testing.assert_array_equal(decoded(path), signed)


@pytest.mark.parametrize("syntax", STREAMS, ids=lambda uid: uid.name)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
def test_streams_that_end_early_are_refused(tmp_path: Path, syntax, share: float):
    stream = bytes(STREAMS[syntax](grey()))
    path = write(tmp_path / "i.dcm", grey(), stream[: int(len(stream) * share)], syntax)
    with pytest.raises(CannotDecode, match=r"\.$"):
        decoded(path)


@pytest.mark.parametrize("syntax", STREAMS, ids=lambda uid: uid.name)
def test_streams_of_another_size_are_refused(tmp_path: Path, syntax):
    stream = bytes(STREAMS[syntax](grey()))
    path = write(tmp_path / "i.dcm", grey(), stream, syntax, Rows=80)
    with pytest.raises(CannotDecode, match=r"\.$"):
        decoded(path)


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless, JPEGBaseline8Bit, JPEGLosslessSV1])
def test_a_stream_that_claims_the_moon_is_refused_before_decoding(tmp_path: Path, syntax, monkeypatch):
    for codec in ("jpegls_decode", "jpeg2k_decode", "jpeg8_decode"):
        monkeypatch.setattr(imagecodecs, codec, lambda *_, **__: pytest.fail("was decoded"))
    huge = b"\xff\xff"
    stream = {
        JPEG2000Lossless: b"\xff\x4f\xff\x51\x00\x29\x00\x00" + b"\x00\x00" + huge + b"\x00\x00" + huge
        + bytes(8) + b"\x00\x00" + huge + b"\x00\x00" + huge + bytes(8) + b"\x00\x01\x0f\x01\x01",
    }.get(syntax, b"\xff\xd8\xff" + (b"\xf7" if syntax == JPEGLSLossless else b"\xc0")
          + b"\x00\x0b\x10" + huge * 2 + b"\x01\x01\x11\x00\xff\xd9")  # fmt: skip
    path = write(tmp_path / "i.dcm", grey(), stream, syntax)
    with pytest.raises(CannotDecode, match="65535x65535"):
        decoded(path)


@pytest.mark.parametrize(
    ("photometric", "stream_colorspace", "expected_error"),
    [("YBR_FULL_422", "YCBCR", 12), ("RGB", "RGB", 8), ("YBR_FULL_422", "RGB", 8), ("RGB", "YCBCR", 12)],
)
def test_jpeg_markers_win_over_the_photometric_interpretation(
    tmp_path: Path, photometric: str, stream_colorspace: str, expected_error: int
):
    stream = imagecodecs.jpeg8_encode(color(), level=98, colorspace="RGB", outcolorspace=stream_colorspace)
    path = write(tmp_path / "i.dcm", color(), stream, JPEGBaseline8Bit, PhotometricInterpretation=photometric)
    difference = np.abs(decoded(path).astype(int) - color())
    assert np.median(difference) <= 2
    assert difference.max() <= 5 * expected_error


@pytest.mark.parametrize(
    ("syntax", "sentence"),
    [
        ("1.2.840.10008.1.2.4.102", "video"),
        ("1.2.840.10008.1.2.4.94", "no codec"),
        ("1.2.3.4", "no codec"),
    ],
)
def test_syntaxes_without_a_codec_say_so(tmp_path: Path, syntax: str, sentence: str):
    path = write(tmp_path / "i.dcm", grey(), b"\0" * 64, RLELossless)
    data = path.read_bytes()
    old = str(RLELossless).encode() + b"\0"
    new = syntax.encode() + b"\0" * (len(syntax) % 2)
    path.write_bytes(
        data.replace(struct.pack("<H", len(old) + len(old) % 2) + old, struct.pack("<H", len(new)) + new, 1)
    )
    with pytest.raises(CannotDecode, match=sentence):
        decoded(path)


def test_native_pixels_under_a_compressed_syntax_are_shown(tmp_path: Path):
    path = tmp_path / "i.dcm"
    ds = phantoms.image(grey())
    ds.save_as(path, enforce_file_format=True)
    data = path.read_bytes()
    old = b"\x14\x00" + b"1.2.840.10008.1.2.1\0"
    assert old in data
    path.write_bytes(data.replace(old, b"\x14\x00" + b"1.2.840.10008.1.2.5\0", 1))
    np.testing.assert_array_equal(decoded(path), grey())


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_a_jpeg_that_lacks_rows_is_refused(tmp_path: Path, share: float):
    stream = imagecodecs.jpeg8_encode(color(), level=95)
    path = write(tmp_path / "i.dcm", color(), stream[: int(len(stream) * share)], JPEGBaseline8Bit)
    with pytest.raises(CannotDecode, match="ends before"):
        decoded(path)


def test_a_jpeg_2000_box_of_length_0_ends(tmp_path: Path):
    stream = bytearray(imagecodecs.jpeg2k_encode(grey(), level=0, reversible=True, codecformat="jp2"))
    path = write(tmp_path / "boxed.dcm", grey(), bytes(stream), JPEG2000Lossless)
    np.testing.assert_array_equal(decoded(path), grey())
    at = stream.index(b"jp2h") - 4
    stream[at : at + 4] = bytes(4)
    path = write(tmp_path / "i.dcm", grey(), bytes(stream), JPEG2000Lossless)
    with pytest.raises(CannotDecode):
        decoded(path)
