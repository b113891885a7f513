"""The colours that cells take where there are few of them: which is nearest, and grey between two greys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.graphics.terminal.cell_terminals import CellColors

_CUBE = (0, 95, 135, 175, 215, 255)
_XTERM_16 = (
    *((0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205)),
    *((229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255)),
    *((255, 0, 255), (0, 255, 255), (255, 255, 255)),
)
_VGA_16 = (
    *((0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170)),
    *((170, 170, 170), (85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85), (85, 85, 255)),
    *((255, 85, 255), (85, 255, 255), (255, 255, 255)),
)
_NAMED = 16
"""The first 16 of xterm's 256 colours are the user's own: no picture is made of them."""
_BITS = 5
"""Bits of a channel that tell colours apart when the nearest is looked up."""
_FEW = 3 * 256
"""Values of colours up to which making the table would take longer than looking at each."""


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """A terminal's fixed colours.

    Attributes
    ----------
    rgb
        uint8 [colors, 3].
    codes
        int64 [colors]: the number that the terminal knows each colour by.
    behind
        Colours numbered from here on cannot lie behind, only in front.
    """

    rgb: NDArray[np.uint8]
    codes: NDArray[np.int64]
    behind: int

    def greys(self) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the values of the greys among the colours, rising, and their codes."""
        grey = np.flatnonzero((self.rgb == self.rgb[:, :1]).all(axis=1))
        values, first = np.unique(self.rgb[grey, 0], return_index=True)
        return values.astype(np.float32), self.codes[grey[first]]


@lru_cache(maxsize=4)
def palette_of(colors: CellColors) -> Palette | None:
    """Return the palette of a terminal; None where every colour can be had."""
    if colors == "true":
        return None
    if colors == "256":
        cube = np.stack([axis.ravel() for axis in np.meshgrid(_CUBE, _CUBE, _CUBE, indexing="ij")], axis=1)
        ramp = np.repeat(np.arange(8, 239, 10)[:, None], 3, axis=1)
        rgb = np.concatenate([cube, ramp]).astype(np.uint8)
        return Palette(rgb, np.arange(_NAMED, 256), 256)
    if colors == "none":
        return Palette(np.array([[0] * 3, [255] * 3], np.uint8), np.arange(2), 1)
    rgb = np.array(_XTERM_16 if colors == "16" else _VGA_16, np.uint8)
    return Palette(rgb, np.arange(16), int(colors))


@lru_cache(maxsize=4)
def _grey_tables(
    colors: CellColors,
) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.float32], NDArray[np.int64]]:
    """For each display value: the grey below it and the chance of the one above (0-255); greys and codes."""
    palette = palette_of(colors)
    if palette is None:
        raise ValueError("every grey can be had")
    greys, codes = palette.greys()
    values = np.arange(256)
    lower: NDArray[np.int64] = np.clip(np.searchsorted(greys, values, side="right") - 1, 0, len(greys) - 2)
    chance = np.clip((values - greys[lower]) / (greys[lower + 1] - greys[lower]), 0, 1)
    return lower, np.rint(chance * 255).astype(np.uint8), greys, codes


def dithered(
    values: NDArray[np.float32], noise: NDArray[np.uint8], colors: CellColors
) -> NDArray[np.float32]:
    """Replace greys by the nearest two that the terminal has, so that a small area's mean stays.

    Parameters
    ----------
    values
        Display values 0-255, any shape.
    noise
        Thresholds 0-254 of the same shape (`blue_noise.thresholds`).
    """
    lower, chance, greys, _ = _grey_tables(colors)
    display = np.rint(values).astype(np.uint8)
    above: NDArray[np.float32] = greys[lower[display] + (chance[display] > noise)]
    return above


def nearest_greys(values: NDArray[np.float32], colors: CellColors) -> NDArray[np.int64]:
    """Return the codes of the greys nearest to display values, any shape."""
    _, _, greys, codes = _grey_tables(colors)
    middles = (greys[1:] + greys[:-1]) / 2
    nearest: NDArray[np.int64] = codes[np.searchsorted(middles, values)]
    return nearest


def nearest_colors(rgb: NDArray[np.float32], colors: CellColors) -> NDArray[np.int64]:
    """Return the codes of the colours that look most like some, [..., 3] in display values."""
    if rgb.size < _FEW:
        return _nearest(rgb.reshape(-1, 3), colors).reshape(rgb.shape[:-1])
    steps = np.clip(rgb, 0, 255).astype(np.uint8) >> (8 - _BITS)
    nearest: NDArray[np.int64] = _nearest_table(colors)[steps[..., 0], steps[..., 1], steps[..., 2]]
    return nearest


@lru_cache(maxsize=4)
def _nearest_table(colors: CellColors) -> NDArray[np.int64]:
    """Return the codes for every step of red, green and blue."""
    middles = (np.arange(1 << _BITS, dtype=np.float32) + 0.5) * (256 >> _BITS)
    layers = (np.stack(np.meshgrid(red, middles, middles, indexing="ij"), axis=-1) for red in middles)
    table = [_nearest(layer.reshape(-1, 3), colors) for layer in layers]
    return np.stack(table).reshape((1 << _BITS,) * 3)


def _nearest(rgb: NDArray[np.float32], colors: CellColors) -> NDArray[np.int64]:
    palette = palette_of(colors)
    if palette is None:
        raise ValueError("every colour can be had")
    there = _oklab(palette.rgb.astype(np.float32))
    # |a - b|^2 without a^2, which is the same for every candidate b.
    distances = (there**2).sum(axis=1) - 2 * _oklab(rgb) @ there.T
    nearest: NDArray[np.int64] = palette.codes[distances.argmin(axis=1)]
    return nearest


def _oklab(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """From sRGB 0-255 to Oklab, where distances are about as large as they look (B. Ottosson, 2020)."""
    share = rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ],
        np.float32,
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ],
        np.float32,
    )
    lab: NDArray[np.float32] = np.cbrt(linear @ to_cones.T) @ to_lab.T
    return lab
