"""Where an overlay has something: a few boxes of cells, so that what stays is not sent with what changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.site import CellBox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MOST_ISLANDS = 16
"""More are not worth their commands: all of it is one then."""

_GAP_COLUMNS = 3
"""So many empty cells part what stands side by side; fewer are a space between words."""


def islands_of(overlay: NDArray[np.uint8], cell_px: tuple[int, int]) -> list[CellBox]:
    """Return boxes that hold all that is drawn, in cells from the picture's corner; they do not overlap.

    Parameters
    ----------
    overlay
        Overlay indices, uint8 [rows, columns], whole cells; 0 is nothing.
    cell_px
        Width and height of a cell.
    """
    width, height = cell_px
    rows, columns = overlay.shape[0] // height, overlay.shape[1] // width
    by_rows = np.bitwise_or.reduce(overlay[: rows * height].reshape(rows, height, -1), axis=1)
    taken = np.bitwise_or.reduce(by_rows[:, : columns * width].reshape(rows, columns, width), axis=2) != 0
    boxes = list(_parted(taken, 0, 0))
    if len(boxes) > MOST_ISLANDS:
        boxes = [_fitted(taken, 0, 0)]
    return boxes


def _parted(taken: NDArray[np.bool_], x: int, y: int) -> Iterator[CellBox]:
    """Part by empty rows, each part by empty columns, and so on until nothing parts it."""
    for top, bottom in _runs(np.logical_or.reduce(taken, axis=1), 1):
        band = taken[top:bottom]
        spans = _runs(np.logical_or.reduce(band, axis=0), _GAP_COLUMNS)
        for left, right in spans:
            part = band[:, left:right]
            if len(spans) > 1 and not np.logical_or.reduce(part, axis=1).all():
                yield from _parted(part, x + left, y + top)
            else:
                yield _fitted(part, x + left, y + top)


def _fitted(taken: NDArray[np.bool_], x: int, y: int) -> CellBox:
    rows, columns = (np.flatnonzero(np.logical_or.reduce(taken, axis=axis)) for axis in (1, 0))
    left, top = int(columns[0]), int(rows[0])
    return CellBox(x + left, y + top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)


def _runs(taken: NDArray[np.bool_], gap: int) -> list[tuple[int, int]]:
    """First and behind-last of each run; shorter gaps do not end one."""
    places = np.flatnonzero(taken)
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) > gap)
    starts = [int(places[0]), *(int(place) for place in places[breaks + 1])]
    ends = [*(int(place) + 1 for place in places[breaks]), int(places[-1]) + 1]
    return list(zip(starts, ends, strict=True))
