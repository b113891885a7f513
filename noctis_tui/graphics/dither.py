"""From display values to the few colours of a sixel palette, with the error spread where eyes miss it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.blue_noise import thresholds
from noctis_tui.graphics.labels import overlay_rgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.graphics.picture import Picture

CUBE_LEVELS = ((6, 7, 5), (4, 5, 3), (3, 3, 2), (2, 2, 2))
"""Levels of red, green and blue; the first cube that leaves room for the overlay and some greys is taken."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A picture in palette indices.

    Attributes
    ----------
    indices
        uint8 [rows, columns], into `percents`.
    percents
        The palette, uint8 [colors, 3]: red, green and blue as a sixel colour states them, 0-100 %.
    """

    indices: NDArray[np.uint8]
    percents: NDArray[np.uint8]


def index_picture(picture: Picture, greys: int, registers: int) -> Indexed:
    """Choose the palette and give every pixel its index: greys or colour cube first, then the overlay.

    Parameters
    ----------
    picture
        Without labels (`labels.draw_labels`).
    greys
        How many greys a grey picture may use, 2-101.
    registers
        How many colours the terminal takes, at least 16.
    """
    used = _used_overlay(picture.overlay)
    room = min(registers, 256) - min(len(used), registers // 2)
    indexed = (
        _index_color(picture.pixels, room)
        if picture.is_color
        else _index_grey(picture.pixels, min(greys, room))
    )
    return _with_overlay(indexed, picture.overlay, used, min(registers, 256))


def _used_overlay(overlay: NDArray[np.uint8] | None) -> list[int]:
    if overlay is None:
        return []
    counts = np.bincount(overlay.ravel(), minlength=256)
    used = [int(index) for index in np.flatnonzero(counts) if index]
    return sorted(used, key=lambda index: (index >> 4, index))  # pure colours before their shades


def _with_overlay(
    indexed: Indexed, overlay: NDArray[np.uint8] | None, used: list[int], registers: int
) -> Indexed:
    if overlay is None or not used:
        return indexed
    colors = np.array([overlay_rgb(index) for index in used])
    wanted = np.rint(colors * 100 / 255).astype(np.uint8)
    own = registers - len(indexed.percents)
    percents = np.concatenate([indexed.percents, wanted[:own]])
    # Colours beyond what the terminal has room for take the nearest that it has.
    distances = np.abs(wanted[:, None].astype(int) - percents[None].astype(int)).sum(axis=2)
    index_of = np.zeros(256, np.uint8)
    index_of[used] = distances.argmin(axis=1)
    return Indexed(np.where(overlay != 0, index_of[overlay], indexed.indices), percents)


def _index_grey(pixels: NDArray[np.uint8], greys: int) -> Indexed:
    lower, chance, percents = _grey_steps(greys)
    noise = thresholds(*pixels.shape)
    indices = lower[pixels] + (chance[pixels] > noise)
    return Indexed(indices, np.repeat(percents[:, None], 3, axis=1))


@lru_cache(maxsize=16)
def _grey_steps(levels: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """For each display value the level below, the chance (0-255) of the one above; the levels in percent."""
    percents = np.rint(np.linspace(0, 100, levels)).astype(np.uint8)
    shown = percents * 2.55
    values = np.arange(256)
    lower = np.clip(np.searchsorted(shown, values, side="right") - 1, 0, levels - 2)
    chance = (values - shown[lower]) / (shown[lower + 1] - shown[lower])
    return lower.astype(np.uint8), np.rint(np.clip(chance, 0, 1) * 255).astype(np.uint8), percents


def _index_color(pixels: NDArray[np.uint8], room: int) -> Indexed:
    levels = next(cube for cube in CUBE_LEVELS if np.prod(cube) <= room)
    cube = np.zeros(pixels.shape[:2], np.uint8)
    steps = [_grey_steps(count) for count in levels]
    for channel, (count, (lower, chance, _)) in enumerate(zip(levels, steps, strict=True)):
        values = pixels[..., channel]
        cube *= np.uint8(count)
        cube += lower[values] + (chance[values] > thresholds(*values.shape, channel))
    grid = np.meshgrid(*(percents for _, _, percents in steps), indexing="ij")
    percents = np.stack([axis.ravel() for axis in grid], axis=1)
    return _with_greys(Indexed(cube, percents), pixels, room - len(percents))


def _with_greys(indexed: Indexed, pixels: NDArray[np.uint8], room: int) -> Indexed:
    """Show what is grey in a colour picture (most of an ultrasound) by greys of its own, given room."""
    if room < 8:
        return indexed
    low, high = pixels.min(axis=2), pixels.max(axis=2)
    greys = _index_grey(low + (high - low) // 2, min(room, 64))
    is_grey = high - low <= 8
    indices = np.where(is_grey, greys.indices + np.uint8(len(indexed.percents)), indexed.indices)
    return Indexed(indices, np.concatenate([indexed.percents, greys.percents]))
