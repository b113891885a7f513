"""Where a picture stands on the screen, in character cells, and what is left of it under other widgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class CellBox:
    """A rectangle of character cells."""

    x: int
    y: int
    width: int
    height: int

    def moved(self, right: int, down: int) -> CellBox:
        """Return the box at another place."""
        return CellBox(self.x + right, self.y + down, self.width, self.height)

    def common(self, other: CellBox) -> CellBox | None:
        """Return what both boxes hold, None where they do not meet."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return CellBox(x, y, right - x, bottom - y) if x < right and y < bottom else None


@dataclass(frozen=True, slots=True)
class Site:
    """Where a picture stands.

    Attributes
    ----------
    box
        The view on the screen, in cells.
    visible
        The part of the view that its containers let through, in cells from the view's corner.
    covered
        What lies above the view, in cells from the view's corner.
    cell_px
        Width and height of a cell.
    """

    box: CellBox
    visible: CellBox
    covered: frozenset[CellBox]
    cell_px: tuple[int, int]

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the whole view."""
        return self.box.width * self.cell_px[0], self.box.height * self.cell_px[1]

    @property
    def pixels(self) -> int:
        """How many pixels the whole view has."""
        return self.size_px[0] * self.size_px[1]

    def looks_like(self, other: Site) -> bool:
        """Whether the same pixels are to be seen, wherever on the screen."""
        return (self.size_px, self.visible, self.covered, self.cell_px) == (
            other.size_px,
            other.visible,
            other.covered,
            other.cell_px,
        )


def parts_of(site: Site | None, drawn_for: Site) -> list[CellBox]:
    """Cells of the screen on which a picture that was drawn for a site stands, or can stand, at another."""
    if site is None or (drawn_for.size_px, drawn_for.cell_px) != (site.size_px, site.cell_px):
        return []
    return [part.moved(site.box.x, site.box.y) for part in uncovered(site.visible, site.covered)]


def inside(view: CellBox, boxes: Iterable[CellBox]) -> list[CellBox]:
    """What boxes of the screen have in common with a view, in cells from its corner."""
    return [common.moved(-view.x, -view.y) for box in boxes if (common := view.common(box))]


def split(box: CellBox, most_columns: int, most_rows: int) -> Iterator[CellBox]:
    """Cut a box into boxes of at most that size, row by row."""
    for y in range(box.y, box.y + box.height, most_rows):
        for x in range(box.x, box.x + box.width, most_columns):
            width, height = min(most_columns, box.x + box.width - x), min(most_rows, box.y + box.height - y)
            yield CellBox(x, y, width, height)


def uncovered(box: CellBox, covers: Iterable[CellBox]) -> list[CellBox]:
    """What is left of a box under some covers, as boxes that do not overlap."""
    left = [box]
    for cover in sorted(covers, key=lambda cover: (cover.y, cover.x)):
        left = [part for piece in left for part in _without(piece, cover)]
    return left


def _without(box: CellBox, cover: CellBox) -> Iterator[CellBox]:
    right, bottom = box.x + box.width, box.y + box.height
    x1, x2 = max(box.x, min(cover.x, right)), min(right, max(cover.x + cover.width, box.x))
    y1, y2 = max(box.y, min(cover.y, bottom)), min(bottom, max(cover.y + cover.height, box.y))
    if x1 >= x2 or y1 >= y2:
        yield box
        return
    parts = (
        CellBox(box.x, box.y, box.width, y1 - box.y),
        CellBox(box.x, y1, x1 - box.x, y2 - y1),
        CellBox(x2, y1, right - x2, y2 - y1),
        CellBox(box.x, y2, box.width, bottom - y2),
    )
    yield from (part for part in parts if part.width and part.height)


def common(box: CellBox, other: CellBox) -> CellBox | None:
    """What two boxes have in common."""
    left, top = max(box.x, other.x), max(box.y, other.y)
    right, bottom = (
        min(box.x + box.width, other.x + other.width),
        min(box.y + box.height, other.y + other.height),
    )
    return CellBox(left, top, right - left, bottom - top) if left < right and top < bottom else None
