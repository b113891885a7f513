from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut
from pydicom.sequence import Sequence

from archive.pixels.display import display_values
from archive.pixels.frames import ImageFile
from archive.pixels.modality_lut import Rescale, map_stored, modality_values

if TYPE_CHECKING:
    from pathlib import Path

PIXELS = np.array([[-1024, -1, 0, 1, 2000, 32767]], np.int16)


def lut_item(descriptor, data, **attributes) -> Dataset:
    item = Dataset()
    item.add_new(0x00283002, "SS" if descriptor[1] < 0 else "US", list(descriptor))
    item.add_new(0x00283006, "OW", np.asarray(data, "<u2").tobytes())
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    return item


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
def test_the_rescale_is_computed_as_pydicom_does(slope: float, intercept: float):
    ds = Dataset()
    ds.add_new(0x00281053, "DS", f"{slope:.8g}")
    ds.add_new(0x00281052, "DS", f"{intercept:.8g}")
    rescale = Rescale(float(ds.RescaleSlope), float(ds.RescaleIntercept))
    np.testing.assert_array_equal(map_stored(PIXELS, rescale, None), apply_modality_lut(PIXELS, ds))


@pytest.mark.parametrize("slope", ["nan", "inf", "-inf", "1e999", "abc", ""])
def test_a_slope_that_is_no_number_is_ignored(tmp_path: Path, slope: str):
    ds = phantoms.image(PIXELS)
    ds.save_as(tmp_path / "i.dcm", enforce_file_format=True)
    value = slope.encode() + b" " * (len(slope) % 2)
    element = b"\x28\x00\x53\x10DS" + len(value).to_bytes(2, "little") + value
    data = (tmp_path / "i.dcm").read_bytes()
    at = data.rindex(b"\xe0\x7f\x10\x00")
    (tmp_path / "i.dcm").write_bytes(data[:at] + b"\x28\x00\x52\x10DS\x02\x000 " + element + data[at:])
    with ImageFile.open(tmp_path / "i.dcm") as image:
        frame = image.frame_attributes(0)
        assert frame.rescale is None
        np.testing.assert_array_equal(modality_values(image.stored_values(0), frame), PIXELS)


def test_a_slope_of_1e300_ends_in_infinities_and_a_picture(tmp_path: Path):
    path = phantoms.write_image(tmp_path / "i.dcm", PIXELS, RescaleSlope="1e300", RescaleIntercept="0")
    with ImageFile.open(path) as image:
        stored, frame = image.stored_values(0), image.frame_attributes(0)
        values = modality_values(stored, frame)
        assert values[0, 2] == 0
        assert values[0, 4] == np.inf
        assert display_values(stored, frame).shape == PIXELS.shape


def test_a_modality_lut_maps_what_is_outside_to_its_ends(tmp_path: Path):
    item = lut_item((4, -1, 16), [10, 20, 30, 40000], ModalityLUTType="HU")
    path = phantoms.write_image(tmp_path / "i.dcm", PIXELS, ModalityLUTSequence=Sequence([item]))
    with ImageFile.open(path) as image:
        frame = image.frame_attributes(0)
        values = modality_values(image.stored_values(0), frame)
    np.testing.assert_array_equal(values, [[10, 10, 20, 30, 40000, 40000]])
    assert frame.units == "HU"


@pytest.mark.parametrize(
    ("descriptor", "entries"),
    [((0, 0, 16), 5), ((60000, 0, 16), 5), ((2, 0, 16), 500), ((5, 65535, 16), 5), ((5, 0, 8), 5)],
)
def test_lying_lut_descriptors_end_in_an_image(tmp_path: Path, descriptor, entries: int):
    for keyword in ("ModalityLUTSequence", "VOILUTSequence"):
        item = lut_item(descriptor, np.arange(entries) * 100)
        path = phantoms.write_image(tmp_path / "i.dcm", PIXELS, **{keyword: Sequence([item])})
        with ImageFile.open(path) as image:
            stored, frame = image.stored_values(0), image.frame_attributes(0)
            modality_values(stored, frame)
            assert display_values(stored, frame).shape == PIXELS.shape


@pytest.mark.parametrize("descriptor", [(0, 0, 0), (5, 0, 99), (5, 0)])
def test_luts_that_make_no_sense_are_absent(tmp_path: Path, descriptor):
    item = lut_item(descriptor, [1, 2, 3, 4, 5])
    path = phantoms.write_image(tmp_path / "i.dcm", PIXELS, VOILUTSequence=Sequence([item]))
    with ImageFile.open(path) as image:
        assert image.frame_attributes(0).voi_luts == ()


def test_eight_bit_entries_packed_in_words_are_read_one_a_byte(tmp_path: Path):
    item = lut_item((4, 0, 8), [])
    item.LUTData = bytes([0, 85, 170, 255])
    pixels = np.array([[0, 1, 2, 3, 9]], np.uint8)
    path = phantoms.write_image(tmp_path / "i.dcm", pixels, VOILUTSequence=Sequence([item]))
    with ImageFile.open(path) as image:
        shown = display_values(image.stored_values(0), image.frame_attributes(0))
    np.testing.assert_array_equal(shown, [[0, 85, 170, 255, 255]])
