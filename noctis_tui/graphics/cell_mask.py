"""Sets of character cells as masks, and few rectangles that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from noctis_tui.graphics.site import CellBox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from noctis_tui.graphics.site import Site

Cells: TypeAlias = NDArray[np.bool_]
"""A mask of a view's cells, bool [rows, columns]."""

BOX_COST = 16
"""What another box costs, in cells, where nobody says: that many more are put into one to spare the other."""

MOST_BOXES = 32


def seen_cells(site: Site) -> Cells:
    """Return the cells of a view that are to be seen: let through by its containers, and not covered."""
    cells = np.zeros((site.box.height, site.box.width), np.bool_)
    fill(cells, [site.visible], value=True)
    fill(cells, site.covered, value=False)
    return cells


def fill(cells: NDArray[np.generic], boxes: Iterable[CellBox], *, value: int) -> None:
    """Set the cells of some boxes, as far as they lie inside."""
    for box in boxes:
        cells[max(box.y, 0) : max(box.y + box.height, 0), max(box.x, 0) : max(box.x + box.width, 0)] = value


def boxes_of(needed: Cells, allowed: Cells, box_cost: int = BOX_COST) -> list[CellBox]:
    """Return boxes that hold all needed cells and none that is not allowed.

    Near cells share a box where that is cheaper than two boxes; boxes may overlap a little. What needs too
    many boxes gets whole rows.

    Parameters
    ----------
    needed
        All of them allowed.
    allowed
        What a box may hold besides.
    box_cost
        How many more cells are taken to spare a box.
    """
    sums = _Sums(allowed)
    boxes = _boxes_of(needed, sums, box_cost, MOST_BOXES)
    if boxes is None:
        rows = np.flatnonzero(needed.any(axis=1))
        widened = np.zeros_like(needed)
        widened[rows] = allowed[rows]
        boxes = _boxes_of(widened, sums, box_cost, needed.size)
    return boxes or []


class _Sums:
    """Answers at once whether a whole rectangle is allowed."""

    def __init__(self, allowed: Cells) -> None:
        self._sums = np.zeros((allowed.shape[0] + 1, allowed.shape[1] + 1), np.int64)
        self._sums[1:, 1:] = allowed.cumsum(axis=0).cumsum(axis=1)

    def holds(self, box: CellBox) -> bool:
        right, bottom = box.x + box.width, box.y + box.height
        sums = self._sums
        inside = sums[bottom, right] - sums[box.y, right] - sums[bottom, box.x] + sums[box.y, box.x]
        return bool(inside == box.width * box.height)


def _boxes_of(needed: Cells, allowed: _Sums, box_cost: int, most: int) -> list[CellBox] | None:
    boxes: list[CellBox] = []
    for y, first, last in _runs(needed):
        _add(boxes, CellBox(first, y, last - first, 1), allowed, box_cost)
        if len(boxes) > most:
            return None
    return boxes


def _runs(needed: Cells) -> Iterator[tuple[int, int, int]]:
    """Row, first column and the one after the last of each run."""
    edges = np.diff(np.pad(needed, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, columns = (places.tolist() for places in np.nonzero(edges))
    return zip(rows[::2], columns[::2], columns[1::2], strict=True)


def _add(boxes: list[CellBox], box: CellBox, allowed: _Sums, box_cost: int) -> None:
    """Add a box, grown together with the others that it is cheaper to share with."""
    grown = True
    while grown:
        grown = False
        for number, other in enumerate(boxes):
            both = _around(box, other)
            extra = both.width * both.height - box.width * box.height - other.width * other.height
            if extra <= box_cost and allowed.holds(both):
                box, grown = both, True
                del boxes[number]
                break
    boxes.append(box)


def _around(one: CellBox, other: CellBox) -> CellBox:
    x, y = min(one.x, other.x), min(one.y, other.y)
    right = max(one.x + one.width, other.x + other.width)
    bottom = max(one.y + one.height, other.y + other.height)
    return CellBox(x, y, right - x, bottom - y)
