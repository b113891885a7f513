"""Textual strips for pictures: blanks that tell when they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.console import Console
    from rich.style import Style


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
