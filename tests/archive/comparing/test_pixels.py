"""Pixels are compared by what they decode to."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian, RLELossless

from archive.comparing import Ignoring, Kind, compare_sides
from archive.comparing.pixels import SAME_VALUES
from archive.comparing.sides import ref_of_file

CT = Path(pydicom.__file__).parent / "data" / "test_files" / "CT_small.dcm"


@pytest.fixture
def image():
    return pydicom.dcmread(CT)


def pixels_of(tmp_path, left, right, ignoring=None):
    paths = tmp_path / "left.dcm", tmp_path / "right.dcm"
    for path, each in zip(paths, (left, right), strict=True):
        each.save_as(path, enforce_file_format=True)
    (found,) = compare_sides(*[[ref_of_file(path)] for path in paths], ignoring)
    return next((each for each in found.differences if each.keyword == "PixelData"), None)


def test_the_largest_difference_and_its_share_are_told(tmp_path, image):
    other = copy.deepcopy(image)
    values = image.pixel_array.copy()
    values[3, 4] += 7
    values[5, 6] -= 2
    other.PixelData = values.tobytes()
    found = pixels_of(tmp_path, image, other)
    assert (found.kind, found.counts) == (Kind.PIXELS, True)
    assert found.note == "largest difference 7, in 2 of the values"
    assert "SHA-256" in found.left
    assert found.left != found.right


def test_the_same_values_in_another_encoding_do_not_count(tmp_path, image):
    compressed = copy.deepcopy(image)
    compressed.compress(RLELossless, generate_instance_uid=False)
    found = pixels_of(tmp_path, image, compressed)
    assert (found.note, found.counts, found.ignored) == (SAME_VALUES, False, "encoding")
    assert pixels_of(tmp_path, image, compressed, Ignoring(frozenset())).counts


def test_big_endian_pixels_are_the_same_values(tmp_path, image):
    big = copy.deepcopy(image)
    big.PixelData = image.pixel_array.astype(">i2").tobytes()
    paths = tmp_path / "left.dcm", tmp_path / "right.dcm"
    image.save_as(paths[0])
    big.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    pydicom.dcmwrite(paths[1], big, implicit_vr=False, little_endian=False, force_encoding=True)
    (found,) = compare_sides(*[[ref_of_file(path)] for path in paths])
    assert {each.keyword for each in found.differences if each.counts} <= {"TransferSyntaxUID"}
    assert {each.note for each in found.differences if each.keyword == "PixelData"} == {SAME_VALUES}


def test_other_sizes_frames_and_missing_pixels_are_told(tmp_path, image):
    smaller = copy.deepcopy(image)
    smaller.Rows = 64
    smaller.PixelData = image.PixelData[: len(image.PixelData) // 2]
    assert pixels_of(tmp_path, image, smaller).note == "128x128 and 128x64 pixels"
    frames = copy.deepcopy(smaller)
    frames.Rows, frames.NumberOfFrames, frames.PixelData = 64, 2, image.PixelData
    assert pixels_of(tmp_path, smaller, frames).note == "1 and 2 frames"
    without = copy.deepcopy(image)
    del without.PixelData
    assert pixels_of(tmp_path, image, without).kind is Kind.REMOVED
    assert pixels_of(tmp_path, without, image).kind is Kind.ADDED
    broken = copy.deepcopy(image)
    broken.PixelData = image.PixelData[:1000]
    found = pixels_of(tmp_path, image, broken)
    assert found.note.startswith("the values cannot be compared: ")
    assert found.counts


def test_nan_is_the_same_as_nan():
    from archive.comparing.pixels import _Apart

    apart = _Apart()
    values = np.array([[np.nan, 1.0], [np.inf, 2.0]], np.float32)
    apart.add(values, values)
    assert (apart.unequal, apart.compared) == (0, 4)
    apart.add(values, np.array([[np.nan, 1.0], [0.0, 2.5]], np.float32))
    assert (apart.unequal, apart.largest) == (2, np.inf)
