"""Where words beside points stand, so that neither covers the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.graphics.picture import Label

MOST = 64
"""Among more words than these nothing is read anyway."""
_LETTER_SHARE = 0.5
"""Width of a letter, of a line's height: enough for the condensed typeface and for cells."""
_TRIES = 12

Box = tuple[float, float, float, float]


def spread(labels: Sequence[Label], line_px: int) -> tuple[Label, ...]:
    """Return labels that stand beside points, each moved down until it covers no earlier one.

    Parameters
    ----------
    labels
        All with `at_px`; the first keep their places.
    line_px
        Height of a line of text.
    """
    if len(labels) > MOST:
        return tuple(labels)
    placed: list[Label] = []
    taken: list[Box] = []
    for label in labels:
        moved = _free(label, taken, line_px)
        taken.append(_box(moved, line_px))
        placed.append(moved)
    return tuple(placed)


def _free(label: Label, taken: Sequence[Box], line_px: int) -> Label:
    moved = label
    for _ in range(_TRIES):
        box = _box(moved, line_px)
        below = [other[3] for other in taken if _overlap(box, other)]
        if not below or moved.at_px is None:
            return moved
        moved = replace(moved, at_px=(moved.at_px[0], round(min(below))))
    return label


def _box(label: Label, line_px: int) -> Box:
    left, top = label.at_px or (0, 0)
    lines = label.text.split("\n")
    width = max(map(len, lines)) * line_px * _LETTER_SHARE
    return left, top, left + width, top + len(lines) * line_px


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
