"""Where headings of a picture stand: at the top's middle, below its corners where these come too near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.graphics.picture import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from noctis_tui.reading.marks import Heading

_LETTER_SHARE = 0.5
"""Width of a letter, of a line's height: enough for the condensed typeface and for cells."""


def placed_headings(
    headings: Iterable[Heading], labels: Sequence[Label], size_px: tuple[int, int], line_px: int
) -> Iterator[Label]:
    """Yield headings as labels.

    Parameters
    ----------
    labels
        What else is written over the picture.
    size_px
        Width and height of the picture.
    line_px
        Height of a line of text.
    """
    top = [_extent(label.text, line_px) for label in labels if label.anchor in {"top-left", "top-right"}]
    below = max((height for _, height in top), default=0.0) + line_px // 2
    for heading in headings:
        width, _ = _extent(heading.text, line_px)
        if all(corner + width / 2 < size_px[0] / 2 for corner, _ in top):
            yield Label(heading.text, "top", heading.color_index)
            continue
        left = round(max(size_px[0] - width, 0) / 2)
        yield Label(heading.text, "top", heading.color_index, (left, round(below)))
        below += line_px


def _extent(text: str, line_px: int) -> tuple[float, float]:
    lines = text.split("\n")
    return max(map(len, lines)) * line_px * _LETTER_SHARE, len(lines) * line_px
