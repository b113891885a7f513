import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reconstruction_states import box_of, boxes, degrees, planes, states
from volume_phantoms import AXIAL, Grid, turned

from archive.pixels.voi_lut import Window
from noctis_tui.imaging.patient_space import dot
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.reading.reconstruction.plane_axes import PATIENT_AXES, Plane
from noctis_tui.reading.reconstruction.state import SLABS_MM, MprState

points = st.tuples(*[st.floats(-2000, 2000)] * 3)


@pytest.fixture
def state():
    return MprState.of(box_of(Grid((10, 20, 30), (3, 0.5, 0.7))))


@given(states(), points)
def test_the_crosshair_never_leaves_the_volume(state, point):
    assert state.box.contains(state.crosshair_mm)
    assert state.box.contains(state.at(point).crosshair_mm)


@given(states(), planes, st.integers(-100, 100))
def test_moving_within_a_plane_does_not_leave_it(state, plane, voxels):
    moved = state.moved(plane, right=voxels, down=-voxels)
    away = np.subtract(moved.crosshair_mm, state.crosshair_mm)
    # What lies along voxels but for 1e-4 is taken to lie along them.
    assert abs(dot(tuple(away), state.axes.normal(plane))) < 1e-6 + 2e-4 * np.linalg.norm(away)


@given(states(), planes, st.integers(-100, 100))
def test_slicing_moves_along_the_normal(state, plane, steps):
    away = np.subtract(state.sliced(plane, steps).crosshair_mm, state.crosshair_mm)
    along = float(np.dot(away, state.axes.normal(plane)))
    assert np.linalg.norm(away) == pytest.approx(abs(along), abs=1e-6, rel=1e-6)
    assert along * steps >= -1e-9


def test_a_step_is_a_voxel_where_the_planes_run_along_voxels(state):
    start = np.array(state.crosshair_mm)
    assert np.allclose(state.moved(Plane.CORONAL, right=1).crosshair_mm - start, (0.7, 0, 0))
    assert np.allclose(state.moved(Plane.CORONAL, down=-1).crosshair_mm - start, (0, 0, 3))
    assert np.allclose(state.moved(Plane.AXIAL, down=10).crosshair_mm - start, (0, 4.5, 0))  # to the border
    assert np.allclose(state.sliced(Plane.AXIAL, 1).crosshair_mm - start, (0, 0, 3))
    assert np.allclose(state.sliced(Plane.SAGITTAL, 1).crosshair_mm - start, (-0.7, 0, 0))


@given(boxes())
def test_the_crosshair_begins_at_a_voxel_in_the_middle(box):
    state = MprState.of(box)
    assert np.allclose(box.index(state.crosshair_mm), box.nearest_voxel(state.crosshair_mm), atol=1e-6)
    away = np.subtract(box.index(state.crosshair_mm), [(count - 1) / 2 for count in box.shape])
    assert abs(away).max() <= 0.5 + 1e-6


def test_a_click_comes_to_the_centre_of_a_voxel_until_the_planes_are_turned(state):
    clicked = state.at((3.3, 4.1, 10.0))
    assert np.allclose(clicked.crosshair_mm, (3.5, 4.0, 9.0))
    turned = state.spun(Plane.AXIAL, 20).at((3.3, 4.1, 10.0))
    assert np.allclose(turned.crosshair_mm, (3.3, 4.1, 10.0))


@given(planes, degrees)
def test_a_positive_spin_turns_the_lines_clockwise_on_the_screen(plane, angle):
    state = MprState.of(box_of(Grid((5, 5, 5))))
    turned = state.spun(plane, angle)
    other = next(each for each in Plane if each is not plane)
    before, after = state.axes.normal(other), turned.axes.normal(other)
    right, down = state.axes.right(plane), state.axes.down(plane)
    was = np.degrees(np.arctan2(dot(before, down), dot(before, right)))
    now = np.degrees(np.arctan2(dot(after, down), dot(after, right)))
    assert abs((now - was - angle + 180) % 360 - 180) < 1e-6


