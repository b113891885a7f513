from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest

from archive.pixels.display import default_voi, display_values
from archive.pixels.frames import ImageFile
from archive.pixels.voi_lut import Window, apply_window

if TYPE_CHECKING:
    from pathlib import Path

WINDOW = Window(50, 100, "LINEAR_EXACT")


def load(path: Path):
    with ImageFile.open(path) as image:
        return image.stored_values(0), image.frame_attributes(0)


def ramp(dtype: str) -> np.ndarray:
    return np.linspace(0, 100, 600).astype(dtype).reshape(300, 2)


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4"])
def test_every_integer_goes_the_same_way(tmp_path: Path, dtype: str):
    stored, frame = load(phantoms.write_image(tmp_path / "i.dcm", ramp(dtype)))
    expected = np.floor(apply_window(stored, WINDOW) * 255 + 0.5)
    np.testing.assert_array_equal(display_values(stored, frame, voi=WINDOW), expected)


def test_monochrome1_shows_low_values_bright(tmp_path: Path):
    stored, frame = load(
        phantoms.write_image(tmp_path / "i.dcm", ramp("i2"), PhotometricInterpretation="MONOCHROME1")
    )
    shown = display_values(stored, frame, voi=WINDOW)
    assert (shown[0, 0], shown[-1, -1]) == (255, 0)
    np.testing.assert_array_equal(display_values(stored, frame, voi=WINDOW, invert=True), 255 - shown)


def test_eight_bits_without_a_window_are_shown_as_they_are(tmp_path: Path):
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    stored, frame = load(phantoms.write_image(tmp_path / "i.dcm", pixels))
    np.testing.assert_array_equal(display_values(stored, frame), pixels)


def test_eight_bits_with_a_rescale_that_changes_nothing_are_too(tmp_path: Path):
    pixels = np.arange(60, 124, dtype=np.uint8).reshape(8, 8)
    path = phantoms.write_image(tmp_path / "i.dcm", pixels, RescaleSlope="1", RescaleIntercept="0")
    np.testing.assert_array_equal(display_values(*load(path)), pixels)


def test_a_mask_is_black_and_white(tmp_path: Path):
    pixels = np.array([[0, 1, 0, 1, 1, 1, 0, 0]], np.uint8)
    data = np.packbits(pixels, bitorder="little").tobytes() + b"\0"
    path = phantoms.write_image(
        tmp_path / "i.dcm", pixels, BitsAllocated=1, BitsStored=1, HighBit=0, PixelData=data
    )
    stored, frame = load(path)
    np.testing.assert_array_equal(display_values(stored, frame), pixels * 255)


def test_color_passes_and_inverts(tmp_path: Path):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 4, 3), np.uint8)
    stored, frame = load(phantoms.write_image(tmp_path / "i.dcm", pixels))
    np.testing.assert_array_equal(display_values(stored, frame, voi=WINDOW), pixels)
    np.testing.assert_array_equal(display_values(stored, frame, invert=True), 255 - pixels)


def test_the_files_first_window_is_the_default(tmp_path: Path):
    path = phantoms.write_image(
        tmp_path / "i.dcm", ramp("i2"), WindowCenter=["40", "10"], WindowWidth=["80", "20"]
    )
    assert default_voi(*load(path)) == Window(40, 80)
