from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pydicom
import pytest
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.uid import JPEG2000Lossless, RLELossless

from archive.errors import CannotDecode
from archive.pixels.frames import ImageFile

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = (4, 16, 12)
ITEM = b"\xfe\xff\x00\xe0"


def frames() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 200, SHAPE, np.uint8)


def packed(values: np.ndarray) -> bytes:
    """One RLE frame of literal runs."""
    flat = values.tobytes()
    runs = b"".join(
        bytes([len(flat[at : at + 128]) - 1]) + flat[at : at + 128] for at in range(0, len(flat), 128)
    )
    return struct.pack("<16I", 1, 64, *[0] * 14) + runs + b"\0" * (len(runs) % 2)


def write(path: Path, pixel_data: bytes, **attributes) -> Path:
    ds = phantoms.image(frames(), TransferSyntaxUID=RLELossless, **attributes)
    ds.PixelData = pixel_data
    ds["PixelData"].is_undefined_length = True
    ds.save_as(path, enforce_file_format=True)
    return path


def check(path: Path, order: tuple[int, ...] = (3, 0, 2, 1)) -> None:
    expected = frames()
    with ImageFile.open(path) as image:
        for index in order:
            np.testing.assert_array_equal(image.stored_values(index), expected[index])


@pytest.mark.parametrize(("has_bot", "fragments_per_frame"), [(True, 1), (True, 3), (False, 1)])
def test_frames_are_found_by_table_or_by_count(tmp_path: Path, has_bot: bool, fragments_per_frame: int):
    data = encapsulate([packed(frame) for frame in frames()], fragments_per_frame, has_bot=has_bot)
    check(write(tmp_path / "f.dcm", data))


def test_frames_are_found_by_the_extended_table(tmp_path: Path):
    data, offsets, lengths = encapsulate_extended([packed(frame) for frame in frames()])
    check(write(tmp_path / "f.dcm", data, ExtendedOffsetTable=offsets, ExtendedOffsetTableLengths=lengths))


def test_a_false_extended_table_is_not_believed(tmp_path: Path):
    data, offsets, lengths = encapsulate_extended([packed(frame) for frame in frames()])
    false = bytes(8) + b"\x33" * (len(offsets) - 8)
    check(write(tmp_path / "f.dcm", data, ExtendedOffsetTable=false, ExtendedOffsetTableLengths=lengths))


@pytest.mark.parametrize("table", [(0, 7, 9, 11), (4, 4, 4, 4), (0, 0, 0, 0), (2**32 - 1,) * 4])
def test_a_false_basic_table_is_not_believed(tmp_path: Path, table: tuple[int, ...]):
    data = encapsulate([packed(frame) for frame in frames()], has_bot=False)
    false = ITEM + struct.pack("<I4I", 16, *table) + data[8:]
    check(write(tmp_path / "f.dcm", false))


def test_code_streams_in_several_fragments_are_told_by_their_starts(tmp_path: Path):
    from imagecodecs import jpeg2k_encode

    streams = [jpeg2k_encode(frame, level=0, reversible=True, codecformat="j2k") for frame in frames()]
    data = encapsulate(streams, 2, has_bot=False)
    path = write(tmp_path / "f.dcm", data)
    ds = pydicom.dcmread(path)
    ds.file_meta.TransferSyntaxUID = JPEG2000Lossless
    ds.save_as(path)
    check(path)


def test_fewer_fragments_than_frames_are_told(tmp_path: Path):
    data = encapsulate([packed(frame) for frame in frames()[:2]], has_bot=False)
    path = write(tmp_path / "f.dcm", data)
    check(path, (0, 1))
    with ImageFile.open(path) as image, pytest.raises(CannotDecode, match="holds 2 frames"):
        image.stored_values(2)


@pytest.mark.parametrize(
    "data", [b"", ITEM, ITEM + b"\xff\xff\xff\x7f", b"no items here...", ITEM + bytes(4)]
)
def test_pixel_data_without_fragments_is_refused(tmp_path: Path, data: bytes):
    path = write(tmp_path / "f.dcm", encapsulate([packed(frame) for frame in frames()]))
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"\xe0\x7f\x10\x00OB") + 12] + data)
    with ImageFile.open(path) as image, pytest.raises(CannotDecode):
        image.stored_values(0)


def test_a_hundred_million_claimed_frames_are_not_counted(tmp_path: Path):
    data = encapsulate([packed(frame) for frame in frames()], has_bot=False)
    path = write(tmp_path / "f.dcm", data, NumberOfFrames=100_000_000)
    with ImageFile.open(path) as image:
        assert image.attributes.number_of_frames == 100_000_000
        assert image.frame_count < 1000


def test_other_frames_are_not_read(tmp_path: Path, monkeypatch):
    path = phantoms.write_image(tmp_path / "f.dcm", np.zeros((50, 64, 64), np.int16))
    read = []
    with ImageFile.open(path) as image:
        source = image._located.source
        original = source.read
        monkeypatch.setattr(
            source, "read", lambda offset, length: read.append(length) or original(offset, length)
        )
        image.stored_values(40)
    assert sum(read) == 64 * 64 * 2
