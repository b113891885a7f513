"""Who says how large a pixel is, and the traps in what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import phantoms
import pytest
from measured_frames import frame, read

from archive.annotations.annotation import Kind
from archive.annotations.measurement import Extent
from archive.annotations.measuring import measure
from archive.pixels.ultrasound_regions import CalibrationRegion, SpatialFormat

TEN = [(0, 0), (10, 0)]


def length(tmp_path, **attributes):
    path = phantoms.write_image(tmp_path / "i.dcm", np.zeros((20, 20), np.uint8), **attributes)
    found = measure(Kind.LENGTH, TEN, *read(path))
    return pytest.approx(found.value), found.unit, found.calibration


@pytest.mark.parametrize(
    ("attributes", "measured"),
    [
        ({"PixelSpacing": [1, 0.5]}, (5, "mm", "patient")),
        ({"PixelSpacing": [1, 0.5], "ImagerPixelSpacing": [1.2, 0.6]}, (5, "mm", "patient")),
        # Repeated, it was never corrected (PS3.3 10.7.1.1).
        ({"PixelSpacing": [1, 0.5], "ImagerPixelSpacing": [1, 0.5]}, (5, "mm", "detector")),
        ({"PixelSpacing": [1, 0.5], "NominalScannedPixelSpacing": [1, 0.5]}, (5, "mm", "scanned film")),
        ({"ImagerPixelSpacing": [1, 0.5]}, (5, "mm", "detector")),
        ({"NominalScannedPixelSpacing": [1, 0.5]}, (5, "mm", "scanned film")),
        ({"PixelSpacing": [1, 0.5], "PixelSpacingCalibrationType": "FIDUCIAL"}, (5, "mm", "FIDUCIAL")),
        (
            {
                "PixelSpacing": [1, 0.5],
                "ImagerPixelSpacing": [1, 0.5],
                "PixelSpacingCalibrationType": "GEOMETRY",
            },
            (5, "mm", "GEOMETRY"),
        ),
        ({"PixelSpacing": [1, 0.5], "PixelSpacingCalibrationType": "\x1b[31mRED"}, (5, "mm", "patient")),
        ({}, (10, "px", "")),
        ({"PixelAspectRatio": [2, 1]}, (10, "px", "")),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR")
def test_the_source_of_a_spacing_is_named(tmp_path, attributes, measured):
    assert length(tmp_path, **attributes) == measured


def test_magnification_is_taken_out_of_what_holds_at_the_detector_alone(tmp_path):
    factor = {"EstimatedRadiographicMagnificationFactor": "1.25"}
    corrected = "detector, magnification 1.25 corrected"
    assert length(tmp_path, ImagerPixelSpacing=[1, 0.5], **factor) == (4, "mm", corrected)
    repeated = {"PixelSpacing": [1, 0.5], "ImagerPixelSpacing": [1, 0.5]}
    assert length(tmp_path, **repeated, **factor) == (4, "mm", corrected)
    assert length(tmp_path, PixelSpacing=[1, 0.5], **factor) == (5, "mm", "patient")


@pytest.mark.parametrize("factor", ["0", "-1", "0.8", "1e300", "NaN", ""])
def test_a_magnification_that_cannot_be_is_not_believed(tmp_path, factor):
    attributes = {"ImagerPixelSpacing": [1, 0.5], "EstimatedRadiographicMagnificationFactor": "1"}
    path = phantoms.write_image(tmp_path / "i.dcm", np.zeros((20, 20), np.uint8), **attributes)
    lying = path.read_bytes().replace(b"\x18\x00\x14\x11DS\x02\x001 ", _element(factor))
    path.write_bytes(lying)
    found = measure(Kind.LENGTH, TEN, *read(path))
    assert (found.value, found.calibration) == (pytest.approx(5), "detector")


def _element(text: str) -> bytes:
    value = text.encode() + b" " * (len(text) % 2)
    return b"\x18\x00\x14\x11DS" + len(value).to_bytes(2, "little") + value


@pytest.mark.parametrize("size", [1e-300, 1e-9, 1e5, 1e300])
def test_a_spacing_that_nothing_has_is_not_believed(size):
    found = measure(Kind.LENGTH, TEN, None, frame(pixel_spacing=(size, size)))
    assert (found.value, found.unit, found.calibration) == (10, "px", "")


def test_an_area_at_the_detector_is_corrected_in_both_directions():
    attributes = frame(
        pixel_spacing=(0.2, 0.1),
        spacing_calibration="detector",
        estimated_radiographic_magnification_factor=2.0,
    )
    found = measure(Kind.RECTANGLE, [(0, 0), (10, 10)], None, attributes)
    assert found.area_mm2 == pytest.approx(100 * 0.2 * 0.1 / 4)


TISSUE = CalibrationRegion(0, 0, 49, 99, SpatialFormat.TWO_DIMENSIONAL, 1, "cm", "cm", 0.02, 0.05)
OTHER = replace(TISSUE, min_column=50, max_column=99)
SPECTRUM = replace(OTHER, spatial_format=SpatialFormat.SPECTRAL, units_x="s", units_y="cm/s")


def ultrasound(*regions, **attributes):
    spacing = {"pixel_spacing": (0.5, 0.2), "spacing_calibration": "ultrasound region"}
    return frame(**spacing | {"regions": regions} | attributes)


def test_a_region_calibrates_what_lies_in_it():
    found = measure(Kind.LENGTH, [(10, 10), (10, 40)], None, ultrasound(TISSUE, SPECTRUM))
    assert (found.value, found.unit, found.calibration) == (pytest.approx(15), "mm", "ultrasound region")
    box = measure(Kind.RECTANGLE, [(10, 10), (20, 40)], None, ultrasound(TISSUE))
    assert box.area_mm2 == pytest.approx(10 * 0.2 * 30 * 0.5)


@pytest.mark.parametrize(
    ("regions", "end"),
    [
        ((TISSUE, OTHER), (60, 10)),  # both in cm, and yet two pictures side by side
        ((TISSUE, SPECTRUM), (60, 10)),
        ((TISSUE,), (60, 10)),  # leaves the only one
        ((replace(TISSUE, units_x="s"),), (20, 10)),
        ((replace(TISSUE, units_y="cm/s", spatial_format=SpatialFormat.SPECTRAL),), (20, 10)),
        ((replace(TISSUE, delta_x=0.0),), (20, 10)),
    ],
)
def test_a_line_that_no_one_region_measures_has_no_millimetres(regions, end):
    for attributes in ({}, {"spacing_calibration": "patient"}):
        found = measure(Kind.LENGTH, [(10, 10), end], None, ultrasound(*regions, **attributes))
        assert (found.unit, found.calibration) == ("px", "")


@pytest.mark.parametrize(
    ("units", "spatial_format", "extents"),
    [
        (("s", "cm/s"), SpatialFormat.SPECTRAL, (Extent(0.2, "s"), Extent(1.5, "cm/s"))),
        (("s", "cm"), SpatialFormat.M_MODE, (Extent(0.2, "s"), Extent(1.5, "cm"))),
        (("s", ""), SpatialFormat.WAVEFORM, (Extent(0.2, "s"), None)),
        (("s", "cm²"), SpatialFormat.GRAPHICS, (Extent(0.2, "s"), Extent(1.5, "cm2"))),
        (("", ""), SpatialFormat.SPECTRAL, None),
        (("cm", "s"), SpatialFormat.TWO_DIMENSIONAL, None),
    ],
)
@pytest.mark.parametrize("direction", [1, -1])
def test_a_length_in_a_spectrum_is_a_difference_along_each_axis(units, spatial_format, extents, direction):
    region = replace(SPECTRUM, units_x=units[0], units_y=units[1], spatial_format=spatial_format)
    ends = [(60, 10), (70, 40)][::direction]
    found = measure(Kind.LENGTH, ends, None, ultrasound(TISSUE, replace(region, delta_y=-0.05)))
    near = extents and tuple(each and Extent(pytest.approx(each.value), each.unit) for each in extents)
    assert found.extents == near
    if extents is not None:
        assert (found.unit, found.calibration) == ("px", "")


def test_only_a_length_within_one_region_has_extents():
    both = ultrasound(TISSUE, SPECTRUM)
    assert measure(Kind.LENGTH, [(10, 10), (60, 40)], None, both).extents is None
    assert measure(Kind.LENGTH, [(10, 10), (20, 40)], None, both).extents is None
    assert measure(Kind.POLYLINE, [(60, 10), (70, 40), (80, 10)], None, both).extents is None
    endless = replace(SPECTRUM, delta_x=1e308, delta_y=1e308)
    assert measure(Kind.LENGTH, [(50, 0), (90, 90)], None, ultrasound(endless)).extents is None


def test_regions_that_calibrate_nothing_leave_the_pixel_spacing():
    silent = replace(TISSUE, units_x="", units_y="")
    found = measure(Kind.LENGTH, TEN, None, ultrasound(silent, spacing_calibration="patient"))
    assert (found.value, found.calibration) == (pytest.approx(2), "patient")


def test_a_line_out_of_a_color_box_is_measured_by_the_tissue_around_it():
    color_box = replace(TISSUE, min_column=5, max_column=15, min_row=5, max_row=15, data_type=2)
    found = measure(Kind.LENGTH, [(10, 10), (40, 10)], None, ultrasound(TISSUE, color_box))
    assert (found.value, found.unit) == (pytest.approx(6), "mm")


def test_a_real_ultrasound_is_measured_by_its_regions(shared_data):
    stored, attributes = read(shared_data / "single" / "us_palette_rle_no_spacing.dcm")
    tissue = measure(Kind.LENGTH, [(300, 200), (300, 300)], stored, attributes)
    assert (tissue.value, tissue.unit) == (pytest.approx(33.054, abs=1e-3), "mm")
    heartbeat = measure(Kind.LENGTH, [(200, 550), (400, 560)], stored, attributes)
    assert heartbeat.extents == (Extent(pytest.approx(0.9, abs=1e-4), "s"), None)
    for elsewhere in ([(300, 530), (300, 540)], [(300, 500), (300, 540)], [(20, 20), (20, 40)]):
        assert measure(Kind.LENGTH, elsewhere, stored, attributes).unit == "px"
