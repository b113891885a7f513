import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reconstruction_states import planes, states
from volume_phantoms import CORONAL, Grid, sampled_volume

from archive.pixels.voi_lut import Window
from noctis_tui.imaging.slices import distance_mm
from noctis_tui.reading.marks import Handle, Note, Stroke
from noctis_tui.reading.reconstruction.length_marks import length_marks
from noctis_tui.reading.reconstruction.lengths import Length, Lengths
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.plane_picture import plane_picture
from noctis_tui.reading.reconstruction.plane_placement import point_under
from noctis_tui.reading.reconstruction.plane_sampling import PlaneSampling
from noctis_tui.reading.reconstruction.sampling_grid import sampling_grid
from noctis_tui.reading.reconstruction.state import MprState
from noctis_tui.reading.reconstruction.volume_box import VolumeBox
from noctis_tui.reading.viewport import OverlayLevel

A, B, C = (0.0, 0.0, 0.0), (3.0, 4.0, 0.0), (3.0, 4.0, 12.0)
SIZE = 300, 260
points = st.tuples(*[st.floats(-500, 500)] * 3)


def test_two_ends_make_a_length_and_one_point_makes_none():
    begun = Lengths().with_end(A)
    assert begun.drawn == ()
    assert begun.followed(B).latest.mm == 5
    assert begun.with_end(A) == begun
    assert begun.with_end(B).drawn == (Length(A, B),)
    assert begun.given_up() == Lengths()
    assert begun.with_end(C).latest.mm == 13


def test_ends_are_chosen_moved_and_taken_away():
    two = Lengths().with_end(A).with_end(B).with_end(B).with_end(C)
    assert two.chosen_end_mm == C
    assert two.with_next_end(1).chosen_end_mm == A
    assert two.with_next_end(-1).chosen_end_mm == B
    assert two.moved(A).drawn == (Length(A, B), Length(B, A))
    assert two.moved(B) == two  # onto its other end
    assert two.without_chosen().drawn == (Length(A, B),)
    assert two.without_chosen().without_chosen() == Lengths()
    assert two.taken_hold(0) == Lengths((Length(B, C),), Length(B, A))
    assert Lengths().with_next_end(1).moved(A).without_chosen() == Lengths()


@given(st.lists(st.tuples(st.integers(0, 6), points), max_size=20))
def test_the_chosen_end_is_always_one_that_there_is(steps):
    lengths = Lengths()
    for step, point in steps:
        moves = (
            lengths.with_end,
            lengths.followed,
            lengths.moved,
            lambda _, held=lengths: held.given_up(),
            lambda _, held=lengths: held.without_chosen(),
            lambda _, held=lengths: held.with_next_end(1),
            lambda _, held=lengths: held.taken_hold(0) if held.drawn and not held.being_drawn else held,
        )
        lengths = moves[step](point)
        assert lengths.chosen is None or 0 <= lengths.chosen < 2 * len(lengths.drawn)
        assert all(length.mm > 0 for length in lengths.drawn)


@given(states(), planes, st.tuples(st.floats(0, 300), st.floats(0, 260)), st.floats(0.2, 4))
@settings(max_examples=60)
def test_a_length_is_shown_in_its_plane_and_left_out_beyond(state, plane, spot, voxels):
    start, end = (point_under(state, plane, at, SIZE) for at in (spot, (150.0, 130.0)))
    lengths = Lengths((Length(start, end),))
    seen = sampling_grid(state.box, state.axes.of(plane), state.crosshair_mm)
    kinds = [type(mark) for mark in length_marks(lengths, seen, state.reach_mm(plane))]
    assert kinds == [Stroke, Handle, Handle, Note]
    normal = state.axes.normal(plane)
    far = tuple(np.add(end, np.multiply(normal, state.reach_mm(plane) * 1.01 + voxels)))
    beyond = Lengths((Length(start, far),))
    assert length_marks(beyond, seen, state.reach_mm(plane)) == ()
    chosen = length_marks(beyond.with_next_end(1), seen, state.reach_mm(plane))
    assert [type(mark) for mark in chosen] == [Stroke, Handle, Handle]
    assert chosen[0].dashed
    assert abs(distance_mm(seen.plane, end)) < 1e-3


@pytest.fixture(scope="module")
def ball():
    """A ball of 20 mm radius, with a soft border, in an anisotropic volume whose slices are coronal."""
    grid = Grid((24, 60, 50), (3.0, 1.0, 1.2), CORONAL, (-30, -34, 30))

    def soft(points_mm):
        return 500 + 50 * (20 - np.linalg.norm(points_mm - grid.center_mm, axis=-1))

    return sampled_volume(grid, soft), grid


@pytest.mark.parametrize("plane", list(Plane))
@pytest.mark.parametrize("turns", [(0, 0, 0), (30, 0, 0), (0, 25, 0), (40, -35, 20)])
@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_a_ball_measures_what_it_is_on_any_plane(ball, plane, turns, zoom):
    volume, grid = ball
    state = MprState.of(VolumeBox.of(volume)).at(tuple(grid.center_mm.tolist()))
    state = state.with_view(state.view.with_overlay(OverlayLevel.NONE))
    for name, turn in zip(("spun", "tilted", "swung"), turns, strict=True):
        for each in (Plane.AXIAL, Plane.SAGITTAL):
            state = getattr(state, name)(each, turn)
    state = state.zoomed_by(plane, zoom)
    sampled = PlaneSampling(volume).sampled(state, plane)
    pixels = plane_picture(sampled, state, plane, Window(500, 1000, "LINEAR_EXACT"), SIZE).pixels
    off_mm = state.distance_mm(plane, tuple(grid.center_mm.tolist()))
    truth = 2 * np.sqrt(20**2 - off_mm**2)
    rows, columns = np.nonzero(pixels > 127)
    middle = (rows.min() + rows.max()) // 2, (columns.min() + columns.max()) // 2
    across = np.flatnonzero(pixels[middle[0]] > 127)
    down = np.flatnonzero(pixels[:, middle[1]] > 127)
    for ends, spot in ((across, lambda at: (at, middle[0] + 0.5)), (down, lambda at: (middle[1] + 0.5, at))):
        start, end = (point_under(state, plane, spot(at), SIZE) for at in (ends[0], ends[-1] + 1))
        drawn = Lengths().with_end(start).with_end(end).drawn[0]
        along = np.subtract(end, start) / drawn.mm
        voxel = state.box.step_mm(tuple(along.tolist()))
        assert drawn.mm == pytest.approx(truth, abs=voxel / 2)
