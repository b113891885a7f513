"""Three ways a picture reaches the screen, behind one door: drawn off the event loop, shown by one write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from noctis_tui.graphics.cells.rows import CellRow
    from noctis_tui.graphics.kitty.frame import KittyFrame
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import CellBox, Site
    from noctis_tui.graphics.sixel.sheet import SixelSheet

LEAST_FONT_PX = 9

PIECE_BYTES = 32_768
"""About the size of a piece (`Canvas.show`) where the link is slow or not known: 26 ms at 10 Mbit/s."""

PIECE_SECONDS = 0.025
"""A resting picture is written in parts that the link takes in so fast: longer nothing newer waits for it."""

WHOLE_SECONDS = 0.06
"""A moving picture that the link takes in so fast is written at once."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One sixel image and the cells, counted from the view's corner, that it fills."""

    box: CellBox
    sixels: bytes


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture ready for the terminal.

    Attributes
    ----------
    picture
        What was drawn, kept to draw it again for another site.
    site
        The site it was drawn for.
    frame, png, tiles, sheet, rows
        What the canvas that drew it needs to show it.
    level
        The level it was drawn at, where that is finer than what was asked for because it costs nothing: the
        terminal has it already, say. None for what was asked for.
    """

    picture: Picture
    site: Site
    frame: KittyFrame | None = None
    png: bytes = b""
    tiles: tuple[Tile, ...] = ()
    sheet: SixelSheet | None = None
    rows: tuple[CellRow, ...] = ()
    level: int | None = None


class Canvas(Protocol):
    """One protocol's way to draw, show, hide and forget one view's picture.

    A picture goes to the terminal in pieces, so that what is asked for next never waits behind a large one.
    The pieces of one picture are written in order. One write holds as many of them as the link carries in a
    moment, all of them where it is fast; it stands inside a synchronized update where the terminal has it,
    the cursor is saved before and restored behind it, and a fence follows. Between two writes the terminal
    may get text, and other views' pictures where `interleaves` says so. When something newer is asked for
    before the last piece was written the rest is never sent, `abandon` is written instead, and what was
    written stays on the screen until the newer picture comes. So

    - each piece moves the cursor itself, and ends what it began;
    - after each piece the screen is fit to be looked at: whole rows of a picture that the rest still shows
      coarser (sixel), or what was there before until the last piece puts the new one in its place (kitty);
    - a piece holds whole rows of cells, and nothing but cells that are to be seen.

    A canvas may keep account of what the terminal shows: it is told what was written (`sent`) and what was
    written over it (`overwritten`, `lost`).

    Attributes
    ----------
    coarsest
        The last level that `draw` knows.
    finest_moving
        The finest level for a picture that moves: 0, but where a coarser one looks like it and costs less.
    good_moving
        The coarsest level at which a moving picture still shows its noise and edges as they are: worth a
        slower frame.
    interleaves
        Whether other pictures may be written between two pieces of one.
    """

    coarsest: int
    finest_moving: int
    good_moving: int
    interleaves: bool

    def draw(
        self, picture: Picture, site: Site, *, level: int, bytes_per_second: float | None = None
    ) -> Drawing:
        """Encode; the slow part, for a worker thread.

        Level 0 is for a picture at rest, each further one takes fewer bytes. How fast the terminal takes
        pictures in, where that is known, says how large the pieces may be.
        """

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> Sequence[bytes] | None:
        """Pieces that put the drawing on the screen, None when it must be drawn anew for that site.

        `again` says that the terminal was sent all of this drawing before.
        """

    def sent(self, pieces: int) -> None:
        """Take note that the next so many pieces of what `show` returned last were written."""

    def overwritten(self, boxes: Sequence[CellBox]) -> bool:
        """Take note that text was written to cells, counted from the view's corner.

        Returns whether the picture may have suffered: `show` then says how to mend it.
        """

    def abandon(self) -> bytes:
        """Bytes that end the drawing that was to be shown last: some of its pieces were written, not all.

        They are not written themselves when none of its pieces was.
        """

    def hide(self) -> bytes:
        """Bytes that take it off the screen."""

    def lost(self) -> None:
        """Take note that the terminal was cleared, and keeps nothing any more."""

    def forget(self) -> bytes:
        """Bytes that free what the terminal keeps."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture on its way to be kept.

    Attributes
    ----------
    frame
        What the canvas keeps of it.
    pieces
        What is to be sent, nothing where the terminal has it.
    size_bytes
        What it takes there.
    """

    frame: KittyFrame
    pieces: Sequence[bytes]
    size_bytes: int


@runtime_checkable
class Keeping(Protocol):
    """A canvas whose terminal keeps pictures that are not shown."""

    def draw_ahead(
        self, key: Hashable, render: Callable[[int, int], Picture | None], site: Site, *, level: int
    ) -> Upload | None:
        """Draw a picture that may be asked for; in a worker thread. None while it cannot be rendered.

        `key` stands for all that is rendered, for that site: what it stood for before is not rendered again.
        """

    def ended(self, upload: Upload, *, is_complete: bool) -> bytes:
        """Take note that all was sent, or that the rest will never be; bytes that end it."""


def font_px(cell_height_px: int) -> int:
    """Size of labels drawn into pixels for a terminal with cells of that height."""
    return max(LEAST_FONT_PX, round(cell_height_px * 0.8))


def move_to(x: int, y: int) -> bytes:
    """Move the cursor to a cell, counted from 0 (CUP)."""
    return b"\x1b[%d;%dH" % (y + 1, x + 1)
