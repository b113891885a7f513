from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest

from archive.errors import CannotDecode
from archive.pixels.display import display_values
from archive.pixels.frames import ImageFile

if TYPE_CHECKING:
    from pathlib import Path

INDICES = np.array([[0, 1, 2, 3, 4, 250]], np.uint8)
RED, GREEN, BLUE = 0x00281101, 0x00281102, 0x00281103


def palette(path: Path, descriptor, tables, *, segmented: bool = False, dtype: str = "<u2") -> np.ndarray:
    ds = phantoms.image(INDICES, PhotometricInterpretation="PALETTE COLOR")
    for number, table in enumerate(tables):
        ds.add_new(RED + number, "US", list(descriptor))
        tag = (0x00281221 if segmented else 0x00281201) + number
        data = np.asarray(table, dtype).tobytes()
        ds.add_new(tag, "OW", data + b"\0" * (len(data) % 2))
    ds.save_as(path, enforce_file_format=True)
    with ImageFile.open(path) as image:
        return image.stored_values(0)


def test_sixteen_bit_entries_give_their_high_bytes(tmp_path: Path):
    tables = [[0x1234, 0x5600, 0xFFFF], [0, 0x8000, 0x100], [0xFF00, 0, 0]]
    shown = palette(tmp_path / "i.dcm", (3, 1, 16), tables)
    assert shown[0, 0].tolist() == [0x12, 0, 0xFF]  # below the first: its entry
    assert shown[0, 2].tolist() == [0x56, 0x80, 0]
    assert shown[0, 5].tolist() == [0xFF, 1, 0]  # above the last


def test_eight_bit_entries_one_a_byte(tmp_path: Path):
    shown = palette(tmp_path / "i.dcm", (4, 0, 8), [[1, 2, 3, 4]] * 3, dtype="u1")
    assert shown[0, :4, 0].tolist() == [1, 2, 3, 4]


def test_entries_that_claim_sixteen_bits_and_hold_eight(tmp_path: Path):
    shown = palette(tmp_path / "i.dcm", (4, 0, 16), [[0, 85, 170, 255]] * 3)
    assert shown[0, :4, 0].tolist() == [0, 85, 170, 255]


def test_a_dark_channel_of_sixteen_bits_stays_dark(tmp_path: Path):
    shown = palette(tmp_path / "i.dcm", (2, 0, 16), [[0, 0xFFFF], [0, 0x8000], [0, 200]])
    assert shown[0, 1].tolist() == [255, 128, 0]


def supplemented(path: Path, **attributes) -> np.ndarray:
    """Return the picture of 0, 50, 100, 101, 102, 200 with a palette of two entries from 101 on."""
    pixels = np.array([[0, 50, 100, 101, 102, 200]], np.uint16)
    window = {"WindowCenter": "50", "WindowWidth": "100", "VOILUTFunction": "LINEAR_EXACT"}
    ds = phantoms.image(pixels, **window, **attributes)
    for number, table in enumerate([[0xFF00, 0], [0, 0xFF00], [0, 0]]):
        ds.add_new(RED + number, "US", [2, 101, 16])
        ds.add_new(0x00281201 + number, "OW", np.array(table, "<u2").tobytes())
    ds.save_as(path, enforce_file_format=True)
    with ImageFile.open(path) as image:
        return display_values(image.stored_values(0), image.frame_attributes(0))


@pytest.mark.parametrize("presentation", ["COLOR", "MIXED"])
def test_a_supplemental_palette_colors_what_lies_above(tmp_path: Path, presentation: str):
    shown = supplemented(tmp_path / "i.dcm", PixelPresentation=presentation)
    greys, colors = [[0] * 3, [128] * 3, [255] * 3], [[255, 0, 0], [0, 255, 0], [0, 255, 0]]
    assert shown[0].tolist() == greys + colors


def test_a_palette_of_an_image_that_says_it_is_grey_is_not_applied(tmp_path: Path):
    assert supplemented(tmp_path / "i.dcm", PixelPresentation="MONOCHROME").shape == (1, 6)


