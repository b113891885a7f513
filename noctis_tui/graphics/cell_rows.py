"""Rows of cells as text with colours: what the terminal is sent, run by run."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from noctis_tui.graphics.cell_bars import BARS, FIRST_LOWER
from noctis_tui.graphics.cell_labels import label_cells
from noctis_tui.graphics.cell_picture import ink_codes
from noctis_tui.graphics.cell_shapes import CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.graphics.cell_picture import CellPicture
    from noctis_tui.graphics.cell_shapes import Shapes
    from noctis_tui.graphics.cell_terminals import CellColors
    from noctis_tui.graphics.picture import Label

RESET = "\x1b[0m"
FULL = "█"


class CellRow:
    """One row of cells.

    Parameters
    ----------
    letters
        One a cell, empty behind a wide letter.
    front, back
        Colour codes (`cell_picture.CellPicture`).
    colors
        What the codes mean.
    """

    __slots__ = ("_ansi", "back", "colors", "front", "letters")

    def __init__(
        self, letters: Sequence[str], front: Sequence[int], back: Sequence[int], colors: CellColors
    ) -> None:
        self.letters, self.front, self.back, self.colors = letters, front, back, colors
        self._ansi: str | None = None

    def __len__(self) -> int:
        return len(self.letters)

    @property
    def ansi(self) -> str:
        """The row with its colours, which are reset behind it."""
        if self._ansi is None:
            self._ansi = _ansi(self)
        return self._ansi

    def part(self, start: int, end: int) -> CellRow:
        """Return some of the cells; of a wide letter that is cut through, a blank."""
        letters = list(self.letters[start:end])
        if letters and not letters[0]:
            letters[0] = " "
        if end < len(self.letters) and letters and not self.letters[end]:
            last = max(place for place, letter in enumerate(letters) if letter)
            letters[last:] = " " * (len(letters) - last)
        return CellRow(letters, self.front[start:end], self.back[start:end], self.colors)


def rows_of(cells: CellPicture, labels: tuple[Label, ...], cell_px: tuple[int, int]) -> list[CellRow]:
    """Return the rows of a picture, its labels written over it where it is darkened.

    Parameters
    ----------
    cells
        The picture (`cell_picture.to_cells`).
    labels
        Text over it.
    cell_px
        Width and height of a cell in the picture's pixels.
    """
    count, columns = cells.masks.shape
    characters = _characters(cells.cells.shapes)
    letters = [[characters[mask] for mask in row] for row in cells.masks.tolist()]
    front, back = cells.foreground.tolist(), cells.background.tolist()
    inks = ink_codes(cells.cells.colors)
    for (row, column), (letter, index) in label_cells(labels, columns, count, cell_px).items():
        letters[row][column] = letter
        front[row][column] = int(inks[index])
        back[row][column] = int(cells.behind_text[row, column])
    return [CellRow(*row, cells.cells.colors) for row in zip(letters, front, back, strict=True)]


@lru_cache(maxsize=4)
def _characters(shapes: Shapes) -> tuple[str, ...]:
    """Return the characters of masks and bars."""
    blocks = CHARACTERS[shapes]
    return (*blocks, *" " * (FIRST_LOWER - len(blocks)), *BARS)


def _ansi(row: CellRow) -> str:
    if row.colors == "none":
        return "".join(row.letters)
    written: list[str] = []
    front = back = -1
    for letter, ahead, behind in zip(row.letters, row.front, row.back, strict=True):
        if letter == " ":
            if behind == front and _is_near(front, back, row.colors):
                written.append(FULL)
                continue
            if behind != back:
                written.append(f"\x1b[{_sgr(48, behind, row.colors)}m")
                back = behind
        elif letter and (ahead, behind) != (front, back):
            changes = []
            if ahead != front:
                changes.append(_sgr(38, ahead, row.colors))
            if behind != back:
                changes.append(_sgr(48, behind, row.colors))
            written.append(f"\x1b[{';'.join(changes)}m")
            front, back = ahead, behind
        written.append(letter)
    return "".join([*written, RESET])


def _is_near(front: int, back: int, colors: CellColors) -> bool:
    """Whether nobody sees where a full block from a font ends a pixel early: neighbours in the grey ramp."""
    return colors == "256" and min(front, back) >= 232 and abs(front - back) <= 2


@lru_cache(maxsize=1 << 16)
def _sgr(layer: int, code: int, colors: CellColors) -> str:
    """Return the parameters of SGR that set a layer's colour, 38 in front and 48 behind (ECMA-48, xterm)."""
    if colors == "true":
        return f"{layer};2;{code >> 16};{code >> 8 & 255};{code & 255}"
    if colors == "256":
        return f"{layer};5;{code}"
    return str(layer - 8 + code if code < 8 else layer + 52 + code - 8)
