"""Kitty pictures inside tmux: pixels through its passthrough, and cells that tmux itself moves about."""

from __future__ import annotations

import asyncio
from itertools import count, groupby
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.canvas import Drawing, font_px, move_to
from noctis_tui.graphics.encoding.png import DRAFTS, encode_draft_png, encode_png
from noctis_tui.graphics.kitty import commands as kitty
from noctis_tui.graphics.kitty.placeholders import placeholder_cells, placeholder_id
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.site import uncovered
from noctis_tui.graphics.terminal.passthrough import groups, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import CellBox, Site

NUDGE_SECONDS = (0.06, 0.5)
"""kitty (0.41) shows what was sent for cells that it has drawn only when it draws again."""

_numbers = count()


class PlaceholderCanvas:
    """A picture that cells refer to: the cells are written once, then only pixels travel.

    A picture of the same size replaces the one before as its first frame: sending it under the id anew would
    take the placement away, and the screen would be black until the last byte is there.

    Parameters
    ----------
    has_frames
        Whether the terminal knows frames (the animation part of the protocol): kitty does, Ghostty does not.

    Attributes
    ----------
    write
        How to write a little a moment after a picture.
    """

    coarsest = len(DRAFTS)
    finest_moving = 0
    good_moving = 0
    interleaves = False

    def __init__(self, *, has_frames: bool) -> None:
        self._id = placeholder_id(next(_numbers))
        self._has_frames = has_frames
        self._sent_px: tuple[int, int] | None = None
        self._box: CellBox | None = None
        self._held = np.zeros((0, 0), bool)  # cells of the view that refer to the picture
        self._begun = b""  # the action whose chunks are on the way
        self._nudges: list[asyncio.TimerHandle] = []
        self.write: Callable[[bytes], None] | None = None

    def draw(
        self,
        picture: Picture,
        site: Site,
        *,
        level: int,
        bytes_per_second: float | None = None,  # noqa: ARG002 - its pieces need not know
    ) -> Drawing:
        """Encode the whole picture; the cells cut out what is to be seen."""
        labelled = draw_labels(picture, font_px(site.cell_px[1]))
        content = encode_draft_png(labelled, DRAFTS[level - 1]) if level else encode_png(labelled)
        return Drawing(picture, site, png=content)

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> Sequence[bytes] | None:
        """Send the pixels unless the terminal has them, and the cells that do not refer to them yet."""
        if drawing.site.size_px != site.size_px:
            return None
        pixels = [] if again else self._pixels(drawing, site)
        cells = self._cells(site)
        return [*pixels, cells] if cells else pixels

    def _pixels(self, drawing: Drawing, site: Site) -> list[bytes]:
        if self._has_frames and self._sent_px == site.size_px:
            self._begun = b"a=f,r=1,i=%d" % self._id
            commands = kitty.chunks(self._begun, drawing.png, later=self._begun + b",")
        else:
            self._begun = b"a=t,i=%d" % self._id
            commands = kitty.chunks(self._begun, drawing.png)
            columns, rows = site.box.width, site.box.height
            commands.append(b"\x1b_Ga=p,U=1,i=%d,c=%d,r=%d,q=2\x1b\\" % (self._id, columns, rows))
        self._sent_px = site.size_px
        return [wrap(b"".join(group)) for group in groups(commands)]

    def _cells(self, site: Site) -> bytes:
        if self._box != site.box:
            self._box, self._held = site.box, np.zeros((site.box.height, site.box.width), bool)
        wanted = np.zeros_like(self._held)
        for part in uncovered(site.visible, site.covered):
            wanted[part.y : part.y + part.height, part.x : part.x + part.width] = True
        missing = wanted & ~self._held
        self._held |= missing
        rows = (
            self._row(row, missing[row], site.box) for row in np.flatnonzero(missing.any(axis=1)).tolist()
        )
        return b"".join(rows)

    def _row(self, row: int, missing: np.ndarray, box: CellBox) -> bytes:
        parts, first = [], 0
        for is_missing, run in groupby(missing.tolist()):
            end = first + len(list(run))
            if is_missing:
                cells = placeholder_cells(self._id, row, first, end)
                parts.append(move_to(box.x + first, box.y + row) + cells.encode())
            first = end
        return b"".join(parts)

    def sent(self, pieces: int) -> None:  # noqa: ARG002 - what is not sent is abandoned, and then sent again
        """Have the terminal draw once more in a moment, and later in case a slow line was still busy."""
        self._stop_nudging()
        if self.write is not None:
            loop = asyncio.get_running_loop()
            self._nudges = [loop.call_later(seconds, self._nudge, self.write) for seconds in NUDGE_SECONDS]

    def overwritten(self, boxes: Sequence[CellBox]) -> bool:
        """Note which cells refer to something else now."""
        for box in boxes:
            self._held[box.y : box.y + box.height, box.x : box.x + box.width] = False
        return bool(boxes)

    def abandon(self) -> bytes:
        """End the chunks; a frame leaves what was there before, a new picture is broken."""
        if not self._begun.startswith(b"a=f"):
            self._sent_px = None
        self._held[:] = False  # its cells may not have been written
        return wrap(b"\x1b_G%b,m=0,q=2;\x1b\\" % self._begun)

    def hide(self) -> bytes:
        """Nothing: other text takes the cells."""
        self._box = None
        return b""

    def lost(self) -> None:
        """Send everything again."""
        self._box = self._sent_px = None

    def forget(self) -> bytes:
        """Free the pixels."""
        self._stop_nudging()
        self.lost()
        return wrap(kitty.shrink(self._id))

    # ---- after the last byte

    def _stop_nudging(self) -> None:
        for nudge in self._nudges:
            nudge.cancel()

    def _nudge(self, write: Callable[[bytes], None]) -> None:
        """Write one of the cells again, which changes nothing."""
        held = np.argwhere(self._held)
        if self._box is not None and len(held):
            row, column = held[-1].tolist()
            cell = placeholder_cells(self._id, row, column, column + 1).encode()
            write(move_to(self._box.x + column, self._box.y + row) + cell)
