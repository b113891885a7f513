"""Shapes on phantoms whose truth is known by pencil."""

from __future__ import annotations

from dataclasses import replace
from math import cos, hypot, inf, nan, pi, radians, sin, sqrt

import numpy as np
import phantoms
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured_frames import disc, frame, ramp, read

from archive.annotations.annotation import Kind, point_range
from archive.annotations.measuring import REGIONS, measure
from archive.annotations.points import check_points
from archive.errors import BadInput
from archive.pixels.modality_lut import ModalityLut, Rescale
from archive.pixels.real_world_value import RealWorldValueMapping
from noctis_tui.imaging.patient_space import ImagePlane

ANISOTROPIC = frame(pixel_spacing=(0.7, 0.2))
"""Rows 0.7 mm apart, columns 0.2 mm."""
BLANK = np.zeros((100, 100), np.int16)
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)

coordinates = st.floats(-1e3, 1e3, allow_nan=False)
point = st.tuples(coordinates, coordinates)
spacing = st.floats(0.01, 10)


def test_a_length_follows_the_spacing_of_rows_and_of_columns():
    across = measure(Kind.LENGTH, [(10, 20), (40, 20)], BLANK, ANISOTROPIC)
    down = measure(Kind.LENGTH, [(10, 20), (10, 50)], BLANK, ANISOTROPIC)
    assert across.value == pytest.approx(30 * 0.2)
    assert down.value == pytest.approx(30 * 0.7)
    assert (across.unit, across.calibration) == ("mm", "patient")
    slanted = measure(Kind.LENGTH, [(0, 0), (15, 5.7142857142857144)], BLANK, ANISOTROPIC)
    assert slanted.value == pytest.approx(5)  # 3 mm across, 4 mm down


def test_without_a_calibration_there_are_only_pixels():
    line = measure(Kind.LENGTH, [(0, 0), (3, 4)], BLANK, frame())
    assert (line.value, line.unit, line.calibration) == (5, "px", "")
    region = measure(Kind.RECTANGLE, [(0, 0), (3, 4)], BLANK, frame())
    assert (region.value, region.unit, region.area_px, region.area_mm2) == (12, "px2", 12, None)


def test_a_polyline_is_as_long_as_its_parts():
    line = measure(Kind.POLYLINE, [(0, 0), (10, 0), (10, 10), (0, 10)], BLANK, ANISOTROPIC)
    assert line.value == pytest.approx(10 * 0.2 + 10 * 0.7 + 10 * 0.2)


@pytest.mark.parametrize("degrees", [0, 1e-7, 1, 30, 45, 90, 135, 179.9999999, 180])
def test_an_angle_is_that_of_the_patient_and_not_of_the_pixels(degrees):
    # Arms of 10 mm, laid out in mm, read in pixels of 0.2 x 0.7 mm.
    end = (10 * cos(radians(degrees)) / 0.2, 10 * sin(radians(degrees)) / 0.7)
    points = [(50 + 10 / 0.2, 50), (50, 50), (50 + end[0], 50 + end[1])]
    angle = measure(Kind.ANGLE, points, None, ANISOTROPIC)
    assert (angle.value, angle.unit) == (pytest.approx(degrees, abs=1e-8), "deg")


def test_an_angle_without_spacing_follows_the_aspect_ratio_of_the_pixels():
    points = [(0, 1), (0, 0), (2, 1)]
    square = measure(Kind.ANGLE, points, BLANK, frame())
    tall = measure(Kind.ANGLE, points, BLANK, frame(pixel_aspect_ratio=(2.0, 1.0)))
    assert square.value == pytest.approx(63.43494882)
    assert (tall.value, tall.calibration) == (pytest.approx(45), "")


