import pytest
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.imaging.patient_space import ImagePlane
from noctis_tui.imaging.slices import Slice
from noctis_tui.reading.linking import Scrolled, by_offset, by_position, by_share

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def stack(positions, index, space="1.2"):
    slices = tuple(Slice(ImagePlane((0.0, 0.0, float(z)), AXIAL, 1.0, 1.0), 8, 8, space) for z in positions)
    return Scrolled(len(slices), index, slices)


def test_position_needs_one_frame_of_reference():
    one = stack(range(10), 4)
    assert by_position(one, stack(range(0, 20, 2), 0)) == 2
    assert by_position(one, stack(range(10), 0, "1.3")) is None
    assert by_position(one, stack(range(10), 0, "")) is None
    assert by_position(one, Scrolled(10, 0)) is None


@given(st.integers(0, 29), st.integers(0, 29), st.integers(0, 9))
def test_an_offset_is_kept_in_mm_whatever_the_steps(begun, now, other):
    moved = stack(range(0, 90, 3), now)
    found = by_offset(moved, stack(range(0, 100, 10), other, "1.3"), (begun, other))
    wanted = other * 10 + 3 * (now - begun)
    nearest = min(range(10), key=lambda place: (abs(place * 10 - wanted), abs(place - other)))
    assert found == nearest


def test_an_offset_follows_the_patient_when_the_other_stack_runs_down():
    moved = stack(range(0, 50, 5), 6)
    assert by_offset(moved, stack(range(45, -5, -5), 5, "1.3"), (4, 5)) == 3


@given(st.integers(1, 200), st.integers(1, 200), st.data())
def test_without_places_an_offset_is_counted_in_frames_and_the_ends_hold(count, others, data):
    index, begun = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, count - 1))
    other = data.draw(st.integers(0, others - 1))
    found = by_offset(Scrolled(count, index), Scrolled(others, 0), (begun, other))
    assert found == min(max(other + index - begun, 0), others - 1)


@given(st.integers(2, 300), st.integers(1, 300))
def test_shares_bring_the_ends_together(count, others):
    assert by_share(Scrolled(count, 0), Scrolled(others, 0)) == 0
    assert by_share(Scrolled(count, count - 1), Scrolled(others, 0)) == others - 1


@pytest.mark.parametrize(("index", "place"), [(0, 19), (9, 0), (3, 13)])
def test_shares_are_counted_from_the_same_side_of_the_patient(index, place):
    assert by_share(stack(range(10), index), stack(range(40, 0, -2), 0, "1.3")) == place
