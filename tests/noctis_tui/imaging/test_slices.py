"""Where slices cut each other, against points computed in another way (numpy, least squares)."""

from itertools import product
from math import cos, radians, sin

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from noctis_tui.imaging.patient_space import ImagePlane
from noctis_tui.imaging.slices import (
    Slice,
    cut,
    distance_mm,
    nearest_beside,
    nearest_to_point,
    outermost,
    run_side_by_side,
)

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def tilted(degrees):
    """Return an axial slice's directions after the gantry was tilted about the x axis."""
    return (1.0, 0.0, 0.0, 0.0, cos(radians(degrees)), sin(radians(degrees)))


def lying(orientation, position, size=(100, 120), spacing=(1.0, 1.0)):
    return Slice(ImagePlane(position, orientation, *spacing), *size, "1.2.3")


@st.composite
def slices(draw):
    """Any slice: any rotation, position, anisotropic spacing and size."""
    matrix = np.array([[draw(st.floats(-1, 1)) for _ in range(3)] for _ in range(2)])
    assume(np.linalg.norm(matrix[0]) > 0.1)
    row = matrix[0] / np.linalg.norm(matrix[0])
    column = matrix[1] - row * (matrix[1] @ row)
    assume(np.linalg.norm(column) > 0.1)
    column /= np.linalg.norm(column)
    position = tuple(draw(st.floats(-200, 200)) for _ in range(3))
    spacing = draw(st.floats(0.3, 4)), draw(st.floats(0.3, 4))
    size = draw(st.integers(2, 300)), draw(st.integers(2, 300))
    return Slice(ImagePlane(position, (*map(float, row), *map(float, column)), *spacing), *size, "1.2.3")


def reaches(seen, point, slack=1e-6):
    column, row = point
    return -0.5 - slack <= column <= seen.columns - 0.5 + slack and -0.5 - slack <= row <= (
        seen.rows - 0.5 + slack
    )


@given(slices(), slices())
def test_both_ends_lie_in_both_slices(seen, other):
    line = cut(seen, other)
    if line is None:
        return
    for end in line:
        assert reaches(seen, end)
        point = seen.plane.patient_point(*end)
        assert distance_mm(other.plane, point) == pytest.approx(0, abs=1e-6)
        assert reaches(other, other.plane.image_point(point), slack=1e-5)


@given(slices(), slices())
def test_the_line_is_the_same_whichever_of_the_two_is_seen(one, other):
    there, back = cut(one, other), cut(other, one)
    assert (there is None) == (back is None) or _touches_an_edge(one, there or back, other)
    if there and back:
        a = np.array([one.plane.patient_point(*end) for end in there])
        b = np.array([other.plane.patient_point(*end) for end in back])
        assert min(np.abs(a - b).max(), np.abs(a - b[::-1]).max()) < 1e-5


def _touches_an_edge(one, line, other):
    """Tell whether a line is so short that rounding decides whether there is one."""
    a, b = (np.array(plane_point) for plane_point in line)
    return np.abs(a - b).max() < 1e-5


@given(slices(), slices(), st.floats(0, 1), st.floats(0, 1))
def test_where_a_point_of_both_is_there_is_a_line_through_it(seen, other, u, v):
    assume(not run_side_by_side(seen.plane, other.plane))
    column, row = u * (seen.columns - 1), v * (seen.rows - 1)
    meeting = np.array(seen.plane.patient_point(column, row))
    middle = np.array(other.center_mm)
    moved = tuple(float(part) for part in np.array(other.plane.position_mm) + meeting - middle)
    plane = ImagePlane(
        moved, other.plane.orientation, other.plane.row_spacing_mm, other.plane.column_spacing_mm
    )
    line = cut(seen, Slice(plane, other.rows, other.columns))
    assert line is not None
    (ax, ay), (bx, by) = line
    off = (bx - ax) * (row - ay) - (by - ay) * (column - ax)
    assert abs(off) / np.hypot(bx - ax, by - ay) < 1e-5


def test_a_sagittal_slice_cuts_an_axial_one_in_a_line_from_front_to_back():
    axial = lying(AXIAL, (-60.0, -50.0, 10.0))
    sagittal = lying(SAGITTAL, (20.0, -50.0, 60.0))
    assert sorted(cut(axial, sagittal)) == [pytest.approx((80.0, -0.5)), pytest.approx((80.0, 99.5))]
    assert sorted(cut(sagittal, axial)) == [pytest.approx((-0.5, 50.0)), pytest.approx((99.5, 50.0))]


def test_a_tilted_gantry_draws_a_slanted_line_on_the_sagittal_scout():
    scout = lying(SAGITTAL, (0.0, -100.0, 100.0), size=(200, 200))
    head = lying(tilted(-18.5), (-60.0, -80.0, 20.0), size=(160, 120))
    (ax, ay), (bx, by) = cut(scout, head)
    assert (by - ay) / (bx - ax) == pytest.approx(-np.tan(radians(-18.5)))