@pytest.mark.parametrize("tilt", [0, 10, 40, 80])
@pytest.mark.parametrize("ends", [(0, 1, 2, 3), (1, 0, 2, 3), (0, 1, 3, 2), (2, 3, 0, 1)])
def test_a_cobb_angle_is_the_same_whichever_way_the_lines_are_drawn(tilt, ends):
    rise = 10 * sin(radians(tilt)) / 0.7, 10 * cos(radians(tilt)) / 0.2
    lines = [(10, 10), (60, 10), (10, 40), (10 + rise[1], 40 + rise[0])]
    angle = measure(Kind.COBB, [lines[end] for end in ends], None, ANISOTROPIC)
    assert angle.value == pytest.approx(tilt, abs=1e-9)


def test_cobb_lines_that_meet_at_more_than_a_right_angle_are_read_from_the_other_side():
    obtuse = [(0, 0), (10, 0), (0, 0), (-10 * cos(radians(70)), 10 * sin(radians(70)))]
    assert measure(Kind.COBB, obtuse, None, frame()).value == pytest.approx(70)


@pytest.mark.parametrize("kind", [Kind.ANGLE, Kind.COBB])
def test_an_arm_without_length_has_no_angle(kind):
    points = [(5.0, 5.0)] * point_range(kind)[0]
    assert measure(kind, points, BLANK, frame()).value is None


def test_a_probe_reads_the_pixel_under_it():
    pixels = ramp(50, 40)
    hu = frame(rescale=Rescale(2.0, -1024.0), units="HU")
    probe = measure(Kind.PROBE, [(12.4, 30.6)], pixels, hu)
    assert (probe.value, probe.unit, probe.value_unit) == (2 * 31012 - 1024, "HU", "HU")
    assert measure(Kind.PROBE, [(-0.5, -0.5)], pixels, frame()).value == 0
    assert measure(Kind.PROBE, [(39.5, 49.5)], pixels, frame()).value == 49039


def test_a_probe_of_what_has_no_value():
    padded = measure(
        Kind.PROBE, [(1, 1)], np.full((3, 3), -2000, np.int16), frame(padding_range=(-2000, -2000))
    )
    assert (padded.value, padded.padding_count) == (None, 1)
    undefined = measure(Kind.PROBE, [(1, 1)], np.full((3, 3), nan, np.float32), frame())
    assert (undefined.value, undefined.undefined_count) == (None, 1)
    rgb = np.zeros((3, 3, 3), np.uint8)
    rgb[1, 2] = 10, 20, 30
    assert measure(Kind.PROBE, [(2, 1)], rgb, frame()).color == (10, 20, 30)
    assert measure(Kind.PROBE, [(2, 1)], None, frame()).value is None


def test_words_and_arrows_measure_nothing():
    for kind in (Kind.TEXT, Kind.ARROW):
        points = [(1.0, 1.0)] * point_range(kind)[0]
        assert measure(kind, points, BLANK, ANISOTROPIC).value is None


def test_a_rectangle_of_a_ramp():
    found = measure(Kind.RECTANGLE, [(14, 8), (10, 5)], ramp(20, 20), ANISOTROPIC)
    assert (found.value, found.unit) == (pytest.approx(4 * 3 * 0.7 * 0.2), "mm2")
    assert (found.area_mm2, found.area_px) == (found.value, 12)
    assert (found.count, found.min, found.max, found.mean) == (5 * 4, 5010, 8014, 6512)
    # Variance of 4 rows 1000 apart and of 5 columns 1 apart: (n^2 - 1) / 12 of a step.
    assert found.sd == pytest.approx(sqrt(1000**2 * 15 / 12 + 24 / 12))


def test_a_disc_has_its_own_density():
    pixels = disc(101, (50, 50), 20, inside=1050, outside=24)
    water = frame(rescale=Rescale(1.0, -1024.0), units="HU", pixel_spacing=(0.5, 0.5))
    found = measure(Kind.ELLIPSE, [(30, 30), (70, 70)], pixels, water)
    assert (found.mean, found.sd, found.min, found.max) == (26, 0, 26, 26)
    assert found.value_unit == "HU"
    assert found.area_mm2 == pytest.approx(pi * 10**2)
    assert found.count == np.count_nonzero(pixels == 1050)
    larger = measure(Kind.ELLIPSE, [(29, 29), (71, 71)], pixels, water)
    assert larger.min == -1000


