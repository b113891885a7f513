"""What stands at the edges of pictures of volumes: the sides of the patient, and the scale."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.picture import OUTLINE_INDEX, Label
from noctis_tui.imaging.patient_space import letters_of_orientation
from noctis_tui.reading.overlay import ACTIVE_INDEX
from noctis_tui.reading.scale_bar import draw_scale_bar, scale_bar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from noctis_tui.graphics.picture import Anchor
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.reading.marks import Point, Stroke
    from noctis_tui.reading.placement import Placement
    from noctis_tui.reading.scale_bar import ScaleBar

_BESIDE_BAR_LINES = 4.0
_LETTER_LINES, _BAR_LINES = 1.3, 3.4
"""So many lines of text the letters take at each edge, and the letter with the scale above it."""
_LEAST_LINES = 14
"""Panes of fewer lines let lines run through the scale."""


def edge_labels(grid: Slice, bar: ScaleBar | None) -> tuple[Label, ...]:
    """Return the letters of the patient's sides, and the length of the scale."""
    letters = letters_of_orientation(grid.plane.orientation)
    sides: tuple[tuple[str, Anchor], ...] = (
        (letters.left, "left"),
        (letters.right, "right"),
        (letters.top, "top"),
        (letters.bottom, "bottom"),
        (bar.text if bar is not None else "", "bottom"),
    )
    return tuple(Label(text, anchor, ACTIVE_INDEX) for text, anchor in sides if text)


def scale_of(grid: Slice, placement: Placement, size_px: tuple[int, int], line_px: int) -> ScaleBar | None:
    """Return the scale of a picture of `size_px` (width, height) whose lines are `line_px` high."""
    spacing = grid.plane.row_spacing_mm, grid.plane.column_spacing_mm
    return scale_bar(placement, spacing, size_px[0], line_px * _BESIDE_BAR_LINES)


def scale_drawn(
    bar: ScaleBar | None, grid: Slice, size_px: tuple[int, int], line_px: int
) -> NDArray[np.uint8] | None:
    """Return the scale as overlay indices [rows, columns]; None where there is none."""
    if bar is None:
        return None
    marks = np.zeros((size_px[1], size_px[0]), np.uint8)
    below = 2 if letters_of_orientation(grid.plane.orientation).bottom else 1
    baseline = size_px[1] - below * line_px - max(line_px // 2, 1)
    draw_scale_bar(marks, bar, baseline, max(line_px // 2, 1), ACTIVE_INDEX, OUTLINE_INDEX)
    return marks


def clear_of_letters(
    strokes: Iterable[Stroke], placement: Placement, size_px: tuple[int, int], line_px: int
) -> Iterator[Stroke]:
    """Give straight lines as far as they leave what is written at the edges of a picture free."""
    width, height = size_px
    near = _LETTER_LINES * line_px
    below = (_BAR_LINES if height >= _LEAST_LINES * line_px else _LETTER_LINES) * line_px
    low, high = placement.image_point(near, near), placement.image_point(width - near, height - below)
    for stroke in strokes:
        ends = _within(stroke.points[0], stroke.points[-1], low, high)
        if ends is not None:
            yield replace(stroke, points=ends)


def _within(start: Point, end: Point, low: Point, high: Point) -> tuple[Point, Point] | None:
    """Return the part of a line between two corners (Liang and Barsky, ACM TOG 3(1), 1984); None outside."""
    first, last = 0.0, 1.0
    for a, b, least, most in zip(start, end, low, high, strict=True):
        for step, room in ((a - b, a - least), (b - a, most - a)):
            if step == 0 and room < 0:
                return None
            if step < 0:
                first = max(first, room / step)
            elif step > 0:
                last = min(last, room / step)
    if first >= last:
        return None
    across, down = end[0] - start[0], end[1] - start[1]
    one, other = ((start[0] + across * share, start[1] + down * share) for share in (first, last))
    return one, other
