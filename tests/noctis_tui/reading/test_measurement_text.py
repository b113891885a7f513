import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.annotations.annotation import Kind
from archive.annotations.measurement import Extent, Measurement
from noctis_tui.reading import measurement_text
from noctis_tui.reading.measurement_text import area_text, histogram_lines, note_text, number, size_text


def test_examples():
    assert doctest.testmod(measurement_text).failed == 0


@pytest.mark.parametrize(
    ("measurement", "text"),
    [
        (Measurement(Kind.LENGTH, 23.41, "mm", "patient"), "23.4 mm"),
        (Measurement(Kind.LENGTH, 57.3, "px"), "57.3 px"),
        (
            Measurement(Kind.LENGTH, 9.0, "px", extents=(Extent(0.3, "s"), Extent(1.84, "cm"))),
            "0.30 s · 1.84 cm",
        ),
        (Measurement(Kind.LENGTH, 9.0, "px", extents=(Extent(0.0, "s"), Extent(35.1, "cm/s"))), "35.1 cm/s"),
        (Measurement(Kind.LENGTH, 9.0, "px", extents=(Extent(0.0, "s"), None)), "0.00 s"),
        (Measurement(Kind.LENGTH, 8.0, "mm", "scanned film"), "8.00 mm on film"),
        (Measurement(Kind.LENGTH, 8.0, "mm", "ultrasound region"), "8.00 mm US region"),
        (
            Measurement(Kind.LENGTH, 8.0, "mm", "detector, magnification 1.25 corrected"),
            "8.00 mm detector, magnification 1.25 corrected",
        ),
        (Measurement(Kind.ANGLE, 34.25, "deg", "detector"), "34.2°"),
        (Measurement(Kind.ELLIPSE, 340.4, "px2"), "340 px²"),
        (Measurement(Kind.ELLIPSE, 84.2, "mm2", "detector"), "84.2 mm² at detector"),
    ],
)
def test_sizes_name_the_calibration_where_it_must_be_known(measurement, text):
    assert size_text(measurement) == text


def test_areas_are_told_in_square_centimetres_from_one_on():
    assert (area_text(99.94), area_text(100.0)) == ("99.9 mm²", "1.00 cm²")


def test_a_region_tells_mean_deviation_and_area():
    region = Measurement(
        Kind.ELLIPSE, 320.0, "mm2", "patient", mean=41.23, sd=8.1, value_unit="HU", area_mm2=320.0
    )
    assert measurement_text.measurement_text(region) == "41.2 HU ± 8.10 · 3.20 cm²"


@pytest.mark.parametrize(
    ("probe", "text"),
    [
        (Measurement(Kind.PROBE, -1000.0, "HU", value_unit="HU"), "−1000.0 HU"),
        (Measurement(Kind.PROBE, padding_count=1), "padding"),
        (Measurement(Kind.PROBE, undefined_count=1), "no value"),
        (Measurement(Kind.PROBE, color=(1, 2, 3)), "R 1 G 2 B 3"),
    ],
)
def test_a_probe_tells_its_value(probe, text):
    assert measurement_text.measurement_text(probe) == text


def test_a_mark_without_words_or_value_says_nothing():
    from archive.annotations.annotation import Annotation, FrameKey

    arrow = Annotation("a", FrameKey("1", "2", "3"), Kind.ARROW, ((1, 1), (2, 2)))
    assert note_text(arrow, None) == ""


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_short(value):
    assert len(number(value)) <= 10


@given(st.lists(st.integers(0, 10**6), max_size=64), st.integers(0, 40), st.integers(1, 4))
def test_a_histogram_fits_and_shows_every_value_there_is(counts, width, height):
    lines = histogram_lines(counts, width, height)
    assert len(lines) in {0, height}
    for line in lines:
        assert len(line) == min(width, len(counts))
    if lines and len(counts) <= width:
        assert [mark != " " for mark in lines[-1]] == [count > 0 for count in counts]
