"""Where the other planes cut a plane: lines in the planes' colours, and the borders of their slabs."""

from __future__ import annotations

from dataclasses import replace
from math import hypot
from typing import TYPE_CHECKING, Final

from noctis_tui.imaging.slices import cut
from noctis_tui.reading.marks import Stroke
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.sampling_grid import sampling_grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.reading.marks import Point
    from noctis_tui.reading.reconstruction.state import MprState

PLANE_COLORS: Final = {Plane.AXIAL: 3, Plane.CORONAL: 4, Plane.SAGITTAL: 8}
"""Overlay index of each plane: of its name, and of its line in the others."""


def crossing_lines(state: MprState, plane: Plane, seen: Slice, gap: float) -> tuple[Stroke, ...]:
    """Return the lines over a plane's picture.

    Parameters
    ----------
    state
        Where the planes are.
    plane, seen
        Whose picture it is, and its samples.
    gap
        The lines leave the crosshair free by so many mm on each side.
    """
    return tuple(
        stroke for other in Plane if other is not plane for stroke in _lines(state, other, seen, gap)
    )


def _lines(state: MprState, other: Plane, seen: Slice, gap: float) -> Iterator[Stroke]:
    color = PLANE_COLORS[other]
    line = cut(seen, sampling_grid(state.box, state.axes.of(other), state.crosshair_mm))
    if line is not None:
        cross = seen.plane.image_point(state.crosshair_mm)
        for part in _beside(line, cross, gap, seen):
            yield Stroke(part, color)
    if state.shown_slab_mm > 0:
        for side in (-0.5, 0.5):
            yield from _border(state, other, seen, side * state.shown_slab_mm, color)


def _border(state: MprState, other: Plane, seen: Slice, away_mm: float, color: int) -> Iterator[Stroke]:
    middle = sampling_grid(state.box, state.axes.of(other), state.crosshair_mm)
    line = cut(seen, _shifted(middle, away_mm))
    if line is not None:
        yield Stroke(line, color, dashed=True)


def _shifted(grid: Slice, away_mm: float) -> Slice:
    """Return the grid moved along its normal."""
    position, normal = grid.plane.position_mm, grid.plane.normal
    moved: Vector = (
        position[0] + normal[0] * away_mm,
        position[1] + normal[1] * away_mm,
        position[2] + normal[2] * away_mm,
    )
    return replace(grid, plane=replace(grid.plane, position_mm=moved))


def _beside(
    line: tuple[Point, Point], cross: Point, gap_mm: float, seen: Slice
) -> Iterator[tuple[Point, Point]]:
    """Give the two parts of a line that are farther than the gap from a point of it."""
    wide, high = seen.plane.column_spacing_mm, seen.plane.row_spacing_mm
    for end in line:
        across, down = end[0] - cross[0], end[1] - cross[1]
        length_mm = hypot(across * wide, down * high)
        if length_mm > gap_mm:
            share = gap_mm / length_mm
            yield (cross[0] + across * share, cross[1] + down * share), end