def test_tilting_moves_the_upper_part_away_and_swinging_the_right_part(state):
    into = state.axes.normal(Plane.CORONAL)
    tilted, swung = state.tilted(Plane.CORONAL, 30), state.swung(Plane.CORONAL, 30)
    up = tuple(-part for part in tilted.axes.down(Plane.CORONAL))
    assert dot(up, into) == pytest.approx(0.5)
    assert dot(swung.axes.right(Plane.CORONAL), into) == pytest.approx(0.5)


def test_projections_go_round_and_slabs_grow_in_steps(state):
    seen = []
    for _ in range(4):
        state = state.with_next_projection()
        seen.append(state.projection)
    assert seen == [Projection.MAX, Projection.MIN, Projection.MEAN, Projection.NONE]
    assert state.shown_slab_mm == 0
    thicker = state.with_slab_step(1)  # without a projection it becomes one first
    assert (thicker.projection, thicker.slab_mm) == (Projection.MAX, state.slab_mm)
    assert thicker.with_slab_step(1).slab_mm == 15
    assert thicker.with_slab_step(-100).slab_mm == SLABS_MM[0]
    assert thicker.with_slab_step(100).slab_mm == SLABS_MM[-1]


def test_zooming_keeps_the_crosshair_where_it_is_on_the_screen(state):
    moved = state.moved(Plane.AXIAL, right=5, down=3)
    zoomed = moved.zoomed_by(Plane.AXIAL, 2)
    before, after = moved.zoom_of(Plane.AXIAL), zoomed.zoom_of(Plane.AXIAL)
    right, down = moved.in_plane(Plane.AXIAL, moved.crosshair_mm)
    assert (right - after.right_mm) * after.zoom == pytest.approx((right - before.right_mm) * before.zoom)
    assert (down - after.down_mm) * after.zoom == pytest.approx((down - before.down_mm) * before.zoom)
    assert zoomed.zoom_of(Plane.CORONAL) == moved.zoom_of(Plane.CORONAL)
    assert zoomed.fitted(Plane.AXIAL).zooms == state.zooms


def test_reset_begins_again_but_keeps_what_is_written_over_the_pictures(state):
    changed = state.spun(Plane.AXIAL, 20).moved(Plane.CORONAL, 4).zoomed_by(Plane.AXIAL, 3).with_slab_step(2)
    changed = changed.with_view(changed.view.with_window(Window(40, 400)).with_next_overlay())
    assert changed.reset() == state.with_view(state.view.with_next_overlay())


def test_laying_the_planes_along_the_acquisition_makes_them_rows_of_voxels():
    tilted = MprState.of(box_of(Grid((6, 7, 8), (2, 1, 1), orientation=(1, 0, 0, 0, 0.8, 0.6))))
    assert not tilted.is_along_voxels
    laid = tilted.along_acquisition()
    assert laid.is_along_voxels
    assert not laid.is_turned
    assert laid.along_patient().axes == PATIENT_AXES


@given(states(), boxes())
def test_another_volume_is_looked_at_at_the_same_place_where_it_has_one(state, box):
    other = state.with_box(box)
    assert box.contains(other.crosshair_mm)
    assert state.with_box(state.box).crosshair_mm == pytest.approx(state.crosshair_mm, abs=1e-6)


@pytest.mark.parametrize(
    ("degrees_turned", "slices", "begins_as_acquired"), [(0, 4, False), (30, 4, True), (30, 30, False)]
)
def test_few_oblique_slices_begin_as_they_were_acquired(degrees_turned, slices, begins_as_acquired):
    """True to the patient, every plane would show a sliver of them."""
    tilted = turned(AXIAL, (1.0, 0.0, 0.0), degrees_turned)
    state = MprState.of(box_of(Grid((slices, 64, 64), (3, 1, 1), orientation=tilted)))
    assert (state.axes != PATIENT_AXES) == begins_as_acquired
    assert not state.is_turned
    assert state.reset() == state
