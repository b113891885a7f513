from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest
from pydicom.dataset import Dataset

from archive.pixels.frames import ImageFile
from archive.pixels.real_world_value import real_world_values

if TYPE_CHECKING:
    from pathlib import Path

    from archive.pixels.real_world_value import RealWorldValueMapping

FIRST, LAST = 0x00409216, 0x00409211
VALUES = np.array([[-2000, -1, 0, 5, 10, 11]], np.int16)


def mapping(first, last, vr: str = "US", **attributes) -> Dataset:
    item = Dataset()
    item.add_new(FIRST, vr, first)
    item.add_new(LAST, vr, last)
    units = Dataset()
    units.CodeValue, units.CodingSchemeDesignator, units.CodeMeaning = "mm2/s", "UCUM", "mm2/s"
    item.MeasurementUnitsCodeSequence = [units]
    item.LUTLabel = "ADC"
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    return item


def line(slope: float, intercept: float) -> dict[str, float]:
    return {"RealWorldValueSlope": slope, "RealWorldValueIntercept": intercept}


def read(path: Path, *items: Dataset, pixels: np.ndarray = VALUES) -> tuple[RealWorldValueMapping, ...]:
    phantoms.write_image(path, pixels, RealWorldValueMappingSequence=list(items))
    with ImageFile.open(path) as image:
        return image.frame_attributes(0).real_world_value_mappings


def test_a_line_over_its_range(tmp_path: Path):
    (found,) = read(tmp_path / "i.dcm", mapping(0, 10, **line(0.5, 1)))
    assert (found.unit, found.label) == ("mm2/s", "ADC")
    expected = [[np.nan, np.nan, 1, 3.5, 6, np.nan]]
    np.testing.assert_array_equal(real_world_values(VALUES, found), expected)


def test_a_table_over_its_range(tmp_path: Path):
    table = [v**2 / 7 for v in range(11)]
    (found,) = read(tmp_path / "i.dcm", mapping(0, 10, RealWorldValueLUTData=table))
    expected = [[np.nan, np.nan, 0, 25 / 7, 100 / 7, np.nan]]
    np.testing.assert_array_equal(real_world_values(VALUES, found), expected)


@pytest.mark.parametrize(
    ("vr", "first", "last"), [("SS", -2000, -1), ("US", 63536, 65535), ("SS", -2000, 10)]
)
def test_bounds_have_the_sign_of_the_pixels(tmp_path: Path, vr: str, first: int, last: int):
    (found,) = read(tmp_path / "i.dcm", mapping(first, last, vr, **line(2, 0)))
    np.testing.assert_array_equal(real_world_values(VALUES, found)[0, :2], [-4000, -2])


def test_bounds_of_floats(tmp_path: Path):
    item = mapping(0, 1, **line(10, 0))
    item.DoubleFloatRealWorldValueFirstValueMapped = 0.25
    item.DoubleFloatRealWorldValueLastValueMapped = 0.75
    (found,) = read(tmp_path / "i.dcm", item)
    values = real_world_values(np.array([0.2, 0.25, 0.7, 0.8], np.float32), found)
    np.testing.assert_allclose(values, [np.nan, 2.5, 7, np.nan], rtol=1e-6)


@pytest.mark.parametrize(
    "item",
    [
        mapping(0, 10),
        mapping(0, 10, **line(float("nan"), 0)),
        mapping(0, 10, RealWorldValueLUTData=[1.0] * 10),
        mapping(0, 60000, **line(1, 0), RealWorldValueLUTData=[1.0, 2.0]),
    ],
    ids=["nothing", "NaN", "one entry short", "a lie"],
)
def test_a_mapping_that_cannot_be_read_is_left_out(tmp_path: Path, item: Dataset):
    assert read(tmp_path / "i.dcm", item, pixels=VALUES.astype(np.uint16)) == ()


def test_a_frame_of_its_own_goes_before_the_shared_one(tmp_path: Path):
    def group(slope: float) -> Dataset:
        ds = Dataset()
        ds.RealWorldValueMappingSequence = [mapping(0, 10, **line(slope, 0)), mapping(0, 10, **line(9, 9))]
        return ds

    path = phantoms.write_image(
        tmp_path / "i.dcm",
        np.zeros((2, 4, 4), np.int16),
        SharedFunctionalGroupsSequence=[group(1)],
        PerFrameFunctionalGroupsSequence=[group(2), Dataset()],
    )
    with ImageFile.open(path) as image:
        slopes = [[m.slope for m in image.frame_attributes(i).real_world_value_mappings] for i in (0, 1)]
    assert slopes == [[2, 9], [1, 9]]


def test_frames_share_one_table(tmp_path: Path):
    shared = Dataset()
    shared.RealWorldValueMappingSequence = [mapping(0, 10, RealWorldValueLUTData=[0.0] * 11)]
    lut = Dataset()
    lut.add_new(0x00283002, "US", [2, 0, 16])
    lut.add_new(0x00283006, "OW", b"\0\0\xff\xff")
    voi = Dataset()
    voi.VOILUTSequence = [lut]
    shared.FrameVOILUTSequence = [voi]
    path = phantoms.write_image(
        tmp_path / "i.dcm", np.zeros((2, 4, 4), np.int16), SharedFunctionalGroupsSequence=[shared]
    )
    with ImageFile.open(path) as image:
        first, second = image.frame_attributes(0), image.frame_attributes(1)
    assert first.real_world_value_mappings[0] is second.real_world_value_mappings[0]
    assert first.voi_luts[0] is second.voi_luts[0]
