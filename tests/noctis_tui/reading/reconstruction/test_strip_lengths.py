"""Lengths on pictures along curves, against a helix and a bent rod that are known."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from math import hypot, pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from volume_phantoms import Grid, helix, helix_point_mm, sampled_volume, sphere

from archive.pixels.voi_lut import Window
from noctis_tui.reading.reconstruction.curve_layout import CurveView, lay_out
from noctis_tui.reading.reconstruction.curve_picture import curve_picture
from noctis_tui.reading.reconstruction.lengths import Length, Lengths
from noctis_tui.reading.reconstruction.strip_lengths import (
    StripLengths,
    along_at,
    arc_at,
    image_point,
    inside,
    strip_marks,
    strip_point,
)
from noctis_tui.reading.viewport import OverlayLevel, ViewState

GRID = Grid((60, 64, 64), (1.0, 1.0, 1.0), first_mm=(-31.5, -31.5, -29.5))
HALF_VOXEL = 0.5
RADIUS, PITCH = 20.0, 24.0
BARE, WINDOW = ViewState(overlay=OverlayLevel.NONE), Window(500, 1000)
SIZES = [(500, 200), (200, 500), (90, 400)]


def helix_view(**more):
    places = helix_point_mm((0, 0, 0), RADIUS, PITCH, np.linspace(-0.7, 0.7, 24))
    return CurveView(tuple(map(tuple, places)), width_mm=24.0, **more)


def beads(places):
    """Balls of 3 mm at places."""
    fields = [sphere(place, 3.0) for place in places]
    return sampled_volume(
        GRID, lambda points: reduce(np.maximum, (field(points) for field in fields)), np.int16
    )


def seen_beads(volume, view, size):
    """Return where the beads are seen, as points of the strip in mm, in order along it."""
    layout = lay_out(view, size)
    strip = layout.strip
    pixels = curve_picture(volume, view, BARE, WINDOW, size).pixels
    part = pixels[strip.y : strip.y + strip.height, strip.x : strip.x + strip.width].astype(float)
    pieces, count = ndimage.label(part > 127)
    centers = ndimage.center_of_mass(part, pieces, range(1, count + 1))
    points = [(strip.x + across, strip.y + down) for down, across in centers]
    return sorted(strip_point(layout.grid, layout.grid_point(point)) for point in points)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("degrees", [0.0, 65.0])
def test_along_a_helix_a_length_is_that_of_its_arc(size, degrees):
    turns = np.array([-0.5, -0.1, 0.45])
    volume = beads(helix_point_mm((0, 0, 0), RADIUS, PITCH, turns))
    seen = seen_beads(volume, helix_view(rotation_degrees=degrees), size)
    arcs = np.diff(turns) * hypot(2 * pi * RADIUS, PITCH)
    measured = [Length(one, other).mm for one, other in pairwise(seen)]
    assert measured == pytest.approx(list(arcs), abs=HALF_VOXEL)
    assert [across for _, across, _ in seen] == pytest.approx([0, 0, 0], abs=HALF_VOXEL)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("is_stretched", [False, True])
def test_across_it_a_tube_is_as_thick_as_it_is(size, is_stretched):
    tube = helix((0, 0, 0), RADIUS, PITCH, 1.6, tube_mm=4.0)
    view = helix_view()
    layout = lay_out(view, size)
    pixels = curve_picture(sampled_volume(GRID, tube, np.int16), view, BARE, WINDOW, size).pixels
    strip = layout.strip
    part = pixels[strip.y : strip.y + strip.height, strip.x : strip.x + strip.width]
    rows = part.T if layout.is_lying else part  # along the curve
    thick = []
    for row in range(len(rows) // 4, 3 * len(rows) // 4, 5):
        bright = np.flatnonzero(rows[row] > 127)
        one, other = (
            strip_point(layout.grid, (column, row)) for column in (bright[0] - 0.5, bright[-1] + 0.5)
        )
        thick.append(Length(one, other).mm)
    assert np.median(thick) == pytest.approx(8.0, abs=HALF_VOXEL)


def arc_point(angle):
    """Return a point of a rod that is bent to half a circle in a coronal plane."""
    return RADIUS * np.cos(angle), 0.0, RADIUS * np.sin(angle) - 5


@pytest.mark.parametrize("size", SIZES)
def test_a_bent_rod_is_as_long_straightened_as_it_is_and_stretched_as_the_way_through_it(size):
    ends = 0.4, 2.5
    volume = beads([arc_point(angle) for angle in ends])
    points = tuple(arc_point(float(angle)) for angle in np.linspace(0.1, pi - 0.1, 16))
    arc, chord = RADIUS * (ends[1] - ends[0]), float(np.linalg.norm(np.subtract(*map(arc_point, ends))))
    straight = CurveView(points, width_mm=20.0)
    (one, other) = seen_beads(volume, straight, size)
    assert Length(one, other).mm == pytest.approx(arc, abs=HALF_VOXEL)
    found = []
    for degrees in (0.0, 90.0):
        view = CurveView(points, width_mm=20.0, rotation_degrees=degrees, is_stretched=True)
        (one, other) = seen_beads(volume, view, size)
        found.append(Length(one, other).mm)
    # Unrolled along the rod it is as long as its arc; seen from the side it is bent.
    assert sorted(found) == pytest.approx([chord, arc], abs=HALF_VOXEL)


@pytest.mark.parametrize("is_stretched", [False, True])
def test_a_length_does_not_change_when_more_is_shown_beside_the_curve(is_stretched):
    narrow = helix_view(is_stretched=is_stretched)
    wide = CurveView(narrow.points_mm, width_mm=48.0, is_stretched=is_stretched)
    point = 31.0, 4.0, 0.0
    there = [view.grid(0.5).patient_point(*image_point(view.grid(0.5), point)) for view in (narrow, wide)]
    assert there[0] == pytest.approx(there[1], abs=0.05)


@given(st.floats(-20, 400), st.floats(-60, 60), st.booleans(), st.sampled_from(SIZES))
def test_points_come_back_and_stay_inside(along, across, is_stretched, size):
    view = helix_view(is_stretched=is_stretched)
    layout = lay_out(view, size)
    point = inside(view, layout.grid, (along, across, 0.0))
    at = layout.screen_point(image_point(layout.grid, point))
    assert strip_point(layout.grid, layout.grid_point(at)) == pytest.approx(point, abs=1e-6)
    assert inside(view, layout.grid, point) == pytest.approx(point, abs=1e-9)
    assert along_at(view, layout.grid, arc_at(view, layout.grid, point[0])) == pytest.approx(
        point[0], abs=0.01
    )
    column, row = image_point(layout.grid, point)
    assert -1e-6 <= column <= layout.grid.columns - 1 + 1e-6
    assert -1e-6 <= row <= layout.grid.rows


def test_lengths_and_the_cross_are_drawn_with_their_mm():
    layout = lay_out(helix_view(), SIZES[0])
    lengths = Lengths().with_end((10.0, 0.0, 0.0)).with_end((13.0, 4.0, 0.0)).with_end((50.0, 0.0, 0.0))
    marks = tuple(strip_marks(StripLengths(lengths, (20.0, 0.0, 0.0)), layout, 16))
    assert [mark.text for mark in marks if hasattr(mark, "text")] == ["5.00 mm", "0.00 mm"]
    assert len(marks) == 2 * 4 + 4
