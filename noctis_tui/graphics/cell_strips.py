"""Textual strips for pictures: blanks that tell when they are written, and half blocks."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from noctis_tui.graphics.halfcell import cell_of, label_cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from rich.console import Console

    from noctis_tui.graphics.picture import Label


class PictureStrip(Strip):
    """Blanks under a picture; writing them to the terminal erases or uncovers pixels, so it is told."""

    __slots__ = ("_blank_style", "_written")

    def __init__(self, width: int, style: Style | None, written: Callable[[], None]) -> None:
        super().__init__([Segment(" " * width, style)], width)
        self._blank_style = style
        self._written = written

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Divide into strips that tell, too."""
        ends = [cut for cut in cuts if cut <= self.cell_length]
        return [self._of(end - start) for start, end in zip([0, *ends[:-1]], ends, strict=True)]

    def crop(self, start: int, end: int | None = None) -> Strip:
        """Crop to a strip that tells, too."""
        stop = self.cell_length if end is None else min(end, self.cell_length)
        return self._of(max(0, stop - max(0, start)))

    def render(self, console: Console) -> str:
        """Tell, and give the blanks."""
        self._written()
        return super().render(console)

    def _of(self, width: int) -> PictureStrip:
        return PictureStrip(width, self._blank_style, self._written)


def strips_of(halves: NDArray[np.uint8], labels: tuple[Label, ...]) -> list[Strip]:
    """Half blocks as strips, labels as text; Rich takes the nearest colours that the terminal has.

    Parameters
    ----------
    halves
        uint8 [cell rows, columns, 2, 3] (`halfcell.halves`).
    labels
        Text over the picture.
    """
    rows, columns = halves.shape[:2]
    letters = label_cells(labels, columns, rows)
    return [
        Strip(
            [_segment(pair, letters.get((row, column))) for column, pair in enumerate(halves[row].tolist())],
            columns,
        )
        for row in range(rows)
    ]


def _segment(pair: list[list[int]], letter: tuple[str, int] | None) -> Segment:
    character, foreground, background = cell_of(pair, letter)
    return Segment(character, _style(foreground, background))


@lru_cache(maxsize=8192)
def _style(foreground: tuple[int, ...], background: tuple[int, ...]) -> Style:
    return Style.from_color(Color.from_rgb(*foreground), Color.from_rgb(*background))
