"""What a kitty terminal shows of one drawing: images by their ids, some over others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from noctis_tui.graphics.canvas import move_to
from noctis_tui.graphics.kitty import commands as kitty
from noctis_tui.graphics.site import common, uncovered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noctis_tui.graphics.site import CellBox, Site

Placements: TypeAlias = "dict[tuple[int, int], Placing]"
"""By image id and number of the placement."""


@dataclass(frozen=True, slots=True)
class Placing:
    """A part of an image on the screen: where, in cells of the screen, and the arguments of `kitty.place`."""

    at: tuple[int, int]
    layer: int
    source_px: tuple[int, int, int, int] | None
    cells: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One image and where it lies.

    Attributes
    ----------
    image_id
        Its id in the terminal.
    layer
        What has a higher one is above.
    box
        What it covers, in cells from the view's corner.
    size_px
        Its own width and height; it is stretched to the box.
    commands
        What sends its pixels, empty where the terminal has them.
    """

    image_id: int
    layer: int
    box: CellBox
    size_px: tuple[int, int]
    commands: tuple[bytes, ...] = ()

    def placings(self, site: Site) -> Iterator[Placing]:
        """Yield the parts that are to be seen and that nothing covers."""
        seen = common(self.box, site.visible)
        for part in uncovered(seen, site.covered) if seen is not None else ():
            at = site.box.x + part.x, site.box.y + part.y
            source = None if part == self.box else self._source_px(part, site.cell_px)
            yield Placing(at, self.layer, source, self._cells(part, site.cell_px))

    def _source_px(self, part: CellBox, cell_px: tuple[int, int]) -> tuple[int, int, int, int]:
        across, down = (
            self.size_px[0] / (self.box.width * cell_px[0]),
            self.size_px[1] / (self.box.height * cell_px[1]),
        )
        left, top = (part.x - self.box.x) * cell_px[0] * across, (part.y - self.box.y) * cell_px[1] * down
        width, height = part.width * cell_px[0] * across, part.height * cell_px[1] * down
        return round(left), round(top), max(round(width), 1), max(round(height), 1)

    def _cells(self, part: CellBox, cell_px: tuple[int, int]) -> tuple[int, int] | None:
        is_exact = self.size_px == (self.box.width * cell_px[0], self.box.height * cell_px[1])
        return None if is_exact else (part.width, part.height)


@dataclass(slots=True, eq=False)
class KittyFrame:
    """The sheets of one drawing; as a value it stands for who holds their images."""

    sheets: tuple[Sheet, ...] = ()

    def placements(self, site: Site) -> Placements:
        """Return what is to be on the screen."""
        counts: Counter[int] = Counter()
        placements = {}
        for sheet in self.sheets:
            for placing in sheet.placings(site):
                counts[sheet.image_id] += 1
                placements[sheet.image_id, counts[sheet.image_id]] = placing
        return placements


def rearranged(before: Placements, after: Placements, *, is_all: bool = False) -> Iterator[bytes]:
    """Yield commands that lead from one arrangement to the next: first what comes, then what goes.

    `is_all` places again what stays.
    """
    cursor = None
    for (image_id, number), placing in after.items():
        if before.get((image_id, number)) == placing and not is_all:
            continue
        if placing.at != cursor:
            yield move_to(*placing.at)
            cursor = placing.at
        source, cells = placing.source_px, placing.cells
        yield kitty.place(image_id, number, layer=placing.layer, source_px=source, cells=cells)
    shown = {image_id for image_id, _ in after}
    gone = dict.fromkeys(image_id for image_id, _ in before if image_id not in shown)
    yield from (kitty.hide_all(image_id) for image_id in gone)
    yield from (kitty.hide(*key) for key in before if key not in after and key[0] in shown)