@pytest.mark.parametrize("scale", [1, 4, 16])
def test_the_pixels_in_a_circle_converge_to_its_area(scale):
    radius = 20 * scale
    size = 2 * radius + 1
    found = measure(
        Kind.ELLIPSE, [(0, 0), (2 * radius, 2 * radius)], np.zeros((size, size), np.uint8), frame()
    )
    assert found.area_px == pytest.approx(pi * radius**2)
    assert abs(found.count - found.area_px) < 2.5 * radius**0.67  # Gauss' circle problem


def test_padding_is_left_out_and_counted():
    pixels = np.full((10, 10), 40, np.int16)
    pixels[:, :3] = -2000
    pixels[0, 3] = -1999
    attributes = frame(padding_range=(-2000, -1999), rescale=Rescale(1.0, -1000.0), units="HU")
    found = measure(Kind.RECTANGLE, [(0, 0), (9, 9)], pixels, attributes)
    assert (found.mean, found.sd, found.count, found.padding_count) == (-960, 0, 69, 31)
    nothing = measure(Kind.RECTANGLE, [(0, 0), (2, 9)], pixels, attributes)
    assert (nothing.mean, nothing.sd, nothing.min, nothing.max) == (None,) * 4
    assert (nothing.count, nothing.padding_count) == (0, 30)
    assert nothing.area_px == 18


def test_what_is_no_number_is_left_out_and_counted():
    pixels = np.ones((4, 4), np.float32)
    pixels[0, 0], pixels[1, 1], pixels[2, 2] = nan, inf, -inf
    found = measure(Kind.RECTANGLE, [(0, 0), (3, 3)], pixels, frame())
    assert (found.mean, found.count, found.undefined_count) == (1, 13, 3)


def test_values_beyond_all_measure_are_not_told():
    pixels = np.array([[0, 1]], np.uint16)
    found = measure(Kind.RECTANGLE, [(0, 0), (1, 0)], pixels, frame(rescale=Rescale(1e200, 0.0)))
    assert (found.max, found.sd) == (1e200, None)


def test_a_modality_lut_is_looked_up():
    lut = ModalityLut(1, 16, np.array([100, 200, 300], np.uint16), "HU")
    pixels = np.array([[1, 2, 3]], np.uint8)
    found = measure(Kind.RECTANGLE, [(0, 0), (2, 0)], pixels, frame(modality_lut=lut))
    assert (found.mean, found.min, found.max) == (200, 100, 300)


def test_a_real_world_value_mapping_is_read_where_nothing_else_names_a_unit():
    pixels = np.array([[0, 10, 20, 30]], np.uint16)
    mapping = RealWorldValueMapping(5, 25, 0.5, 1.0, None, "mm2/s", "ADC", "")
    attributes = frame(real_world_value_mappings=(mapping,), rescale=Rescale(7.0, 0.0))
    found = measure(Kind.RECTANGLE, [(0, 0), (3, 0)], pixels, attributes)
    assert (found.min, found.max, found.count, found.undefined_count) == (6, 11, 2, 2)
    assert found.value_unit == "mm2/s"
    assert measure(Kind.PROBE, [(1, 0)], pixels, attributes).value == 6
    hu = replace(attributes, units="HU")
    assert measure(Kind.PROBE, [(1, 0)], pixels, hu).value == 70


def test_the_mean_keeps_its_digits_far_from_zero():
    pixels = np.arange(10_000, dtype=np.uint16).reshape(100, 100)
    found = measure(Kind.RECTANGLE, [(0, 0), (99, 99)], pixels, frame(rescale=Rescale(1e-3, 1e9)))
    assert found.sd == pytest.approx(1e-3 * sqrt((10_000**2 - 1) / 12), rel=1e-4)


