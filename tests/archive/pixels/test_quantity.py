from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest
from pydicom.dataset import Dataset

from archive.pixels.frames import ImageFile
from archive.pixels.quantity import Quantity, quantity, unit_text

if TYPE_CHECKING:
    from pathlib import Path


def mapping(unit: str) -> Dataset:
    item, units = Dataset(), Dataset()
    item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = 0, 100
    item["RealWorldValueFirstValueMapped"].VR = item["RealWorldValueLastValueMapped"].VR = "US"
    item.RealWorldValueSlope, item.RealWorldValueIntercept = 0.001, 0
    if unit:
        units.CodeValue = unit
        item.MeasurementUnitsCodeSequence = [units]
    return item


def measured(path: Path, **attributes) -> Quantity:
    pixels = np.array([[50, 1000]], np.uint16)
    phantoms.write_image(path, pixels, **attributes)
    with ImageFile.open(path) as image:
        return quantity(image.stored_values(0), image.frame_attributes(0))


def test_a_ct_is_read_in_hu_whatever_else_is_mapped(tmp_path: Path):
    values, unit = measured(
        tmp_path / "i.dcm",
        RescaleSlope="1",
        RescaleIntercept="-1024",
        RealWorldValueMappingSequence=[mapping("mm2/s")],
    )
    assert (values.tolist(), unit) == ([[-974, -24]], "HU")


@pytest.mark.parametrize("rescale", [{}, {"RescaleSlope": "1", "RescaleIntercept": "5", "RescaleType": "US"}])
def test_values_without_unit_are_read_through_the_first_mapping_with_units(tmp_path: Path, rescale):
    mappings = [mapping(""), mapping("mm2/s"), mapping("1")]
    values, unit = measured(
        tmp_path / "i.dcm", Modality="MR", RealWorldValueMappingSequence=mappings, **rescale
    )
    np.testing.assert_array_equal(values, np.array([[0.05, np.nan]], np.float32))
    assert (values.dtype, unit) == (np.float32, "mm2/s")


def test_without_a_mapping_there_are_modality_values(tmp_path: Path):
    values, unit = measured(tmp_path / "i.dcm", Modality="MR", RescaleSlope="2", RescaleIntercept="0")
    assert (values.tolist(), unit) == ([[100, 2000]], None)


@pytest.mark.parametrize(
    ("ucum", "text"),
    [("1", ""), ("{SUVbw}g/ml", "g/ml SUVbw"), ("mm2/s", "mm2/s"), ("[hnsf'U]", "[hnsf'U]"), ("{", "{")],
)
def test_codes_of_units_are_readable(ucum: str, text: str):
    assert unit_text(ucum) == text


def test_a_perfusion_map_is_read_in_its_unit(shared_data: Path):
    with ImageFile.open(shared_data / "single" / "enh_ct_supplemental_palette.dcm") as image:
        stored, frame = image.stored_values(0), image.frame_attributes(0)
    values, unit = quantity(stored, frame)
    assert unit == "ml/100ml/s"
    np.testing.assert_array_equal(values, stored.astype(np.float32) - 1024)