def test_a_supplemental_palette_that_cannot_be_read_costs_the_colors(tmp_path: Path):
    path = phantoms.write_image(tmp_path / "i.dcm", np.zeros((2, 2), np.int16), PixelPresentation="COLOR")
    with ImageFile.open(path) as image:
        assert display_values(image.stored_values(0), image.frame_attributes(0)).shape == (2, 2)


def test_segments_are_expanded(tmp_path: Path):
    discrete, linear = [0, 2, 0x0100, 0x0200], [1, 2, 0x0600]
    indirect = [2, 1, 0, 0]  # the first segment again
    shown = palette(tmp_path / "i.dcm", (6, 0, 16), [discrete + linear + indirect] * 3, segmented=True)
    assert shown[0, :5, 0].tolist() == [1, 2, 4, 6, 1]
    assert shown[0, 5, 0] == 2


def test_segments_of_eight_bits_are_bytes(tmp_path: Path):
    discrete, linear = [0, 2, 1, 2], [1, 2, 6]
    indirect = [2, 1, 4, 0, 0, 0]  # from the fifth byte on: the ramp again, from 6 to 6
    parts = discrete + linear + indirect
    shown = palette(tmp_path / "i.dcm", (6, 0, 8), [parts] * 3, segmented=True, dtype="u1")
    assert shown[0, :5, 0].tolist() == [1, 2, 4, 6, 6]


@pytest.mark.parametrize(
    "words", [[2, 60000, 0, 0], [2, 3, 4, 0, 1, 1, 1], [9, 9, 9], [0, 60000, 5], [1, 65535, 7]]
)
def test_segments_that_make_no_sense_end(tmp_path: Path, words: list[int]):
    with contextlib.suppress(CannotDecode):
        shown = palette(tmp_path / "i.dcm", (6, 0, 16), [words] * 3, segmented=True)
        assert shown.shape == (1, 6, 3)


@pytest.mark.parametrize("tables", [[], [[1, 2]] * 2, [[]] * 3])
def test_a_missing_palette_is_told(tmp_path: Path, tables: list):
    with pytest.raises(CannotDecode, match="palette"):
        palette(tmp_path / "i.dcm", (2, 0, 16), tables)


@pytest.mark.parametrize("bits", [10, 12, 16, 32])
def test_deep_color_gives_its_high_bits(tmp_path: Path, bits: int):
    dtype = np.uint32 if bits == 32 else np.uint16
    pixels = np.array([[[(1 << bits) - 1, 1 << (bits - 1), 0]]], dtype)
    path = phantoms.write_image(tmp_path / "i.dcm", pixels, BitsStored=bits, HighBit=bits - 1)
    with ImageFile.open(path) as image:
        assert image.stored_values(0).tolist() == [[[255, 128, 0]]]


@pytest.mark.parametrize(
    ("photometric", "ybr", "rgb"),
    [
        ("YBR_FULL", (76, 85, 255), (254, 0, 0)),
        ("YBR_FULL", (150, 44, 21), (0, 255, 1)),
        ("YBR_PARTIAL_422", (235, 128, 128), (255, 255, 255)),
        ("YBR_PARTIAL_422", (16, 128, 128), (0, 0, 0)),
    ],
)
def test_native_luminance_and_chrominance_become_rgb(tmp_path: Path, photometric: str, ybr, rgb):
    pixels = np.tile(np.array(ybr, np.uint8), (2, 4, 1))
    data = pixels
    if photometric.endswith("422"):
        data = np.tile(np.array((ybr[0], ybr[0], ybr[1], ybr[2]), np.uint8), (2, 2, 1))
    path = phantoms.write_image(
        tmp_path / "i.dcm", pixels, PhotometricInterpretation=photometric, PixelData=data.tobytes()
    )
    with ImageFile.open(path) as image:
        assert np.abs(image.stored_values(0).astype(int) - rgb).max() <= 2


def test_an_unknown_photometric_interpretation_is_told(tmp_path: Path):
    path = phantoms.write_image(
        tmp_path / "i.dcm", np.zeros((2, 2, 3), np.uint8), PhotometricInterpretation="HSV"
    )
    with ImageFile.open(path) as image, pytest.raises(CannotDecode, match="HSV"):
        image.stored_values(0)