def test_a_region_larger_than_a_block_is_merged_right():
    pixels = np.random.default_rng(1).integers(-500, 3000, (2100, 1500)).astype(np.int16)
    found = measure(Kind.RECTANGLE, [(0, 0), (1499, 2099)], pixels, frame())
    assert found.count == pixels.size
    assert found.mean == pytest.approx(pixels.mean(), rel=1e-12)
    assert found.sd == pytest.approx(pixels.std(), rel=1e-12)
    assert (found.min, found.max) == (pixels.min(), pixels.max())


def test_color_has_an_area_and_no_statistics():
    found = measure(Kind.ELLIPSE, [(0, 0), (2, 2)], np.zeros((3, 3, 3), np.uint8), ANISOTROPIC)
    assert found.area_mm2 == pytest.approx(pi * 0.14)
    assert (found.mean, found.count) == (None, None)


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_refuses_other_numbers_of_points(kind):
    least, most = point_range(kind)
    for number in (least - 1, most + 1):
        with pytest.raises(BadInput, match="points, not"):
            measure(kind, [(1.0, 1.0)] * number, BLANK, frame())


@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_points_that_are_no_numbers_are_refused(bad):
    for wrong in ((bad, 1.0), (1.0, bad)):
        with pytest.raises(BadInput, match="numbers"):
            measure(Kind.LENGTH, [(1.0, 1.0), wrong], None, frame())


@pytest.mark.parametrize("outside", [(-0.6, 0), (0, -0.6), (40, 0), (0, 50)])
@pytest.mark.parametrize("kind", [Kind.LENGTH, Kind.RECTANGLE, Kind.ELLIPSE])
def test_points_outside_the_image_are_refused(kind, outside):
    pixels = ramp(50, 40)
    with pytest.raises(BadInput, match="outside the image of 40 columns and 50 rows"):
        measure(kind, [(1.0, 1.0), outside], pixels, frame())


@pytest.mark.parametrize("kind", sorted(REGIONS))
def test_a_region_may_end_at_the_outer_edges_of_the_image(kind):
    box = [(-0.5, -0.5), (39.5, 49.5)]
    corners = [(-0.5, -0.5), (39.5, -0.5), (39.5, 49.5), (-0.5, 49.5)]
    points = box if kind in {Kind.ELLIPSE, Kind.RECTANGLE} else corners
    found = measure(kind, points, ramp(50, 40), frame())
    if kind is not Kind.ELLIPSE:
        assert (found.area_px, found.count) == (2000, 2000)


@given(point, point, spacing, spacing)
def test_a_length_is_the_same_from_either_end_and_grows_with_the_spacing(a, b, row, column):
    line = measure(Kind.LENGTH, [a, b], None, frame(pixel_spacing=(row, column))).value
    assert measure(Kind.LENGTH, [b, a], None, frame(pixel_spacing=(row, column))).value == line
    doubled = measure(Kind.LENGTH, [a, b], None, frame(pixel_spacing=(2 * row, 2 * column))).value
    assert doubled == pytest.approx(2 * line)
    assert line == pytest.approx(hypot((b[0] - a[0]) * column, (b[1] - a[1]) * row))


@given(st.lists(point, min_size=3, max_size=3), point, st.floats(0.1, 10))
def test_an_angle_does_not_change_with_place_or_size(points, shift, factor):
    angle = measure(Kind.ANGLE, points, None, ANISOTROPIC).value
    arms = [hypot(points[end][0] - points[1][0], points[end][1] - points[1][1]) for end in (0, 2)]
    if min(arms) < 1e-3:
        return
    moved = [(factor * (x + shift[0]), factor * (y + shift[1])) for x, y in points]
    assert measure(Kind.ANGLE, moved, None, ANISOTROPIC).value == pytest.approx(angle, abs=1e-4)
    assert 0 <= angle <= 180