def test_a_slice_that_does_not_reach_the_other_leaves_no_line():
    axial = lying(AXIAL, (-60.0, -50.0, 10.0))
    assert cut(axial, lying(SAGITTAL, (70.0, -50.0, 60.0))) is None
    assert cut(axial, lying(SAGITTAL, (20.0, -50.0, 300.0))) is None


def test_slices_side_by_side_cut_in_no_line_and_scroll_together():
    axial = lying(AXIAL, (0.0, 0.0, 0.0))
    upside_down = lying((1.0, 0.0, 0.0, 0.0, -1.0, 0.0), (0.0, 99.0, 4.0))
    assert run_side_by_side(axial.plane, upside_down.plane)
    assert cut(axial, upside_down) is None
    assert run_side_by_side(axial.plane, lying(tilted(14), (0.0, 0.0, 0.0)).plane)
    assert not run_side_by_side(axial.plane, lying(tilted(16), (0.0, 0.0, 0.0)).plane)
    assert not run_side_by_side(axial.plane, lying(CORONAL, (0.0, 0.0, 0.0)).plane)


@given(st.lists(st.floats(-500, 500), min_size=1, max_size=40), st.floats(-500, 500))
def test_nearest_beside_is_the_nearest_position(positions, z):
    stack = [lying(AXIAL, (0.0, 0.0, position)) for position in positions]
    found = nearest_beside(stack, lying(AXIAL, (5.0, 5.0, z)), 0)
    assert abs(positions[found] - z) <= min(abs(position - z) for position in positions) + 2e-3


@pytest.mark.parametrize("orientation", [AXIAL, CORONAL, SAGITTAL, tilted(-18.5)])
def test_stacks_that_run_the_other_way_meet_at_the_same_place(orientation):
    plane = ImagePlane((3.0, -7.0, 11.0), orientation, 0.8, 0.6)
    normal = plane.normal
    at = [tuple(p + step * n for p, n in zip(plane.position_mm, normal, strict=True)) for step in range(20)]
    forward = [lying(orientation, position) for position in at]
    row, column = orientation[:3], orientation[3:]
    turned = (*row, *(-part for part in column))
    backward = [lying(turned, position) for position in reversed(at)]
    for place, seen in enumerate(forward):
        assert nearest_beside(backward, seen, 0) == 19 - place


def test_of_slices_at_one_position_the_nearest_in_the_stack_wins():
    stack = [lying(AXIAL, (0.0, 0.0, z)) for _, z in product(range(3), (0.0, 5.0, 10.0))]
    assert nearest_beside(stack, lying(AXIAL, (0.0, 0.0, 5.2)), 5) == 4
    assert nearest_beside(stack, lying(AXIAL, (0.0, 0.0, 5.2)), 8) == 7
    assert nearest_to_point(stack, (1.0, 2.0, 9.0), 3) in {2, 5}


def test_an_offset_goes_along_the_normal_of_what_is_seen():
    stack = [lying(AXIAL, (0.0, 0.0, float(z))) for z in range(20)]
    assert nearest_beside(stack, lying(AXIAL, (0.0, 0.0, 5.0)), 0, toward_mm=7.0) == 12


def test_what_is_unknown_or_turned_is_passed_over():
    stack = [None, lying(CORONAL, (0.0, 0.0, 5.0)), lying(AXIAL, (0.0, 0.0, 50.0))]
    assert nearest_beside(stack, lying(AXIAL, (0.0, 0.0, 5.0)), 0) == 2
    assert nearest_beside(stack[:2], lying(AXIAL, (0.0, 0.0, 5.0)), 0) is None
    assert nearest_to_point([None], (0.0, 0.0, 0.0), 0) is None


def test_the_outermost_slices_are_those_of_the_run_in_view():
    run = [lying(SAGITTAL, (float(x), 0.0, 0.0)) for x in (10, -20, 30)]
    stack = [lying(AXIAL, (0.0, 0.0, 0.0)), *run]
    assert {each.plane.position_mm[0] for each in outermost(stack, run[0])} == {-20.0, 30.0}
    assert outermost(stack, stack[0]) == ()


def test_only_a_named_frame_of_reference_is_shared():
    plane = ImagePlane((0.0, 0.0, 0.0), AXIAL, 1.0, 1.0)
    assert Slice(plane, 2, 2, "1.2").shares_space_with(Slice(plane, 2, 2, "1.2"))
    assert not Slice(plane, 2, 2, "1.2").shares_space_with(Slice(plane, 2, 2, "1.3"))
    assert not Slice(plane, 2, 2, "").shares_space_with(Slice(plane, 2, 2, ""))
