"""Pictures along curves: where everything lies, and that what is bright in the patient is bright there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from volume_phantoms import Grid, rod, sampled_volume

from archive.pixels.voi_lut import Window
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.slices import Slice
from noctis_tui.reading.reconstruction.curve_layout import CurveView, lay_out
from noctis_tui.reading.reconstruction.curve_marks import curve_marks
from noctis_tui.reading.reconstruction.curve_picture import arc_text, curve_picture
from noctis_tui.reading.viewport import OverlayLevel, ViewState

ENDS = (12.0, 10.0, 5.0), (25.0, 28.0, 44.0)
VOLUME = sampled_volume(Grid((50, 40, 40)), rod(*ENDS, 4.0), np.int16)
VIEW = CurveView(ENDS, 1, width_mm=16.0, arc_length_mm=20.0)
BARE = ViewState(overlay=OverlayLevel.NONE)
HALF = Window(500, 2)


def bright(view, size):
    return curve_picture(VOLUME, view, BARE, HALF, size).pixels > 127


@pytest.mark.parametrize("size", [(400, 200), (200, 400), (300, 300), (60, 20), (3, 2)])
@pytest.mark.parametrize("stretched", [False, True])
def test_it_has_the_size_of_the_pane(size, stretched):
    view = CurveView(ENDS, width_mm=16.0, is_stretched=stretched, slab_mm=5, projection=Projection.MEAN)
    picture = curve_picture(VOLUME, view, ViewState(), HALF, size)
    assert picture.pixels.shape == (size[1], size[0])


def test_a_rod_is_as_thick_and_as_long_as_it_is():
    layout, shown = lay_out(VIEW, (400, 200)), bright(VIEW, (400, 200))
    assert layout.is_lying
    strip = shown[layout.strip.y :, layout.strip.x : layout.strip.x + layout.strip.width]
    thickness = strip.sum(axis=0) / layout.px_per_mm
    assert np.abs(thickness - 8).max() <= 1
    assert strip.any(axis=0).sum() / layout.px_per_mm == pytest.approx(
        np.linalg.norm(np.subtract(*ENDS)), abs=1
    )


def test_the_section_is_a_disc():
    layout, shown = lay_out(VIEW, (400, 200)), bright(VIEW, (400, 200))
    box = layout.section
    disc = shown[box.y : box.y + box.height, box.x : box.x + box.width]
    area_mm2 = disc.sum() * (16 / (box.width - 1)) ** 2
    assert area_mm2 == pytest.approx(np.pi * 16, rel=0.1)
    rows, columns = np.nonzero(disc)
    assert (rows.mean(), columns.mean()) == pytest.approx(((box.height - 1) / 2,) * 2, abs=2)


def test_a_high_pane_shows_it_downwards():
    layout, shown = lay_out(VIEW, (200, 400)), bright(VIEW, (200, 400))
    assert not layout.is_lying
    strip = shown[layout.strip.y : layout.strip.y + layout.strip.height, layout.strip.x :]
    assert np.abs(strip.sum(axis=1) / layout.px_per_mm - 8).max() <= 1


@settings(deadline=None, max_examples=30)
@given(
    st.tuples(st.integers(20, 600), st.integers(20, 600)),
    st.tuples(st.floats(0, 20), st.floats(0, 40)),
    st.booleans(),
)
def test_screen_points_are_found_again(size, point, stretched):
    layout = lay_out(CurveView(ENDS, width_mm=16.0, is_stretched=stretched), size)
    assert layout.grid_point(layout.screen_point(point)) == pytest.approx(point)
    box = layout.strip
    assert 0 <= box.x <= size[0] - box.width
    assert 0 <= box.y <= size[1] - box.height
    if layout.section is not None:
        section = layout.section
        assert section.y + section.height <= box.y or section.x + section.width <= box.x


def test_it_says_where_the_reader_is():
    assert arc_text(VIEW) == "20.0 of 44.9 mm"
    picture = curve_picture(VOLUME, VIEW, ViewState(), HALF, (400, 200), name="Straightened")
    assert picture.labels[0].text.startswith("Straightened\n20.0 of 44.9 mm\n16 mm wide\n1 mm ticks\n")
    titled = curve_picture(VOLUME, VIEW, ViewState(), HALF, (400, 200))
    assert "of 44.9 mm" not in titled.labels[0].text


def test_the_section_says_which_side_of_the_patient_is_where():
    upright = CurveView(((20.0, 20.0, 5.0), (20.0, 20.0, 44.0)), width_mm=16.0)
    picture = curve_picture(VOLUME, upright, ViewState(), HALF, (600, 400))
    assert [label.text for label in picture.labels[1:]] == ["R", "L", "A", "P"]
    assert picture.overlay is not None


def test_in_planes_the_near_part_is_drawn_in_full():
    middle = VOLUME.slice_at(24.0)
    assert isinstance(middle, Slice)
    *course, handle = curve_marks(VIEW, middle)
    assert [stroke.dashed for stroke in course] == [True, False, True]
    assert handle.active  # the chosen one is shown, wherever it is
    assert handle.point == pytest.approx((25, 28))


def test_the_first_point_is_seen_before_there_is_a_curve():
    (handle,) = curve_marks(CurveView(ENDS[:1], 0), VOLUME.slice_at(5.0))
    assert handle.point == pytest.approx((12, 10))
