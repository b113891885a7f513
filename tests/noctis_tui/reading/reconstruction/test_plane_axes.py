import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reconstruction_states import degrees, planes, states
from volume_phantoms import AXIAL, CORONAL, SAGITTAL, Grid, turned

from noctis_tui.imaging.patient_space import dot, letters_of_orientation
from noctis_tui.imaging.volume import Volume
from noctis_tui.reading.reconstruction.plane_axes import PATIENT_AXES, Plane, PlaneAxes, axes_along
from noctis_tui.reading.reconstruction.volume_box import VolumeBox


def letters(plane, axes=PATIENT_AXES):
    found = letters_of_orientation(axes.of(plane))
    return found.left, found.right, found.top, found.bottom


def test_the_planes_begin_as_the_conventional_views():
    assert letters(Plane.AXIAL) == ("R", "L", "A", "P")
    assert letters(Plane.CORONAL) == ("R", "L", "H", "F")
    assert letters(Plane.SAGITTAL) == ("A", "P", "H", "F")
    assert PATIENT_AXES.normal(Plane.AXIAL) == (0, 0, 1)  # seen from the feet
    assert PATIENT_AXES.normal(Plane.CORONAL) == (0, 1, 0)  # from the front


@given(states())
def test_planes_stay_at_right_angles_however_they_are_turned(state):
    for plane in Plane:
        right, down = np.array(state.axes.right(plane)), np.array(state.axes.down(plane))
        assert np.allclose([right @ right, down @ down, right @ down], [1, 1, 0], atol=1e-12)
    normals = np.array([state.axes.normal(plane) for plane in Plane])
    assert np.allclose(normals @ normals.T, np.eye(3), atol=1e-7)


@given(states())
def test_letters_agree_with_the_axes_after_any_turn(state):
    sides = {
        "L": (1, 0, 0),
        "R": (-1, 0, 0),
        "P": (0, 1, 0),
        "A": (0, -1, 0),
        "H": (0, 0, 1),
        "F": (0, 0, -1),
    }
    for plane in Plane:
        left, right, top, bottom = letters(plane, state.axes)
        for shown, direction in (
            (right, state.axes.right(plane)),
            (left, tuple(-part for part in state.axes.right(plane))),
            (bottom, state.axes.down(plane)),
            (top, tuple(-part for part in state.axes.down(plane))),
        ):
            cosines = [dot(sides[letter], direction) for letter in shown]
            assert cosines == sorted(cosines, reverse=True)
            assert cosines[0] == pytest.approx(max(dot(side, direction) for side in sides.values()))
            assert min(cosines) > 0.25


@given(planes, degrees)
def test_a_plane_that_others_are_spun_about_stays_as_it_is(plane, angle):
    axes = PATIENT_AXES.turned(PATIENT_AXES.normal(plane), angle)
    assert axes.of(plane) == PATIENT_AXES.of(plane)


@given(planes, st.integers(-720, 720))
def test_turning_there_and_back_ends_where_it_began(plane, angle):
    axes = PlaneAxes()
    for step in (*[1.0] * abs(angle % 90), *[-1.0] * abs(angle % 90)):
        axes = axes.turned((0.6, 0.0, 0.8), step)
    assert np.allclose(axes.of(plane), PATIENT_AXES.of(plane), atol=1e-12)


@pytest.mark.parametrize("acquired", [AXIAL, CORONAL, SAGITTAL])
@pytest.mark.parametrize("tilt", [-18, 0, 7, 40])
def test_planes_along_a_volume_keep_the_names_that_they_are_nearest_to(acquired, tilt):
    grid = Grid((4, 5, 6), (2, 1, 1), turned(acquired, (1, 0, 0), tilt))
    volume = Volume(np.zeros(grid.shape, np.int16), grid.index_to_patient)
    axes = axes_along(VolumeBox.of(volume).axes)
    assert [side[0] for side in letters(Plane.AXIAL, axes)] == ["R", "L", "A", "P"]
    assert [side[0] for side in letters(Plane.CORONAL, axes)] == ["R", "L", "H", "F"]
    assert [side[0] for side in letters(Plane.SAGITTAL, axes)] == ["A", "P", "H", "F"]
    for plane in Plane:
        assert VolumeBox.of(volume).axis_along(axes.normal(plane)) is not None
