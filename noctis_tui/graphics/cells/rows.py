"""Rows of cells as text with colours: what the terminal is sent, run by run."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from noctis_tui.graphics.cells.bars import BARS, FIRST_LOWER
from noctis_tui.graphics.cells.labels import label_cells
from noctis_tui.graphics.cells.picture import ink_codes
from noctis_tui.graphics.terminal.cell_shapes import CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.graphics.cells.picture import CellPicture
    from noctis_tui.graphics.picture import Label
    from noctis_tui.graphics.terminal.cell_shapes import Shapes
    from noctis_tui.graphics.terminal.cell_terminals import CellColors

RESET = "\x1b[0m"
FULL = "█"
FIRST_GREY = 232
"""From here on 256 colours are a ramp of greys."""
MOST_PARAMETERS = 1 << 15
"""Colours that are remembered in writing."""


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
    is_indexed = row.colors == "256"
    in_front, behind_it = _parameters(38, row.colors), _parameters(48, row.colors)
    written: list[str] = []
    write = written.append
    front = back = -1
    for letter, ahead, behind in zip(row.letters, row.front, row.back, strict=True):
        if letter == " ":
            if behind == back:
                write(letter)
            elif is_indexed and behind == front and _is_near(front, back):
                write(FULL)
            else:
                write(f"\x1b[{behind_it[behind]}m ")
                back = behind
        elif not letter or (ahead == front and behind == back):
            write(letter)
        elif ahead == front:
            write(f"\x1b[{behind_it[behind]}m{letter}")
            back = behind
        elif behind == back:
            write(f"\x1b[{in_front[ahead]}m{letter}")
            front = ahead
        else:
            write(f"\x1b[{in_front[ahead]};{behind_it[behind]}m{letter}")
            front, back = ahead, behind
    write(RESET)
    return "".join(written)


def _is_near(front: int, back: int) -> bool:
    """Whether nobody sees where a full block from a font ends a pixel early: neighbours in the grey ramp."""
    return min(front, back) >= FIRST_GREY and abs(front - back) <= 2


class _Parameters(dict[int, str]):
    """What SGR is given to set a layer's colour, by its code; made when it is first asked for."""

    def __init__(self, layer: int, colors: CellColors) -> None:
        super().__init__()
        self._layer, self._colors = layer, colors

    def __missing__(self, code: int) -> str:
        if len(self) >= MOST_PARAMETERS:
            self.clear()
        made = self[code] = _sgr(self._layer, code, self._colors)
        return made


@lru_cache(maxsize=8)
def _parameters(layer: int, colors: CellColors) -> _Parameters:
    return _Parameters(layer, colors)


def _sgr(layer: int, code: int, colors: CellColors) -> str:
    """Return the parameters of SGR that set a layer's colour, 38 in front and 48 behind (ECMA-48, xterm)."""
    if colors == "true":
        return f"{layer};2;{code >> 16};{code >> 8 & 255};{code & 255}"
    if colors == "256":
        return f"{layer};5;{code}"
    return str(layer - 8 + code if code < 8 else layer + 52 + code - 8)
