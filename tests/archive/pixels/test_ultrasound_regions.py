"""Ultrasound regions: bounds, units and reference pixels, against data sets and the real machines' files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from archive.pixels.frames import ImageFile
from archive.pixels.ultrasound_regions import CalibrationRegion, SpatialFormat, calibration_of

if TYPE_CHECKING:
    from pathlib import Path

    from archive.pixels.attributes import FrameAttributes

TISSUE = CalibrationRegion(0, 0, 99, 79, SpatialFormat.TWO_DIMENSIONAL, 1, "cm", "cm", 0.02, 0.02)
COLOR_BOX = replace(TISSUE, min_column=20, min_row=20, max_column=49, max_row=49, data_type=2)
SPECTRUM = CalibrationRegion(
    0, 80, 99, 119, SpatialFormat.SPECTRAL, 3, "s", "cm/s", 0.01, -2.5, 99, 100, 0.0, 0.0
)


def region(**attributes) -> Dataset:
    item = Dataset()
    bounds = {
        "RegionLocationMinX0": 10,
        "RegionLocationMinY0": 20,
        "RegionLocationMaxX1": 109,
        "RegionLocationMaxY1": 59,
    }
    axes = {
        "PhysicalUnitsXDirection": 4,
        "PhysicalUnitsYDirection": 7,
        "PhysicalDeltaX": 0.01,
        "PhysicalDeltaY": -2.5,
    }
    for keyword, value in {
        "RegionSpatialFormat": 3,
        "RegionDataType": 3,
        **bounds,
        **axes,
        **attributes,
    }.items():
        setattr(item, keyword, value)
    return item


def frame_of(path: Path) -> FrameAttributes:
    with ImageFile.open(path) as image:
        return image.frame_attributes(0)


def read(tmp_path: Path, *items: Dataset) -> tuple[CalibrationRegion, ...]:
    path = phantoms.write_image(
        tmp_path / "us.dcm",
        np.zeros((2, 2), np.uint8),
        Modality="US",
        SequenceOfUltrasoundRegions=Sequence(items),
    )
    return frame_of(path).regions


def test_the_reference_pixel_is_counted_from_the_corner_of_the_region(tmp_path: Path):
    spectrum = read(
        tmp_path, region(ReferencePixelX0=90, ReferencePixelY0=20, ReferencePixelPhysicalValueX=1.5)
    )[0]
    assert (spectrum.reference_column, spectrum.reference_row) == (100, 40)
    assert (spectrum.units_x, spectrum.units_y) == ("s", "cm/s")
    assert spectrum.physical_x(100) == 1.5
    assert spectrum.physical_x(60) == pytest.approx(1.1)
    assert spectrum.physical_y(30) == pytest.approx(25.0)  # above the baseline: towards the probe
    assert spectrum.spacing_mm is None


def test_a_reference_pixel_may_lie_outside_of_the_region(tmp_path: Path):
    assert read(tmp_path, region(ReferencePixelY0=-15))[0].reference_row == 5


def test_without_a_reference_pixel_there_are_steps_and_no_origin(tmp_path: Path):
    spectrum = read(tmp_path, region())[0]
    assert spectrum.physical_x(50) is None
    assert spectrum.delta_y == -2.5


@pytest.mark.parametrize(
    "wrong",
    [
        {"RegionLocationMaxX1": 5},
        {"RegionLocationMaxY1": 0xFFFFFFFF},
        {"RegionLocationMinX0": 0xFFFFFFFE, "RegionLocationMaxX1": 0xFFFFFFFF},
    ],
)
def test_regions_without_extent_are_left_out(tmp_path: Path, wrong):
    assert len(read(tmp_path, region(**wrong), region())) == 1


def test_unknown_units_and_steps_that_are_no_numbers_are_no_calibration(tmp_path: Path):
    (only,) = read(tmp_path, region(PhysicalUnitsXDirection=99, PhysicalDeltaY=float("nan")))
    assert not only.is_calibrated
    assert only.physical_x(20) is None


def test_a_thousand_regions_are_cut(tmp_path: Path):
    assert len(read(tmp_path, *[region()] * 1000)) == 64


def test_both_corner_pixels_belong_to_a_region():
    assert TISSUE.contains(0, 0)
    assert TISSUE.contains(99.4, 79.4)
    assert not TISSUE.contains(99.6, 0)
    assert not TISSUE.contains(0, -0.6)


def test_a_point_takes_the_smallest_region_and_a_line_the_one_that_holds_it_whole():
    regions = (TISSUE, COLOR_BOX, SPECTRUM)
    assert calibration_of(regions, [(30, 30)]) is COLOR_BOX
    assert calibration_of(regions, [(30, 30), (90, 30)]) is TISSUE
    assert calibration_of(regions, [(30, 30), (30, 100)]) is None
    assert calibration_of(regions, [(5, 100)]) is SPECTRUM
    assert calibration_of(regions, [(500, 5)]) is None


def test_what_was_painted_over_and_what_has_no_units_comes_last():
    low = replace(COLOR_BOX, is_low_priority=True)
    assert calibration_of((low, TISSUE), [(30, 30)]) is TISSUE
    bare = replace(COLOR_BOX, units_x="", units_y="")
    assert calibration_of((bare, TISSUE), [(30, 30)]) is TISSUE


def test_each_view_of_a_machine_has_its_own_zero(shared_data: Path):
    frame = frame_of(shared_data / "single/us_palette16_aloka.dcm")
    left, right = frame.calibration_at(186, 45), frame.calibration_at(490, 45)
    assert left is not None
    assert right is not None
    assert left is not right
    assert left.physical_x(186) == right.physical_x(490) == 0
    assert right.physical_y(46) == pytest.approx(0.03826530650258064)


def test_an_ecg_under_the_picture_is_measured_in_seconds(shared_data: Path):
    frame = frame_of(shared_data / "single/us_palette_rle_no_spacing.dcm")
    trace = frame.calibration_at(300, 550)
    assert trace is not None
    assert (trace.spatial_format, trace.units_x, trace.units_y) == (SpatialFormat.WAVEFORM, "s", "")
    assert frame.pixel_spacing == pytest.approx((0.3305420890260027, 0.3305420890260027))
