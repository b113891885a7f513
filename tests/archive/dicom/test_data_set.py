from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom import keywords as kw
from archive.dicom import lenient
from archive.dicom.data_set import DataSet
from archive.dicom.elements import (
    EXPLICIT_BIG_ENDIAN,
    EXPLICIT_LITTLE_ENDIAN,
    IMPLICIT_LITTLE_ENDIAN,
    Encoding,
)
from archive.dicom.source import Source
from archive.errors import CannotUnderstand


def tag(number: int) -> bytes:
    return struct.pack("<HH", number >> 16, number & 0xFFFF)


def short(number: int, vr: str, value: bytes) -> bytes:
    return tag(number) + vr.encode() + struct.pack("<H", len(value)) + value


def undefined(number: int, vr: str, content: bytes) -> bytes:
    return tag(number) + vr.encode() + b"\0\0\xff\xff\xff\xff" + content + tag(0xFFFEE0DD) + bytes(4)


def item(content: bytes, *, delimited: bool) -> bytes:
    if delimited:
        return tag(0xFFFEE000) + b"\xff\xff\xff\xff" + content + tag(0xFFFEE00D) + bytes(4)
    return tag(0xFFFEE000) + struct.pack("<I", len(content)) + content


def data_set(data: bytes, encoding: Encoding = EXPLICIT_LITTLE_ENDIAN) -> DataSet:
    return DataSet(Source.of(data), 0, len(data), encoding)


ROWS_512 = short(kw.ROWS, "US", b"\x00\x02")


@pytest.mark.parametrize("delimited", [True, False])
def test_sequences_of_undefined_length_are_walked_over_and_into(delimited: bool):
    inner = undefined(kw.VOI_LUT_SEQUENCE, "SQ", item(ROWS_512, delimited=delimited) * 2)
    content = item(inner, delimited=delimited) + item(b"", delimited=delimited)
    ds = data_set(undefined(kw.MODALITY_LUT_SEQUENCE, "SQ", content) + ROWS_512)
    assert ds.integer(kw.ROWS, 0) == 512
    items = ds.items(kw.MODALITY_LUT_SEQUENCE)
    assert len(items) == 2
    assert [one.integer(kw.ROWS, 0) for one in items[0].items(kw.VOI_LUT_SEQUENCE)] == [512, 512]


def test_a_sequence_written_as_un_is_implicit_inside():
    implicit_rows = tag(kw.ROWS) + struct.pack("<IH", 2, 512)
    content = item(implicit_rows, delimited=True)
    ds = data_set(undefined(kw.MODALITY_LUT_SEQUENCE, "UN", content) + ROWS_512)
    assert ds.first_item(kw.MODALITY_LUT_SEQUENCE).integer(kw.ROWS, 0) == 512


def test_a_sequence_written_as_un_is_explicit_inside_now_and_then():
    ds = data_set(undefined(kw.MODALITY_LUT_SEQUENCE, "UN", item(ROWS_512, delimited=True)) + ROWS_512)
    assert ds.first_item(kw.MODALITY_LUT_SEQUENCE).integer(kw.ROWS, 0) == 512
    assert ds.integer(kw.ROWS, 0) == 512


def test_a_length_that_looks_like_a_vr_inside_of_an_implicit_item():
    long = tag(0x00091001) + struct.pack("<I", int.from_bytes(b"LO", "little")) + bytes(0x4F4C)
    inner = tag(kw.COLUMNS) + struct.pack("<IH", 2, 7) + long + tag(kw.ROWS) + struct.pack("<IH", 2, 512)
    ds = data_set(undefined(kw.MODALITY_LUT_SEQUENCE, "SQ", item(inner, delimited=True)) + ROWS_512)
    assert ds.first_item(kw.MODALITY_LUT_SEQUENCE).integer(kw.ROWS, 0) == 512
    assert ds.integer(kw.ROWS, 0) == 512


