"""Characters that divide a cell into blocks: halves, quadrants, sextants and octants."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Shapes: TypeAlias = Literal["halves", "quadrants", "sextants", "octants"]
SHAPES: tuple[str, ...] = get_args(Shapes)

GRIDS: dict[Shapes, tuple[int, int]] = {
    "halves": (1, 2),
    "quadrants": (2, 2),
    "sextants": (2, 3),
    "octants": (2, 4),
}
"""Columns and rows of blocks in a cell."""

_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
_FIRST_SEXTANT = 0x1FB00
_FIRST_OCTANT = 0x1CD00
_OTHER_OCTANTS = {
    0x00: 0x0020,
    0x01: 0x1CEA8,  # left half upper one quarter
    0x02: 0x1CEAB,  # right half upper one quarter
    0x03: 0x1FB82,  # upper one quarter
    0x05: 0x2598,
    0x0A: 0x259D,
    0x0F: 0x2580,
    0x14: 0x1FBE6,  # middle left one quarter
    0x28: 0x1FBE7,  # middle right one quarter
    0x3F: 0x1FB85,  # upper three quarters
    0x40: 0x1CEA3,  # left half lower one quarter
    0x50: 0x2596,
    0x55: 0x258C,
    0x5A: 0x259E,
    0x5F: 0x259B,
    0x80: 0x1CEA0,  # right half lower one quarter
    0xA0: 0x2597,
    0xA5: 0x259A,
    0xAA: 0x2590,
    0xAF: 0x259C,
    0xC0: 0x2582,
    0xF0: 0x2584,
    0xF5: 0x2599,
    0xFA: 0x259F,
    0xFC: 0x2586,
    0xFF: 0x2588,
}
"""Octants that Unicode has under older names, or outside the run that begins at U+1CD00."""


def _sextants() -> tuple[str, ...]:
    # The run leaves out the empty and the full cell, and the left and right halves (21 and 42).
    known = {0: " ", 21: "▌", 42: "▐", 63: "█"}
    return tuple(
        known.get(mask) or chr(_FIRST_SEXTANT + mask - 1 - (mask > 21) - (mask > 42)) for mask in range(64)
    )


def _octants() -> tuple[str, ...]:
    run = iter(range(_FIRST_OCTANT, _FIRST_OCTANT + 256))
    return tuple(chr(_OTHER_OCTANTS[mask] if mask in _OTHER_OCTANTS else next(run)) for mask in range(256))


AVOIDED_OCTANTS = (0x01, 0x02, 0x14, 0x28, 0x40, 0x80, 0xAC, 0xCC)
"""Octants that kitty 0.41 (four of them) and foot 1.21 (all) do not draw, or draw otherwise, as was tried.

Their complements are drawn, and show the same when the cell's two colours change places.
"""

CHARACTERS: dict[Shapes, tuple[str, ...]] = {
    "halves": tuple(" ▀▄█"),
    "quadrants": tuple(_QUADRANTS),
    "sextants": _sextants(),
    "octants": _octants(),
}
"""The character of each mask; bit 0 is the block at the top left, the next one right of it, row by row.

The Unicode Standard 16.0, Block Elements, Symbols for Legacy Computing and its Supplement.
"""
