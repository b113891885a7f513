from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pydicom
import pytest
from conftest import require_program
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.pixels.frames import ImageFile
from archive.pixels.modality_lut import modality_values
from noctis_tui.demo import anatomy, phantom

if TYPE_CHECKING:
    from pathlib import Path


@given(st.integers(0, phantom.SLICES - 1))
@settings(max_examples=12, deadline=None)
def test_a_slice_is_the_analytic_patient_at_every_pixel(index: int):
    x0, y0, z = phantom.slice_position_mm(index)
    step = np.float32(phantom.PIXEL_SPACING_MM)
    x = np.float32(x0) + step * np.arange(phantom.COLUMNS, dtype=np.float32)
    y = np.float32(y0) + step * np.arange(phantom.ROWS, dtype=np.float32)
    expected = anatomy.hu_at(x[None, ::4], y[::4, None], np.array(z))
    differ = phantom.slice_hu(index)[::4, ::4] != expected
    assert differ.mean() < 1e-3  # single against double precision, on the edges alone


def test_no_solid_reaches_beyond_its_box():
    for solid, _ in anatomy.paintings():
        low, high = np.array(solid.box).reshape(3, 2).clip(-400, 400).T
        axes = [np.linspace(a - 8, b + 8, 25) for a, b in zip(low, high, strict=True)]
        x, y, z = np.meshgrid(*axes, indexing="ij")
        outside = np.zeros(x.shape, bool)
        for values, a, b in zip((x, y, z), solid.box[::2], solid.box[1::2], strict=True):
            outside |= (values < a) | (values > b)
        assert not (solid.contains(x, y, z) & outside).any(), solid


@pytest.mark.parametrize(
    ("point", "value"),
    [
        ((0, -170, 100), anatomy.AIR),
        (anatomy.CYST_MM, anatomy.WATER),
        (anatomy.NODULE_MM, anatomy.SOFT_TISSUE),
        ((-90, 30, 214), anatomy.LUNG),
        ((38, -18, 150), anatomy.CONTRAST),
        ((160, 0, 100), anatomy.FAT),
        ((0, 62, 14), anatomy.CANCELLOUS_BONE),
    ],
)
def test_landmarks_have_their_ct_numbers(point, value):
    assert anatomy.hu_at(*(np.array(float(axis)) for axis in point)) == value


def test_files_are_readable_and_hold_the_truth_within_noise(tmp_path: Path):
    paths = phantom.write_phantom(tmp_path, slices=90)
    assert (
        len({pydicom.dcmread(path, specific_tags=["SOPInstanceUID"]).SOPInstanceUID for path in paths}) == 90
    )
    index = 85  # through the nodule
    with ImageFile.open(paths[index]) as image:
        frame = image.frame_attributes(0)
        values = modality_values(image.stored_values(0), frame)
    x0, y0, _ = frame.image_position_patient
    x, y, _ = anatomy.NODULE_MM
    row, column = round((y - y0) / 1.3), round((x - x0) / 1.3)
    nodule = values[row - 1 : row + 2, column - 1 : column + 2]
    assert nodule.mean() == pytest.approx(anatomy.SOFT_TISSUE, abs=3 * phantom.NOISE_HU)
    lung = values[row - 1 : row + 2, column - 12 : column - 9]
    assert lung.mean() == pytest.approx(anatomy.LUNG, abs=3 * phantom.NOISE_HU)
    assert frame.units == "HU"


def test_every_run_is_another_study(tmp_path: Path):
    first = phantom.write_phantom(tmp_path / "a", slices=1)[0]
    second = phantom.write_phantom(tmp_path / "b", slices=1)[0]
    one, other = pydicom.dcmread(first), pydicom.dcmread(second)
    assert one.StudyInstanceUID != other.StudyInstanceUID
    assert one.PixelData == other.PixelData


@pytest.mark.peer
def test_dcmtk_reads_the_files(tmp_path: Path):
    require_program("dcmftest")
    path = phantom.write_phantom(tmp_path, slices=1)[0]
    answer = subprocess.run([shutil.which("dcmftest"), path], capture_output=True, text=True, check=True)
    assert answer.stdout.startswith("yes")
