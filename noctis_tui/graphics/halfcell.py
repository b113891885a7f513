"""Pictures in character cells: the upper half block, foreground over background, two pixels a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.cells import cell_len

from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.picture import OVERLAY_COLORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from noctis_tui.graphics.picture import Label, Picture

UPPER_HALF = "▀"


def halves(picture: Picture) -> NDArray[np.uint8]:
    """RGB of each cell's upper and lower pixel, uint8 [cell rows, columns, 2, 3]; an odd row is doubled."""
    pixels = flatten(picture)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    if pixels.shape[0] % 2:
        pixels = np.concatenate([pixels, pixels[-1:]])
    return pixels.reshape(-1, 2, pixels.shape[1], 3).swapaxes(1, 2)


def label_cells(labels: tuple[Label, ...], columns: int, rows: int) -> dict[tuple[int, int], tuple[str, int]]:
    """Where each letter of the labels stands: (row, column) -> (letter, overlay index).

    A wide letter takes the cell behind it, too, which holds an empty text then.
    """
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    taken: dict[str, int] = {}
    for label in labels:
        lines = label.text.split("\n")
        if label.at_px is None:
            offset = taken.get(label.anchor, 0)
            taken[label.anchor] = offset + len(lines)
            places = _anchored(label, lines, offset, columns, rows)
        else:
            places = _beside(label.at_px, lines, columns, rows)
        for line, (left, row) in zip(lines, places, strict=True):
            if 0 <= row < rows:
                for place, letter in _letters(line, left, columns):
                    cells[row, place] = (letter, label.color_index)
    return cells


def _anchored(
    label: Label, lines: Sequence[str], offset: int, columns: int, rows: int
) -> list[tuple[int, int]]:
    vertical, _, side = label.anchor.partition("-")
    if vertical in {"left", "right"}:
        vertical, side = "", vertical
    top = {"top": offset, "bottom": rows - offset - len(lines)}.get(vertical, (rows - len(lines)) // 2)
    widths = [cell_len(line) for line in lines]
    lefts = [{"left": 0, "right": columns - width}.get(side, (columns - width) // 2) for width in widths]
    return [(left, row) for row, left in enumerate(lefts, top)]


def _beside(at_px: tuple[int, int], lines: Sequence[str], columns: int, rows: int) -> list[tuple[int, int]]:
    """Return the cells of text at a point; a cell is one pixel wide and two high."""
    left, top = at_px[0], at_px[1] // 2
    if not (0 <= left < columns and 0 <= top < rows):
        return [(0, -1)] * len(lines)
    left = max(min(left, columns - max(cell_len(line) for line in lines)), 0)
    top = max(min(top, rows - len(lines)), 0)
    return [(left, row) for row in range(top, top + len(lines))]


def _letters(line: str, left: int, columns: int) -> Iterator[tuple[int, str]]:
    place = left
    for letter in line:
        width = cell_len(letter)
        if width and letter.isprintable() and place >= 0 and place + width <= columns:
            yield place, letter
            yield from ((place + more, "") for more in range(1, width))
        place += width


def cell_of(
    pair: Sequence[Sequence[int]], letter: tuple[str, int] | None
) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    """Character, foreground and background of a cell: its two pixels, or a letter on them, darkened."""
    upper, lower = pair
    if letter is None:
        return UPPER_HALF, tuple(upper), tuple(lower)
    under = tuple((a + b) // 6 for a, b in zip(upper, lower, strict=True))
    return letter[0], OVERLAY_COLORS[letter[1] - 1], under