@pytest.mark.parametrize(
    "odd",
    [
        short(0x00091001, "ZZ", b"ab"),
        tag(0x00091001) + struct.pack("<I", 2) + b"ab",
        tag(0x00091001) + b"B\0\0\0" + bytes(0x42),
        tag(0x00091001) + bytes(4),
    ],
    ids=["a VR of tomorrow", "no VR", "a length that begins like a VR", "no VR and no value"],
)
def test_odd_elements_cost_themselves(odd: bytes):
    assert data_set(odd + ROWS_512).integer(kw.ROWS, 0) == 512


def test_headers_across_the_pieces_that_are_read(tmp_path):
    for filler in range(32_768 - 30, 32_768 - 6):
        data = tag(0x00091001) + b"OB\0\0" + struct.pack("<I", filler) + bytes(filler) + ROWS_512 * 8000
        file = tmp_path / "file"
        file.write_bytes(data + short(kw.COLUMNS, "US", b"\x07\x00"))
        source = Source.open(file)
        ds = DataSet(source, 0, source.size, EXPLICIT_LITTLE_ENDIAN)
        assert (ds.integer(kw.ROWS, 0), ds.integer(kw.COLUMNS, 0)) == (512, 7)


def test_big_endian_and_implicit_numbers():
    big = struct.pack(">HH2sHH", 0x0028, 0x0010, b"US", 2, 512)
    assert data_set(big, EXPLICIT_BIG_ENDIAN).integer(kw.ROWS, 0) == 512
    implicit = tag(kw.ROWS) + struct.pack("<IH", 2, 512)
    assert data_set(implicit, IMPLICIT_LITTLE_ENDIAN).integer(kw.ROWS, 0) == 512


def test_numbers_follow_the_vr_that_is_written():
    ds = data_set(
        short(kw.ROWS, "IS", b"512 ") + short(kw.PIXEL_SPACING, "FD", struct.pack("<2d", 0.5, 0.25))
    )
    assert ds.integer(kw.ROWS, 0) == 512
    assert ds.vector(kw.PIXEL_SPACING, 2) == (0.5, 0.25)


@pytest.mark.parametrize("text", [b"abc", b"", b"nan", b"1e999", b"--1", b"\xff\xfe", b"1,5"])
def test_numbers_that_are_none_read_as_absent(text: bytes):
    ds = data_set(short(kw.SLICE_THICKNESS, "DS", text))
    assert ds.vector(kw.SLICE_THICKNESS, 1) is None
    assert ds.integer(kw.SLICE_THICKNESS, -7) == -7


def test_a_value_beyond_the_end_is_cut():
    ds = data_set(ROWS_512 + tag(kw.MODALITY) + b"CS" + struct.pack("<H", 60000) + b"CT")
    assert ds.text(kw.MODALITY) == "CT"
    assert ds.element(kw.MODALITY).truncated


def test_pixels_end_the_walk():
    ds = data_set(tag(kw.PIXEL_DATA) + b"OW\0\0" + struct.pack("<I", 4) + b"abcd" + ROWS_512)
    assert kw.ROWS not in ds


def test_sequences_nested_too_deep_are_refused():
    content = b""
    for _ in range(100):
        content = undefined(kw.MODALITY_LUT_SEQUENCE, "SQ", item(content, delimited=True))
    with pytest.raises(CannotUnderstand, match="deeper"):
        data_set(content)


def test_a_flood_of_elements_is_refused(monkeypatch):
    monkeypatch.setattr(lenient, "HEADERS_LIMIT", 1000)
    with pytest.raises(CannotUnderstand, match="more elements"):
        data_set(short(kw.MODALITY, "CS", b"") * 1001)


@given(
    st.binary(max_size=300),
    st.sampled_from([EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN, EXPLICIT_BIG_ENDIAN]),
)
def test_any_bytes_are_walked_to_an_end(data: bytes, encoding: Encoding):
    ds = data_set(ROWS_512 + data, encoding)
    for number in (kw.ROWS, kw.VOI_LUT_SEQUENCE):
        ds.numbers(number)
        ds.texts(number)
        ds.items(number)
