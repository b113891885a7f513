"""Display values laid down in a pane: crop, turn, resize; the only place where pixels are interpolated."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from noctis_tui.reading.placement import Placement

PIXELS_SEEN_SINGLY = 12.0
"""From this many screen pixels an image pixel on, pixels are drawn as the squares that they are."""
_FILTER_MARGIN = 4
_ROUNDING = 1e-6

Box = tuple[int, int, int, int]


def resample(
    stored: NDArray[np.generic],
    to_display: Callable[[NDArray[np.generic]], NDArray[np.uint8]],
    placement: Placement,
    width_px: int,
    height_px: int,
) -> NDArray[np.uint8]:
    """Return the pane, `[height_px, width_px]` or `[..., 3]`, black beside the image.

    `to_display` windows the stored values; it sees only the part of the image that is visible.
    """
    target = _target_box(placement, width_px, height_px)
    if target is None:
        empty = to_display(stored[:1, :1])
        return np.zeros((height_px, width_px, *empty.shape[2:]), np.uint8)
    source = _source_box(placement, target)
    part, box = _visible_part(stored, source, placement)
    drawn = _resize(
        _turned(to_display(part), placement), _turned_box(box, part.shape, placement), target, placement
    )
    if drawn.shape[:2] == (height_px, width_px):
        return drawn
    pane = np.zeros((height_px, width_px, *drawn.shape[2:]), np.uint8)
    left, top, right, bottom = target
    pane[top:bottom, left:right] = drawn
    return pane


def _target_box(placement: Placement, width_px: int, height_px: int) -> Box | None:
    """Return the screen pixels that lie wholly within both the pane and the image."""
    left, top, right, bottom = placement.screen_box()
    box = (
        max(ceil(left - _ROUNDING), 0),
        max(ceil(top - _ROUNDING), 0),
        min(max(floor(right + _ROUNDING), ceil(left - _ROUNDING) + 1), width_px),
        min(max(floor(bottom + _ROUNDING), ceil(top - _ROUNDING) + 1), height_px),
    )
    return box if box[0] < box[2] and box[1] < box[3] else None


def _source_box(placement: Placement, target: Box) -> tuple[float, float, float, float]:
    """Return the part of the image, in image points, that fills the target exactly."""
    a, b = placement.image_point(target[0], target[1]), placement.image_point(target[2], target[3])
    columns, rows = placement.shape.columns, placement.shape.rows
    return (
        _within(min(a[0], b[0]), columns),
        _within(min(a[1], b[1]), rows),
        _within(max(a[0], b[0]), columns),
        _within(max(a[1], b[1]), rows),
    )


def _visible_part(
    stored: NDArray[np.generic], source: tuple[float, float, float, float], placement: Placement
) -> tuple[NDArray[np.generic], tuple[float, float, float, float]]:
    """Cut out what is visible, with a margin for the filter, and say where the source lies in it."""
    margin = _FILTER_MARGIN + ceil(2 / max(placement.scale, 0.01))
    left, top = max(floor(source[0]) - margin, 0), max(floor(source[1]) - margin, 0)
    right, bottom = ceil(source[2]) + margin, ceil(source[3]) + margin
    box = (source[0] - left, source[1] - top, source[2] - left, source[3] - top)
    return stored[top:bottom, left:right], box


def _turned(display: NDArray[np.uint8], placement: Placement) -> NDArray[np.uint8]:
    """Lay the pixels down as the placement says; views only, no copy."""
    turned = display
    if placement.on_its_side:
        turned = turned.swapaxes(0, 1)
    across, down = placement.directions
    return turned[:: 1 if down > 0 else -1, :: 1 if across > 0 else -1]


def _turned_box(
    box: tuple[float, float, float, float], shape: tuple[int, ...], placement: Placement
) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    rows, columns = shape[:2]
    if placement.on_its_side:
        left, top, right, bottom = top, left, bottom, right
        rows, columns = columns, rows
    across, down = placement.directions
    if across < 0:
        left, right = columns - right, columns - left
    if down < 0:
        top, bottom = rows - bottom, rows - top
    return left, top, right, bottom


def _resize(
    display: NDArray[np.uint8], box: tuple[float, float, float, float], target: Box, placement: Placement
) -> NDArray[np.uint8]:
    size = target[2] - target[0], target[3] - target[1]
    box = tuple(_near_whole(value) for value in box)  # type: ignore[assignment]
    if _is_copy(box, size):
        left, top = int(box[0]), int(box[1])
        return np.ascontiguousarray(display[top : top + size[1], left : left + size[0]])
    image = Image.fromarray(np.ascontiguousarray(display))
    return np.asarray(image.resize(size, _filter_for(placement), box=box))


def _filter_for(placement: Placement) -> Image.Resampling:
    if placement.scale >= PIXELS_SEEN_SINGLY:
        return Image.Resampling.NEAREST
    # Enlarging: cubic keeps edges without blocks. Reducing: Hamming averages all pixels and does not ring.
    return Image.Resampling.BICUBIC if placement.scale >= 1 else Image.Resampling.HAMMING


def _is_copy(box: tuple[float, float, float, float], size: tuple[int, int]) -> bool:
    return all(value == int(value) for value in box) and (box[2] - box[0], box[3] - box[1]) == size


def _near_whole(value: float) -> float:
    return float(round(value)) if abs(value - round(value)) < _ROUNDING else value


def _within(value: float, limit: int) -> float:
    return min(max(value, 0.0), float(limit))
