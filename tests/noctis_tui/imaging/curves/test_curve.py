"""Curves through points: their length, their directions, and that they do not twist."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from volume_phantoms import helix_point_mm

from archive.errors import BadInput
from noctis_tui.imaging.curves.curve import MAXIMUM_POINTS, curve_through

COORDINATE = st.floats(-500, 500).map(lambda value: round(value, 3))
POINTS = st.lists(st.tuples(COORDINATE, COORDINATE, COORDINATE), min_size=2, max_size=12)


def arc(radius, degrees, count):
    angles = np.radians(np.linspace(0, degrees, count))
    return np.stack([radius * np.cos(angles), radius * np.sin(angles), np.zeros(count)], axis=1)


def usable(points):
    assume(max(np.linalg.norm(np.diff(np.array(points), axis=0), axis=1)) > 0.01)
    return curve_through(points)


def test_two_points_are_a_line():
    curve = curve_through([(1, 2, 3), (1, 2, 103)])
    assert curve.length_mm == pytest.approx(100)
    assert np.allclose(curve.positions_mm([0, 25, 100]), [(1, 2, 3), (1, 2, 28), (1, 2, 103)])
    assert np.allclose(curve.tangents([0, 60]), (0, 0, 1))
    assert np.allclose(curve.sides([0, 60]), (1, 0, 0))  # to the patient's left


@pytest.mark.parametrize(("radius", "pitch", "turns", "count"), [(30, 40, 2, 25), (60, 10, 1.5, 15)])
def test_a_helix_is_as_long_as_it_is(radius, pitch, turns, count):
    points = helix_point_mm((10, -20, 30), radius, pitch, np.linspace(-turns / 2, turns / 2, count))
    curve = curve_through(points)
    assert curve.length_mm == pytest.approx(turns * np.hypot(2 * np.pi * radius, pitch), rel=1e-3)
    assert np.allclose(curve.positions_mm(curve.point_arc_lengths_mm), points)


def test_equal_steps_of_arc_length_are_equally_long():
    points = [(0, 0, 0), (1, 0, 0), (40, 9, 0), (41, 9, 5), (90, -30, 60)]  # unequal pieces
    curve = curve_through(points)
    places = curve.positions_mm(np.linspace(0, curve.length_mm, 50_000))
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert steps.sum() == pytest.approx(curve.length_mm, rel=1e-5)
    assert np.abs(steps / steps.mean() - 1).max() < 0.02


def test_a_point_set_twice_counts_once():
    once = curve_through([(0, 0, 0), (10, 5, 0), (30, 0, 0)])
    twice = curve_through([(0, 0, 0), (0, 0, 0), (10, 5, 0), (10, 5, 0.0005), (30, 0, 0), (30, 0, 0)])
    assert twice.length_mm == once.length_mm
    assert len(twice.points_mm) == 3


def test_there_and_back_is_a_curve_too():
    curve = curve_through([(0, 0, 0), (0, 0, 50), (0, 0, 0)])
    assert curve.length_mm >= 100
    positions, tangents, sides = curve.frames(np.linspace(0, curve.length_mm, 101))
    assert np.isfinite([positions, tangents, sides]).all()


@pytest.mark.parametrize(
    "points",
    [[], [(0, 0, 0)], [(1, 1, 1)] * 5, [(0, 0, float("nan")), (1, 0, 0)], [(0, 0, 0), (float("inf"), 0, 0)]],
)
def test_what_is_no_curve_is_refused(points):
    with pytest.raises(BadInput):
        curve_through(points)


def test_curves_of_endlessly_many_points_are_refused():
    with pytest.raises(BadInput, match=str(MAXIMUM_POINTS)):
        curve_through(np.random.default_rng(1).normal(size=(MAXIMUM_POINTS + 1, 3)))


@settings(deadline=None, max_examples=60)
@given(POINTS)
def test_frames_are_orthonormal(points):
    curve = usable(points)
    _, tangents, sides = curve.frames(np.linspace(0, curve.length_mm, 50))
    assert np.allclose(np.linalg.norm(tangents, axis=1), 1)
    assert np.allclose(np.linalg.norm(sides, axis=1), 1)
    assert np.allclose(np.sum(tangents * sides, axis=1), 0, atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(-20, 20)), min_size=2, max_size=8),
    st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1)),
)
def test_frames_of_a_planar_curve_do_not_twist(steps, normal):
    """Whatever the plane: the angle between side and plane stays as it was at the start."""
    normal = np.array(normal)
    assume(np.linalg.norm(normal) > 0.1)
    normal /= np.linalg.norm(normal)
    along = np.cross(normal, np.eye(3)[np.abs(normal).argmin()])
    along /= np.linalg.norm(along)
    flat = np.cumsum([(0, 0), *steps], axis=0)
    curve = curve_through(flat[:, :1] * along + flat[:, 1:] * np.cross(normal, along))
    out_of_plane = curve.sides(np.linspace(0, curve.length_mm, 80)) @ normal
    assert np.allclose(out_of_plane, out_of_plane[0], atol=1e-6)


def test_sides_turn_about_a_helix_as_its_torsion_says():
    """Against Frenet's normal, which looks at the axis, it lags by torsion * arc length (Bishop, 1975)."""
    radius, pitch = 30.0, 40.0
    curve = curve_through(helix_point_mm((0, 0, 0), radius, pitch, np.linspace(-1, 1, 60)))
    lengths = np.linspace(0.1, 0.9, 9) * curve.length_mm
    positions, tangents, sides = curve.frames(lengths)
    inward = -positions * (1, 1, 0) / np.hypot(positions[:, 0], positions[:, 1])[:, None]
    angles = np.unwrap(
        np.arctan2(np.sum(np.cross(tangents, inward) * sides, axis=1), np.sum(inward * sides, axis=1))
    )
    rise = pitch / (2 * np.pi)
    torsion = rise / (radius**2 + rise**2)
    assert np.diff(angles) == pytest.approx(-torsion * np.diff(lengths), rel=5e-3)


def test_sides_do_not_depend_on_where_else_they_are_asked_for():
    curve = curve_through([(0, 0, 0), (20, 10, 5), (30, -10, 40), (80, 0, 0)])
    many = curve.sides(np.linspace(0, curve.length_mm, 301))
    assert np.allclose(curve.sides(curve.length_mm / 2), many[150], atol=1e-5)
    assert np.allclose(curve.sides(np.linspace(0, curve.length_mm, 4))[1], many[100], atol=1e-5)


def test_the_nearest_place_of_a_curve():
    curve = curve_through(arc(100, 180, 9))
    assert curve.nearest_arc_length_mm((0, 150, 7)) == pytest.approx(curve.length_mm / 2, abs=1e-3)
    assert curve.nearest_arc_length_mm((200, -50, 0)) == pytest.approx(0, abs=1e-3)
