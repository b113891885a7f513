"""Every image we have, against pydicom, DCMTK and Pillow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pixel_reference as reference
import pytest
from conftest import SHARED

from archive.errors import NoctisError
from archive.pixels.display import display_values
from archive.pixels.frames import ImageFile
from archive.pixels.modality_lut import modality_values

if TYPE_CHECKING:
    from pathlib import Path

SYNTAXES = SHARED / "single" / "ts_ctimage"
LOSSLESS = ("1.2", "1.2.1", "1.2.1.99", "1.2.2", "1.2.4.57", "1.2.4.70", "1.2.4.80", "1.2.4.90", "1.2.5")


def opened(path: Path) -> ImageFile | None:
    try:
        return ImageFile.open(path)
    except NoctisError:
        return None


def images(folder: Path | None = None, *, every: int = 1) -> list[Path]:
    """Files with pixels; `every` thins out the slices of a series, which are much alike."""
    found = reference.bundled_files() if folder is None else sorted(folder.rglob("*.*"))
    return [path for path in found if path.is_file() and opened(path) is not None][::every]


def some_frames(image: ImageFile) -> list[int]:
    return sorted({0, image.frame_count // 2, image.frame_count - 1})


def name(path: Path) -> str:
    return path.name


def check_grey(path: Path) -> None:
    image = ImageFile.open(path)
    if image.attributes.is_color:
        return
    frames, ds = reference.stored_frames(path), reference.open_with_pydicom(path)
    for index in some_frames(image):
        try:
            stored = image.stored_values(index)
        except NoctisError:
            assert frames is None, "pydicom or DCMTK decode what we do not"
            continue
        if frames is None:
            continue
        attributes, merged = image.frame_attributes(index), reference.of_frame(ds, index)
        assert stored.dtype == frames.dtype.newbyteorder("=")
        np.testing.assert_array_equal(stored, frames[index])
        expected = reference.modality_values(frames[index], merged)
        np.testing.assert_array_equal(modality_values(stored, attributes), expected)
        shown = reference.display_values(frames[index], merged)
        if shown is not None:
            assert np.abs(display_values(stored, attributes) - shown).max() <= 1


def check_color(path: Path) -> None:
    image = ImageFile.open(path)
    if not image.attributes.is_color:
        return
    for index in some_frames(image):
        stored = image.stored_values(index)
        assert (stored.dtype, stored.shape[2:]) == (np.uint8, (3,))
        renderings = [other for other in reference.colors(path, index) if other.shape == stored.shape]
        distances = [int(np.abs(stored.astype(int) - other).max()) for other in renderings]
        assert not distances or min(distances) <= 2


@pytest.mark.parametrize("path", images(), ids=name)
def test_files_of_pydicom(path: Path):
    check_grey(path)
    check_color(path)


@pytest.mark.parametrize("path", images(SHARED / "single"), ids=name)
def test_single_images(shared_data: Path, path: Path):
    check_grey(path)
    check_color(path)


@pytest.mark.parametrize("path", images(SHARED / "volumes", every=7), ids=name)
def test_slices_of_volumes(shared_data: Path, path: Path):
    check_grey(path)


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_the_same_slice_in_every_lossless_transfer_syntax(shared_data: Path, suffix: str):
    plain = next(SYNTAXES.glob("1.2.840.10008.1.2.1_*"))
    packed = next(SYNTAXES.glob(f"1.2.840.10008.{suffix}_*"))
    with ImageFile.open(plain) as expected, ImageFile.open(packed) as image:
        np.testing.assert_array_equal(image.stored_values(0), expected.stored_values(0))


@pytest.mark.parametrize(("suffix", "tolerance"), [("1.2.4.81", 2), ("1.2.4.91", 30)])
def test_the_same_slice_in_lossy_transfer_syntaxes(shared_data: Path, suffix: str, tolerance: int):
    plain = next(SYNTAXES.glob("1.2.840.10008.1.2.1_*"))
    packed = next(SYNTAXES.glob(f"1.2.840.10008.{suffix}_*"))
    with ImageFile.open(plain) as expected, ImageFile.open(packed) as image:
        difference = image.stored_values(0).astype(int) - expected.stored_values(0)
    assert np.abs(difference).max() <= tolerance


def test_a_jpeg_xl_clip_is_a_clip(shared_data: Path):
    with ImageFile.open(shared_data / "single" / "us_cine_jpegxl_27f.dcm") as image:
        assert image.frame_count == 27
        first, last = image.stored_values(0), image.stored_values(26)
    assert first.shape == (708, 1016, 3)
    assert (first != last).any()
    assert tuple(first[300, 5]) == (0, 0, 0)  # beside the sector: black, not the green of undone YCbCr


def test_the_bright_stripes_of_a_signed_12_bit_image_are_negative(shared_data: Path):
    with ImageFile.open(shared_data / "single" / "mr_12bit_signed.dcm") as image:
        assert image.stored_values(0).min() < 0
