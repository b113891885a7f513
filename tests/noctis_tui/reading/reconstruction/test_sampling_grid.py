import numpy as np
from hypothesis import given, settings
from reconstruction_states import box_of, planes, states
from volume_phantoms import AXIAL, CORONAL, Grid, turned

from noctis_tui.imaging.patient_space import dot
from noctis_tui.imaging.slices import distance_mm
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.sampling_grid import MOST_SAMPLES, sampling_grid
from noctis_tui.reading.reconstruction.state import MprState


def grid_of(state, plane, **options):
    return sampling_grid(state.box, state.axes.of(plane), state.crosshair_mm, **options)


@given(states())
def test_the_planes_of_one_crosshair_intersect_in_it(state):
    for plane in Plane:
        assert abs(distance_mm(grid_of(state, plane).plane, state.crosshair_mm)) < 1e-6


@given(states(), planes)
@settings(max_examples=50)
def test_a_grid_holds_all_of_the_volume(state, plane):
    grid = grid_of(state, plane)
    last = [count - 1 for count in state.box.shape]
    for corner in np.ndindex(2, 2, 2):
        k, j, i = (end * place for end, place in zip(last, corner, strict=True))
        column, row = grid.plane.image_point(state.box.point((k, j, i)))
        assert -0.5 - 1e-6 <= column <= grid.columns - 0.5 + 1e-6
        assert -0.5 - 1e-6 <= row <= grid.rows - 0.5 + 1e-6


@given(states(), planes)
def test_a_grid_lies_still_while_its_plane_moves(state, plane):
    before, after = grid_of(state, plane), grid_of(state.sliced(plane, 3), plane)
    away = np.subtract(after.plane.position_mm, before.plane.position_mm)
    # Voxels count as along a plane up to an angle of 1e-4 (`SAME_DIRECTION`).
    assert abs(dot(tuple(away), state.axes.right(plane))) < 2e-4 * np.linalg.norm(away) + 1e-6
    assert (after.rows, after.columns) == (before.rows, before.columns)


def test_planes_along_voxels_are_sampled_at_the_voxels_themselves():
    grid = Grid((6, 7, 8), (3, 0.5, 0.7), CORONAL, (10, 20, 30))
    state = MprState.of(box_of(grid))
    coronal, axial = grid_of(state, Plane.CORONAL), grid_of(state, Plane.AXIAL)
    assert (coronal.rows, coronal.columns) == (7, 8)
    assert (axial.rows, axial.columns) == (6, 8)
    assert (axial.plane.row_spacing_mm, axial.plane.column_spacing_mm) == (3, 0.7)
    for found in (coronal, axial):
        k, j, i = state.box.index(found.plane.patient_point(1, 2))
        assert np.allclose([k, j, i], np.round([k, j, i]), atol=1e-9)


def test_a_turned_plane_is_sampled_as_finely_as_the_finest_voxels_lie():
    state = MprState.of(box_of(Grid((6, 70, 80), (3, 0.5, 0.7)))).spun(Plane.AXIAL, 30)
    grid = grid_of(state, Plane.CORONAL)
    assert grid.plane.row_spacing_mm == grid.plane.column_spacing_mm == 0.5
    coarse = grid_of(state, Plane.CORONAL, coarser=2)
    assert coarse.plane.row_spacing_mm == 1.0


def test_spacings_that_a_file_makes_up_ask_for_no_huge_picture():
    state = MprState.of(box_of(Grid((2000, 4, 4), (5, 1e-5, 1e-5), turned(AXIAL, (1, 0, 0), 10))))
    grid = grid_of(state, Plane.CORONAL)
    assert max(grid.rows, grid.columns) <= MOST_SAMPLES + 1
