"""Panes that zoom together show a millimetre as long in each."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.reading.linked_zoom import Shown, zoomed_like
from noctis_tui.reading.placement import ImageShape, place
from noctis_tui.reading.viewport import ViewState


def shown(size, spacing, pane=(400, 300), **view):
    ratio = spacing or (1.0, 1.0)
    return Shown(ImageShape(*size, *ratio), spacing, pane, ViewState(**view))


def millimetres_on_screen(image):
    """The screen pixels that a millimetre along the columns is long."""
    placement = place(image.shape, image.view, *image.size_px)
    return (abs(placement.yx) + abs(placement.yy)) / image.spacing_mm[0]


SPACINGS = st.tuples(st.floats(0.3, 3), st.floats(0.3, 3))
SIZES = st.tuples(st.integers(64, 900), st.integers(64, 900))


@given(SIZES, SIZES, SPACINGS, SPACINGS, st.floats(0.5, 4), st.integers(0, 3))
def test_a_millimetre_is_as_long_in_both(size, other_size, spacing, other_spacing, zoom, turns):
    one = shown(size, spacing, zoom=zoom)
    other = shown(other_size, other_spacing, (250, 310), quarter_turns=turns)
    made = zoomed_like(one, other)
    if 0.11 < made.zoom < 49:
        there = replace(other, view=made)
        if turns % 2 == 0:
            assert millimetres_on_screen(there) == pytest.approx(millimetres_on_screen(one))
    assert made.quarter_turns == turns


def test_what_is_in_the_middle_is_as_far_from_the_middle_of_the_image():
    large = shown((500, 500), (1.0, 1.0), center=(0.6, 0.5))
    small = shown((500, 500), (0.5, 0.5))
    assert zoomed_like(large, small).center == pytest.approx((0.7, 0.5))
    assert zoomed_like(replace(large, view=ViewState(center=(0.95, 0.5))), small).center == (1.0, 0.5)


def test_without_millimetres_images_are_magnified_by_as_much():
    one, other = shown((500, 500), None, zoom=2.5, center=(0.2, 0.3)), shown((100, 100), (1.0, 1.0))
    assert (zoomed_like(one, other).zoom, zoomed_like(one, other).center) == (2.5, (0.2, 0.3))
    assert zoomed_like(other, one).zoom == 1.0
