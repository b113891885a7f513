from __future__ import annotations

import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from archive.errors import CannotDecode
from archive.pixels.frames import ImageFile

if TYPE_CHECKING:
    from pathlib import Path


def stored(path: Path, index: int = 0) -> np.ndarray:
    with ImageFile.open(path) as image:
        return image.stored_values(index)


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"])
def test_every_integer_is_read_as_it_is(tmp_path: Path, dtype: str):
    info = np.iinfo(dtype)
    pixels = np.array([[info.min, 0, 1], [5, info.max - 1, info.max]], dtype)
    path = phantoms.write_image(tmp_path / "i.dcm", pixels)
    np.testing.assert_array_equal(stored(path), pixels)
    assert stored(path).dtype == pixels.dtype


@pytest.mark.parametrize("bits", [1, 7, 8, 10, 12, 15, 16])
@pytest.mark.parametrize("signed", [True, False])
def test_bits_above_the_stored_ones_are_not_values(tmp_path: Path, bits: int, signed: bool):
    low = -(1 << (bits - 1)) if signed else 0
    values = np.arange(low, low + min(1 << bits, 64), dtype=np.int32).reshape(1, -1)
    high_bits = np.random.default_rng(1).integers(0, 1 << 16, values.shape) & ~((1 << bits) - 1)
    written = ((values & ((1 << bits) - 1)) | high_bits).astype(np.uint16)
    path = phantoms.write_image(
        tmp_path / "i.dcm", written, BitsStored=bits, HighBit=bits - 1, PixelRepresentation=int(signed)
    )
    np.testing.assert_array_equal(stored(path), values)


def test_samples_that_stand_higher_are_shifted_down(tmp_path: Path):
    values = np.array([[0, 1, 2047, 4095]], np.uint16)
    path = phantoms.write_image(tmp_path / "i.dcm", values << 4 | 9, BitsStored=12, HighBit=15)
    np.testing.assert_array_equal(stored(path), values)


@pytest.mark.parametrize(("bits_stored", "high_bit"), [(0, 15), (40, 15), (16, 200), (12, 3), (16, 0)])
def test_bits_that_do_not_fit_are_ignored(tmp_path: Path, bits_stored: int, high_bit: int):
    pixels = np.array([[1, 2, 700]], np.uint16)
    path = phantoms.write_image(tmp_path / "i.dcm", pixels, BitsStored=bits_stored, HighBit=high_bit)
    np.testing.assert_array_equal(stored(path), pixels)


@pytest.mark.parametrize("bits_allocated", [1, 4, 12, 24])
def test_packed_samples_and_frames_that_begin_inside_a_byte(tmp_path: Path, bits_allocated: int):
    frames = np.random.default_rng(2).integers(0, 1 << bits_allocated, (3, 3, 5), np.uint32)
    bits = (frames.reshape(-1, 1) >> np.arange(bits_allocated)) & 1
    data = np.packbits(bits.astype(np.uint8).ravel(), bitorder="little").tobytes()
    path = phantoms.write_image(
        tmp_path / "i.dcm",
        frames.astype(np.uint8),
        BitsAllocated=bits_allocated,
        BitsStored=bits_allocated,
        HighBit=bits_allocated - 1,
        PixelData=data + b"\0" * (len(data) % 2),
    )
    for index in (2, 0, 1):
        np.testing.assert_array_equal(stored(path, index), frames[index])


@pytest.mark.parametrize("frames", [1, 3])
def test_bytes_in_big_endian_words_come_in_order(tmp_path: Path, frames: int):
    pixels = np.arange(frames * 15, dtype=np.uint8).reshape(frames, 3, 5)
    data = pixels.tobytes() + b"\0" * (pixels.size % 2)
    swapped = np.frombuffer(data, np.uint8).reshape(-1, 2)[:, ::-1].tobytes()
    ds = phantoms.image(pixels, TransferSyntaxUID=ExplicitVRBigEndian, PixelData=swapped)
    ds["PixelData"].VR = "OW"
    ds.save_as(tmp_path / "i.dcm", enforce_file_format=True)
    for index in range(frames):
        np.testing.assert_array_equal(stored(tmp_path / "i.dcm", index), pixels[index])


