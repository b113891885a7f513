from __future__ import annotations

import struct
import zlib

import data_sets as ds
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom import deflated, uids
from archive.dicom import keywords as kw
from archive.dicom.data_set import DataSet
from archive.dicom.header import parse_data_set
from archive.dicom.location import locate, unwrap
from archive.dicom.part10 import parse_file_meta, write_file_meta
from archive.dicom.source import Source
from archive.errors import BadInput, CannotUnderstand

PREAMBLE = bytes(128) + b"DICM"


def instance_number(data: bytes) -> str:
    source, offset, encoding, _ = locate(Source.of(data))
    return DataSet(source, offset, source.size, encoding).text(kw.SOP_INSTANCE_UID)


@pytest.mark.parametrize(
    "data",
    {
        "file meta": ds.part10(ds.smallest()),
        "file meta without a preamble": ds.part10(ds.smallest())[132:],
        "no file meta": PREAMBLE + ds.smallest(),
        "no file meta, implicit": PREAMBLE + ds.smallest_implicit(),
        "file meta without a transfer syntax": PREAMBLE
        + ds.element(kw.MEDIA_STORAGE_SOP_CLASS_UID, b"UI", b"1.2\0")
        + ds.smallest(),
        "file meta with a value of undefined length": PREAMBLE
        + ds.element(0x00020102, b"OB", ds.SEQUENCE_END, length=ds.UNDEFINED)
        + ds.smallest(),
        "a bare data set": ds.smallest(),
        "a bare implicit data set": ds.smallest_implicit(),
        "a bare big endian data set": ds.smallest(order=">"),
        "a bare data set of a later group": ds.element(0x00040000, b"UL", bytes(4)) + ds.smallest(),
    }.items(),
    ids=lambda case: case[0],
)
def test_data_sets_are_found_for_their_images(data):
    assert instance_number(data[1]) == "1.2.3"


@pytest.mark.parametrize("begin", [PREAMBLE, b""])
def test_the_receiver_wants_a_transfer_syntax(begin):
    meta = ds.element(kw.MEDIA_STORAGE_SOP_CLASS_UID, b"UI", b"1.2\0")
    with pytest.raises(CannotUnderstand, match="transfer syntax"):
        parse_file_meta(Source.of(begin + meta + ds.smallest()))


@pytest.mark.parametrize("content", [b"", b"x" * 131, bytes(132), PREAMBLE, b"GIF89a" * 50])
def test_what_is_not_dicom(content):
    with pytest.raises(BadInput, match="not a DICOM file"):
        locate(Source.of(content))


def test_file_meta_longer_than_what_is_read_at_first(tmp_path):
    private = ds.element(0x00020102, b"OB", bytes(100_000))
    file = tmp_path / "file"
    file.write_bytes(
        write_file_meta("1.2", "1.2.3", uids.EXPLICIT_VR_LITTLE_ENDIAN) + private + ds.smallest()
    )
    located = locate(Source.open(file))
    assert not located.encoding.implicit
    assert located.offset == file.stat().st_size - len(ds.smallest())


def deflate(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


def test_a_deflated_data_set_that_is_cut_short_shows_what_is_there():
    syntax = uids.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
    stream = deflate(ds.smallest() + ds.element(kw.PIXEL_DATA, b"OB", bytes(range(256)) * 100))[:-20]
    assert instance_number(write_file_meta("1.2", "1.2.3", syntax) + stream) == "1.2.3"
    with pytest.raises(CannotUnderstand, match="cut short"):
        parse_data_set(stream, syntax)


@pytest.mark.parametrize("strict", [True, False])
def test_a_deflate_bomb_stops_at_its_limit(monkeypatch, strict):
    monkeypatch.setattr(deflated, "MAXIMUM_INFLATED_BYTES", 1 << 20)
    bomb = deflate(bytes(2 << 20))
    with pytest.raises(CannotUnderstand, match="holds more"):
        unwrap(Source.of(bomb), 0, uids.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, strict=strict)


@given(st.binary(max_size=200), st.sampled_from([b"", PREAMBLE, PREAMBLE + struct.pack("<HH", 2, 0)]))
def test_any_bytes_are_located_or_refused(data, begin):
    try:
        located = locate(Source.of(begin + data))
    except (BadInput, CannotUnderstand):
        return
    assert 0 <= located.offset <= located.source.size
