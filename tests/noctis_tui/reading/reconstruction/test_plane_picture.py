from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reconstruction_states import box_of, boxes, planes, states
from volume_phantoms import CORONAL, Grid, index_ramp, sampled_volume, sphere

from archive.pixels.voi_lut import Window
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.reading.reconstruction.crossing_lines import PLANE_COLORS
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.plane_picture import display_of, plane_picture
from noctis_tui.reading.reconstruction.plane_placement import (
    place_plane,
    point_under,
    px_per_mm,
    screen_point,
)
from noctis_tui.reading.reconstruction.plane_sampling import PlaneSampling
from noctis_tui.reading.reconstruction.sampling_grid import sampling_grid
from noctis_tui.reading.reconstruction.state import MprState
from noctis_tui.reading.reconstruction.volume_box import VolumeBox
from noctis_tui.reading.viewport import OverlayLevel

WINDOW = Window(500, 1000, "LINEAR_EXACT")
SIZE = 300, 260


def begun(volume):
    return PlaneSampling(volume), MprState.of(VolumeBox.of(volume))


def bare(state):
    return state.with_view(state.view.with_overlay(OverlayLevel.NONE))


def drawn(sampling, state, plane, size=SIZE, voi=WINDOW):
    return plane_picture(sampling.sampled(state, plane), state, plane, voi, size)


@pytest.fixture(scope="module")
def ball():
    """A ball of 20 mm radius in the middle of an anisotropic volume whose slices are coronal."""
    grid = Grid((24, 60, 50), (3.0, 1.0, 1.2), CORONAL, (-30, -34, 30))
    return sampled_volume(grid, sphere(grid.center_mm, 20, 1000, 0))


@pytest.mark.parametrize("plane", list(Plane))
def test_a_ball_is_round_and_as_large_as_the_scale_says(ball, plane):
    sampling, state = begun(ball)
    grid = sampling.sampled(state, plane).grid
    placement = place_plane(state, plane, grid, SIZE)
    pixels = drawn(sampling, bare(state), plane).pixels
    seen = np.argwhere(pixels > 127)
    high, wide = np.ptp(seen, axis=0) + 1
    per_mm = placement.xx / grid.plane.column_spacing_mm
    assert wide / per_mm == pytest.approx(40, abs=3)  # a voxel at most
    assert high / per_mm == pytest.approx(40, abs=3)


@pytest.mark.parametrize("plane", list(Plane))
def test_planes_along_voxels_show_them_bit_exact(plane):
    grid = Grid((11, 13, 17), (3, 1, 1))
    volume = sampled_volume(grid, index_ramp(grid))
    sampling, state = begun(volume)
    k, j, i = state.box.nearest_voxel(state.crosshair_mm)
    stored = volume.stored_values
    expected = {
        Plane.AXIAL: stored[k],
        Plane.CORONAL: stored[::-1, j],
        Plane.SAGITTAL: stored[::-1, :, i],
    }[plane]
    assert np.array_equal(sampling.sampled(state, plane).values, expected.astype(np.float32))


@given(states(), planes, st.tuples(st.floats(0, 300), st.floats(0, 260)))
def test_what_is_under_a_screen_point_is_shown_there(state, plane, spot):
    point = point_under(state, plane, spot, SIZE)
    assert screen_point(state, plane, point, SIZE) == pytest.approx(spot, abs=1e-4)


@given(boxes())
def test_planes_beside_each_other_have_one_scale_and_show_all_of_the_volume(box):
    state = MprState.of(box).laid_out(is_beside=True)
    assert len({px_per_mm(state, plane, SIZE) for plane in Plane}) == 1
    corners = [box.point(index) for index in product(*((-0.5, count - 0.5) for count in box.shape))]
    for plane in Plane:
        for corner in corners:
            x, y = screen_point(state, plane, corner, SIZE)
            assert -0.01 <= x <= SIZE[0] + 0.01
            assert -0.01 <= y <= SIZE[1] + 0.01


def test_a_plane_alone_is_as_large_as_its_own_pane_allows():
    state = MprState.of(box_of(Grid((4, 60, 50), (3.0, 1.0, 1.0))))
    beside = state.laid_out(is_beside=True)
    assert px_per_mm(state, Plane.CORONAL, SIZE) == pytest.approx(0.96 * 300 / 50)
    assert px_per_mm(beside, Plane.CORONAL, SIZE) == pytest.approx(0.96 * 260 / 60)
    assert beside.zoomed_by(Plane.AXIAL, 2).reset() == beside


@given(states(), planes)
@settings(max_examples=40)
def test_the_crosshair_is_drawn_where_its_point_is(state, plane):
    grid = sampling_grid(state.box, state.axes.of(plane), state.crosshair_mm)
    column, row = grid.plane.image_point(state.crosshair_mm)
    placed = place_plane(state, plane, grid, SIZE).screen_point(column + 0.5, row + 0.5)
    assert placed == pytest.approx(screen_point(state, plane, state.crosshair_mm, SIZE), abs=0.51)