def test_planes_of_color_become_pixels(tmp_path: Path):
    pixels = np.random.default_rng(4).integers(0, 255, (4, 6, 3), np.uint8)
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1)).tobytes()
    path = phantoms.write_image(tmp_path / "i.dcm", pixels, PlanarConfiguration=1, PixelData=planes)
    np.testing.assert_array_equal(stored(path), pixels)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_floats_are_read_as_they_are(tmp_path: Path, dtype: str):
    pixels = np.array([[0.5, -1e30], [np.nan, np.inf]], dtype)
    keyword = "FloatPixelData" if dtype == "f4" else "DoubleFloatPixelData"
    ds = phantoms.image(pixels, PixelData=None, PixelRepresentation=None, BitsStored=None)
    setattr(ds, keyword, pixels.tobytes())
    ds.save_as(tmp_path / "i.dcm", enforce_file_format=True)
    np.testing.assert_array_equal(stored(tmp_path / "i.dcm"), pixels)


@pytest.mark.parametrize(
    ("attributes", "rows"),
    [
        ({}, 13500),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, 13500),
        ({"BitsAllocated": 16, "BitsStored": 12, "HighBit": 11}, 9500),
        ({"BitsAllocated": 12, "BitsStored": 12, "HighBit": 11}, 3500),
        ({"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}, 13500),
    ],
)
def test_the_largest_frames_take_less_than_a_gibibyte(tmp_path: Path, attributes: dict, rows: int):
    ds = phantoms.image(np.zeros((2, 2), np.uint8), Rows=rows, Columns=rows, **attributes)
    for number in range(3):
        ds.add_new(0x00281101 + number, "US", [256, 0, 16])
        ds.add_new(0x00281201 + number, "OW", bytes(512))
    ds.save_as(tmp_path / "i.dcm", enforce_file_format=True)
    with (tmp_path / "i.dcm").open("r+b") as file:  # grows with a hole that reads as zeros
        size = rows * rows * ds.BitsAllocated // 8 + 8
        at = file.read().rindex(b"\xe0\x7f\x10\x00")
        file.seek(at + 8)
        file.write(size.to_bytes(4, "little"))
        file.truncate(at + 12 + size)
    program = """
        import resource, sys
        from pathlib import Path
        from archive.pixels.display import display_values
        from archive.pixels.frames import ImageFile
        from archive.pixels.modality_lut import modality_values

        with ImageFile.open(Path(sys.argv[1])) as image:
            stored, frame = image.stored_values(0), image.frame_attributes(0)
            display_values(stored, frame)
            if stored.ndim == 2 and stored.nbytes < 1 << 27:
                modality_values(stored, frame)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    """
    line = [sys.executable, "-c", dedent(program), str(tmp_path / "i.dcm")]
    answer = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 0, answer.stderr
    assert int(answer.stdout) < 1 << 20  # KiB


def test_an_implicit_file_without_file_meta_opens(tmp_path: Path):
    pixels = np.arange(6, dtype=np.int16).reshape(2, 3)
    ds = phantoms.image(pixels, TransferSyntaxUID=ImplicitVRLittleEndian)
    del ds.file_meta
    ds.save_as(tmp_path / "i.dcm", implicit_vr=True, little_endian=True)
    np.testing.assert_array_equal(stored(tmp_path / "i.dcm"), pixels)


@pytest.mark.parametrize(
    "attributes",
    [
        {"Rows": 65535, "Columns": 65535},
        {"Rows": 0},
        {"Columns": 0},
        {"BitsAllocated": 0},
        {"BitsAllocated": 40},
        {"SamplesPerPixel": 2},
        {"SamplesPerPixel": 60000},
        {"Rows": 40},
    ],
)
def test_impossible_sizes_are_refused(tmp_path: Path, attributes: dict):
    path = phantoms.write_image(tmp_path / "i.dcm", np.zeros((4, 4), np.uint16), **attributes)
    with pytest.raises(CannotDecode):
        stored(path)