@given(st.floats(-80, 80), st.floats(-80, 80), st.tuples(coordinates, coordinates))
def test_a_length_in_a_tilted_plane_is_that_between_its_points_in_the_patient(tilt, turn, end):
    row = (cos(radians(turn)), sin(radians(turn)), 0.0)
    column = (
        -sin(radians(turn)) * cos(radians(tilt)),
        cos(radians(turn)) * cos(radians(tilt)),
        sin(radians(tilt)),
    )
    plane = ImagePlane((-120.0, 33.0, 7.0), (*row, *column), 0.7, 0.2)
    a, b = plane.patient_point(3, 4), plane.patient_point(*end)
    length = measure(Kind.LENGTH, [(3, 4), end], None, ANISOTROPIC).value
    assert length == pytest.approx(hypot(*(one - other for one, other in zip(a, b, strict=True))))


@given(
    st.sampled_from([Kind.ELLIPSE, Kind.RECTANGLE]),
    st.tuples(st.integers(0, 60), st.integers(0, 60)),
    st.tuples(st.integers(0, 30), st.integers(0, 30)),
)
def test_a_region_moves_with_its_pixels(kind, origin, size):
    small = ramp(31, 31)
    large = np.full((100, 100), -1, np.int32)
    large[origin[1] : origin[1] + 31, origin[0] : origin[0] + 31] = small
    here = measure(kind, [(0, 0), size], small, frame())
    there = measure(kind, [origin, (origin[0] + size[0], origin[1] + size[1])], large, frame())
    assert (here.count, here.mean, here.sd, here.area_px) == (
        there.count,
        there.mean,
        there.sd,
        there.area_px,
    )


def test_a_histogram_counts_every_pixel_once():
    pixels = np.repeat(np.arange(10, dtype=np.int16), 10).reshape(10, 10)
    box = [(0, 0), (9, 9)]
    attributes = frame(rescale=Rescale(2.0, -5.0))
    fine = measure(Kind.RECTANGLE, box, pixels, attributes, histogram_classes=64).histogram
    assert (fine.lowest, fine.width, fine.counts) == (-6, 2, (10,) * 10)
    coarse = measure(Kind.RECTANGLE, box, pixels, attributes, histogram_classes=4).histogram
    assert (coarse.width, coarse.counts) == (6, (30, 30, 30, 10))
    assert measure(Kind.RECTANGLE, box, pixels, attributes).histogram is None
    flat = measure(Kind.RECTANGLE, box, np.ones((10, 10), np.float32), frame(), histogram_classes=8).histogram
    assert flat.counts == (100,)


@given(st.integers(1, 2000), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_a_histogram_of_any_fineness_holds_all(classes, slope, intercept):
    pixels = np.random.default_rng(2).integers(0, 4096, (20, 20)).astype(np.uint16)
    for values in (pixels, pixels.astype(np.float32)):
        found = measure(
            Kind.RECTANGLE,
            [(0, 0), (19, 19)],
            values,
            frame(rescale=Rescale(slope, intercept)),
            histogram_classes=classes,
        )
        assert sum(found.histogram.counts) == found.count
        assert len(found.histogram.counts) <= classes


def test_points_are_checked_without_pixels():
    check_points(Kind.LENGTH, [(-1000.0, 0.0), (1.0, 1.0)])
    with pytest.raises(BadInput):
        check_points(Kind.LENGTH, [(-1000.0, 0.0), (1.0, 1.0)], (10, 10))


def test_a_file_is_measured_as_its_attributes_say(tmp_path):
    path = phantoms.write_image(
        tmp_path / "ct.dcm",
        disc(64, (32, 32), 10, inside=1100, outside=0),
        PixelSpacing=[0.9, 0.45],
        RescaleSlope="1",
        RescaleIntercept="-1024",
        ImageOrientationPatient=list(AXIAL),
    )
    stored, attributes = read(path)
    found = measure(Kind.ELLIPSE, [(25, 25), (39, 39)], stored, attributes)
    assert (found.mean, found.value_unit, found.calibration) == (76, "HU", "patient")
    assert found.area_mm2 == pytest.approx(pi * 49 * 0.9 * 0.45)