def test_the_lines_of_the_other_planes_cross_where_the_crosshair_is(ball):
    sampling, state = begun(ball)
    state = state.at(tuple(np.add(state.crosshair_mm, (8, 6, -9))))
    overlay = drawn(sampling, state, Plane.AXIAL).overlay
    x, y = screen_point(state, Plane.AXIAL, state.crosshair_mm, SIZE)
    down = np.argwhere(overlay == PLANE_COLORS[Plane.SAGITTAL])
    across = np.argwhere(overlay == PLANE_COLORS[Plane.CORONAL])
    assert abs(down[:, 1].mean() - x) < 1.5
    assert abs(across[:, 0].mean() - y) < 1.5
    assert not (overlay == PLANE_COLORS[Plane.AXIAL]).any()
    assert not overlay[
        round(y) - 3 : round(y) + 3, round(x) - 3 : round(x) + 3
    ].any()  # the point is left free


def test_borders_of_a_slab_are_drawn_in_the_other_planes(ball):
    sampling, state = begun(ball)
    plain = drawn(sampling, state, Plane.CORONAL).overlay
    slab = drawn(sampling, state.with_slab(20, Projection.MAX), Plane.CORONAL)
    rows = np.flatnonzero((slab.overlay == PLANE_COLORS[Plane.AXIAL]).any(axis=1))
    assert len(rows) > len(np.flatnonzero((plain == PLANE_COLORS[Plane.AXIAL]).any(axis=1)))
    assert slab.labels[0].text == "Coronal · MIP 20 mm"


def test_labels_say_plane_place_window_and_sides(ball):
    sampling, state = begun(ball)
    picture = drawn(sampling, state, Plane.SAGITTAL)
    texts = {(label.anchor, label.text) for label in picture.labels}
    assert ("top-left", "Sagittal") in texts
    assert {("left", "A"), ("right", "P"), ("top", "H"), ("bottom", "F")} <= texts
    assert any(anchor == "bottom-left" and text.startswith("W 1000 L 500\nR ") for anchor, text in texts)
    turned = state.spun(Plane.AXIAL, 30)
    turned_texts = {(label.anchor, label.text) for label in drawn(sampling, turned, Plane.SAGITTAL).labels}
    assert ("top-left", "Sagittal, oblique") in turned_texts
    assert {("left", "AL"), ("right", "PR")} <= turned_texts
    assert drawn(sampling, bare(state), Plane.SAGITTAL).labels == ()


def test_the_value_at_the_crosshair_is_the_voxels():
    grid = Grid((11, 13, 17), (3, 1, 1))
    volume = replace(sampled_volume(grid, index_ramp(grid)), rescale_slope=2.0, rescale_intercept=-1024.0)
    sampling, state = begun(volume)
    for plane in Plane:
        state = state.moved(plane, right=3, down=-2)
        k, j, i = state.box.nearest_voxel(state.crosshair_mm)
        assert sampling.value_at(state.crosshair_mm) == volume.stored_values[k, j, i] * 2.0 - 1024
        shown = sampling.sampled(state, plane)
        column, row = (round(place) for place in shown.grid.plane.image_point(state.crosshair_mm))
        assert shown.values[row, column] == sampling.value_at(state.crosshair_mm)


def test_what_is_outside_the_volume_is_black_also_when_inverted():
    values = np.array([[np.nan, 0, 1000]], np.float32)
    assert display_of(values, voi=WINDOW, invert=False).tolist() == [[0, 0, 255]]
    assert display_of(values, voi=WINDOW, invert=True).tolist() == [[0, 255, 0]]


def test_a_plane_is_sampled_once_while_only_the_window_changes(ball):
    sampling, state = begun(ball)
    first = sampling.sampled(state, Plane.AXIAL)
    other = state.with_view(state.view.with_window(Window(1, 2))).zoomed_by(Plane.AXIAL, 2)
    assert sampling.sampled(other, Plane.AXIAL) is first
    assert sampling.sampled(state.sliced(Plane.AXIAL, 1), Plane.AXIAL) is not first


def test_a_draft_of_what_takes_long_lies_coarser_and_the_same_in_the_pane():
    grid = Grid((64, 64, 64))
    sampling, state = begun(sampled_volume(grid, sphere(grid.center_mm, 20, 1000, 0)))
    state = bare(state.spun(Plane.AXIAL, 20).tilted(Plane.CORONAL, 10).with_slab(200, Projection.MAX))
    draft = sampling.sampled(state, Plane.AXIAL, draft=True)
    exact = sampling.sampled(state, Plane.AXIAL)
    assert draft.grid.rows < exact.grid.rows
    pictures = [plane_picture(each, state, Plane.AXIAL, WINDOW, SIZE).pixels for each in (draft, exact)]
    assert np.mean(np.abs(pictures[0].astype(int) - pictures[1])) < 6


def test_a_turned_plane_says_no_place_along_a_side_of_the_patient(ball):
    sampling, state = begun(ball)
    turned = state.tilted(Plane.AXIAL, 20)
    texts = [
        label.text for label in drawn(sampling, turned, Plane.AXIAL).labels if label.anchor == "bottom-left"
    ]
    assert texts == ["W 1000 L 500"]
