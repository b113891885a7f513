from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.pixels.jpeg_stream import jpeg_2000_is_whole, read_jpeg_2000_header, read_jpeg_header

GREY = np.arange(30 * 20, dtype=np.uint16).reshape(30, 20)


def jpeg_2000(codec_format: str = "j2k", pixels: np.ndarray = GREY) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True, codecformat=codec_format))


@pytest.mark.parametrize("codec_format", ["j2k", "jp2"])
def test_a_jpeg_2000_says_its_size(codec_format: str):
    header = read_jpeg_2000_header(jpeg_2000(codec_format))
    assert (header.rows, header.columns, header.components) == (30, 20, 1)
    assert (header.precision, header.signed) == (16, False)
    assert read_jpeg_2000_header(jpeg_2000(codec_format, GREY.view(np.int16))).signed


def test_a_cut_jpeg_2000_is_not_whole():
    stream = jpeg_2000()
    assert jpeg_2000_is_whole(stream)
    assert not any(jpeg_2000_is_whole(stream[:length]) for length in range(len(stream) - 2))


def test_a_jpeg_says_its_size_and_color():
    color = np.zeros((30, 20, 3), np.uint8)
    header = read_jpeg_header(imagecodecs.jpeg8_encode(color, colorspace="RGB", outcolorspace="YCBCR"))
    assert (header.rows, header.columns, header.components, header.precision) == (30, 20, 3, 8)
    assert (header.color, header.lossless) == ("YCbCr", False)
    assert (
        read_jpeg_header(imagecodecs.jpeg8_encode(color, colorspace="RGB", outcolorspace="RGB")).color
        == "RGB"
    )
    assert read_jpeg_header(imagecodecs.ljpeg_encode(GREY, bitspersample=16)).lossless
    assert read_jpeg_header(imagecodecs.jpegls_encode(GREY)).rows == 30


@given(st.binary(max_size=200))
def test_any_bytes_end(data: bytes):
    for stream in (data, b"\xff\xd8" + data, b"\xff\x4f\xff\x51" + data, b"\xff\xd8" + b"\xff" * 50 + data):
        read_jpeg_header(stream)
        read_jpeg_2000_header(stream)
        jpeg_2000_is_whole(stream)
