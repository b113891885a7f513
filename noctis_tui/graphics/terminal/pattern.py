"""A test pattern: what a terminal does to greys, colours and proportions, seen at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.picture import OUTLINE_INDEX, OVERLAY_COLORS, Label, Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS = 17
"""Greys from 0 to 255, 16 apart but for rounding: coarser displays make two of them alike."""

INSET = 13
"""Five per cent: a patch this much brighter than black, and one as much darker than white (SMPTE RP 133)."""

WAYS = 1.05
"""How far the circle's square reaches beyond it."""


def pattern(width_px: int, height_px: int) -> Picture:
    """Draw a ramp, steps with a patch in the first and the last, the overlay's colours, and a circle.

    Parameters
    ----------
    width_px, height_px
        Size of the picture, whose pixels are square.
    """
    pixels = np.zeros((height_px, width_px), np.uint8)
    overlay = np.zeros((height_px, width_px), np.uint8)
    side = min(height_px, width_px // 2)
    bands = slice(side + max(side // 12, 2), width_px)
    ramp_end, steps_end = round(height_px * 0.32), round(height_px * 0.74)
    pixels[: ramp_end - 1, bands] = _ramp(width_px - bands.start)
    pixels[ramp_end : steps_end - 1, bands] = _steps(steps_end - 1 - ramp_end, width_px - bands.start)
    overlay[steps_end:, bands] = _colors(width_px - bands.start)
    overlay[:side, :side] = _circle(side)
    return Picture(pixels, overlay, (Label("Label", "top-left"),))


def noise(width_px: int, height_px: int) -> Picture:
    """Draw what compresses about as badly as a slice of a CT: soft shapes under noise."""
    y, x = np.mgrid[:height_px, :width_px]
    shapes = 110 + 80 * np.sin(x / 47) * np.cos(y / 31)
    grain = np.random.default_rng(1).normal(0, 8, (height_px, width_px))
    return Picture(np.clip(shapes + grain, 0, 255).astype(np.uint8))


def _ramp(width: int) -> NDArray[np.uint8]:
    return np.linspace(0, 255, width).round().astype(np.uint8)


def _steps(height: int, width: int) -> NDArray[np.uint8]:
    number = np.arange(width) * STEPS // max(width, 1)
    greys = np.tile((number * 255 / (STEPS - 1)).round().astype(np.uint8), (height, 1))
    middle = slice(height // 4, height - height // 4)
    for step, grey in ((0, INSET), (STEPS - 1, 255 - INSET)):
        first, end = -(-step * width // STEPS), (step + 1) * width // STEPS
        quarter = (end - first) // 4
        greys[middle, first + quarter : end - quarter] = grey
    return greys


def _colors(width: int) -> NDArray[np.uint8]:
    shown = [index for index in range(1, len(OVERLAY_COLORS) + 1) if index != OUTLINE_INDEX]
    return np.array(shown, np.uint8)[np.arange(width) * len(shown) // max(width, 1)]


def _circle(side: int) -> NDArray[np.uint8]:
    centre, radius = (side - 1) / 2, side / WAYS / 2
    y, x = np.mgrid[:side, :side] - centre
    distance = np.hypot(x, y)
    width = max(side / 60, 1.0)
    ring = np.abs(distance - radius + width) <= width
    cross = (np.minimum(np.abs(x), np.abs(y)) < 0.6) & (distance < radius / 3)
    return np.where(ring, 3, np.where(cross, 2, 0)).astype(np.uint8)
