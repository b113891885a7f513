from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import CannotDecode
from archive.pixels.rle import decode_rle


def frame(*segments: bytes) -> bytes:
    offsets = np.cumsum([64, *(len(segment) for segment in segments)])[:-1]
    return struct.pack("<16I", len(segments), *offsets, *[0] * (15 - len(segments))) + b"".join(segments)


def literal(values: bytes) -> bytes:
    return bytes([len(values) - 1]) + values


def test_the_most_significant_bytes_come_first():
    decoded = decode_rle(frame(literal(b"\x01\x02"), literal(b"\x03\x04")), 2, 1, 2)
    assert decoded.tolist() == [0x0103, 0x0204]


def test_runs_and_padding():
    assert decode_rle(frame(b"\xfd\x07" + literal(b"\x08") + b"\0"), 5, 1, 1).tolist() == [7, 7, 7, 7, 8]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 64,
        frame(literal(b"\x01")),  # ends early
        frame(literal(b"\x01\x02"), literal(b"\x01\x02")),  # a segment too many
        struct.pack("<16I", 1, 9999, *[0] * 14) + b"\x01\x02\x03",
        struct.pack("<16I", 0xFFFFFFFF, 64, *[0] * 14) + literal(b"\x01\x02"),
    ],
)
def test_damaged_frames_are_refused(data: bytes):
    with pytest.raises(CannotDecode):
        decode_rle(data, 2, 1, 1)


@given(st.binary(max_size=200))
def test_any_bytes_end(data: bytes):
    try:
        decoded = decode_rle(struct.pack("<16I", 1, 64, *[0] * 14) + data, 8, 1, 1)
    except CannotDecode:
        return
    assert decoded.shape == (8,)
