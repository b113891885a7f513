"""Kitty pictures on the screen: sent once under an id, placed where nothing covers them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from noctis_tui.graphics import kitty
from noctis_tui.graphics.canvas import Drawing, font_px, move_to
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.site import uncovered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import CellBox, Site


class KittyCanvas:
    """Pictures the terminal keeps under an id; they lie above the text, so what covers them is cut out."""

    coarsest = 0
    interleaves = False

    def __init__(self, image_id: int) -> None:
        self._id = own_image_id(image_id)
        self._placements = 0

    def draw(self, picture: Picture, site: Site, *, level: int) -> Drawing:  # noqa: ARG002 - PNG has no draft
        """Encode the whole picture; the placements cut out what is to be seen."""
        labelled = draw_labels(picture, font_px(site.cell_px[1]))
        return Drawing(picture, site, payload=kitty.transmit(self._id, labelled))

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> Sequence[bytes] | None:
        """Send the pixels unless the terminal has them, and place the parts that nothing covers."""
        if drawing.site.size_px != site.size_px:
            return None
        if not again:
            self._placements = 0  # new pixels under an id take its placements away
        parts = uncovered(site.visible, site.covered)
        placed = [self._place(number, part, site) for number, part in enumerate(parts, 1)]
        spare = [kitty.hide(self._id, number) for number in range(len(parts) + 1, self._placements + 1)]
        self._placements = len(parts)
        return [b"".join([b"" if again else drawing.payload, *spare, *placed])]

    def abandon(self) -> bytes:
        """Never asked for: there is but one piece."""
        # With more: kitty before 0.37 is not told by a deletion, only by a last chunk (m=0) of what it gets.
        return b""

    def _place(self, number: int, part: CellBox, site: Site) -> bytes:
        width, height = site.cell_px
        source_px = (part.x * width, part.y * height, part.width * width, part.height * height)
        return move_to(site.box.x + part.x, site.box.y + part.y) + kitty.place(self._id, number, source_px)

    def hide(self) -> bytes:
        """Take the placements away; the pixels stay with the terminal."""
        placed, self._placements = self._placements, 0
        return b"".join(kitty.hide(self._id, number) for number in range(1, placed + 1))

    def forget(self) -> bytes:
        """Free the pixels."""
        self._placements = 0
        return kitty.free(self._id)


def own_image_id(image_id: int) -> int:
    """An id that no other program in the same terminal is likely to use: this process's, then the view's."""
    return (os.getpid() & 0x3FFFFF) << 8 | (image_id & 0xFF)
