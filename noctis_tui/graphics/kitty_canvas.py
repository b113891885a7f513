"""Kitty pictures on the screen: sent once, kept by the terminal, placed where nothing covers them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from noctis_tui.graphics import kitty
from noctis_tui.graphics.canvas import PIECE_BYTES, Drawing, font_px, move_to
from noctis_tui.graphics.kitty_frame import KittyFrame, Sheet
from noctis_tui.graphics.kitty_layers import (
    Look,
    coarse_pixels,
    layer_png,
    look_of,
    overlay_mask,
    pixels_key,
)
from noctis_tui.graphics.kitty_store import STORE, KittyStore
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.picture import Picture
from noctis_tui.graphics.png import encode_png
from noctis_tui.graphics.site import uncovered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from noctis_tui.graphics.site import CellBox, Site

BASE, TOP = kitty.LAYER, kitty.LAYER + 1
COARSE_FACTORS = (1, 2, 3, 4)
"""By level: how many pixels of the screen a draft shows as one, before the terminal makes it smooth."""

LARGEST_LAYER = 0.1
"""A picture that differs from the one below it in a larger share of its pixels is sent whole."""


class KittyCanvas:
    """Pictures the terminal keeps; they lie above the text, so what covers them is cut out.

    What is shown is a whole picture, exact or a coarse one that the terminal enlarges, and at most one
    transparent layer over it. Whole exact pictures stay in the terminal as long as there is room: shown once
    more, or sent ahead, they cost one command.

    Parameters
    ----------
    store
        The images in this terminal; None for this process's.
    """

    coarsest = len(COARSE_FACTORS) - 1
    interleaves = False

    def __init__(self, store: KittyStore | None = None) -> None:
        self._store = STORE if store is None else store
        self._below: Look | None = None  # the last whole picture that was drawn, maybe not yet shown
        self._size_px: tuple[int, int] | None = None
        self._drawn: list[KittyFrame] = []  # not yet shown
        self._shown: KittyFrame | None = None
        self._before: KittyFrame | None = None  # stands on the screen until the last piece of the one shown
        self._placed: dict[int, int] = {}  # image id -> how many placements it has
        self._placed_before: dict[int, int] = {}

    # ---- drawing, in the worker

    def draw(self, picture: Picture, site: Site, *, level: int) -> Drawing:
        """Find the picture in the terminal, or encode what is new in it."""
        if self._size_px != picture.size_px:
            self._size_px, self._below = picture.size_px, None
            self._store.forget(self)
        look = look_of(draw_labels(picture, font_px(site.cell_px[1])))
        frame = KittyFrame()
        self._drawn.append(frame)
        known = self._store.hold(look.key, frame)
        if known is not None:
            self._below = look
            return Drawing(picture, site, frame=frame.of([Sheet(known, BASE)]), level=0)
        if changed := self._changed(look, frame):
            return Drawing(picture, site, frame=frame.of(changed), level=0)
        sheets = self._new(look, frame, level)
        return Drawing(picture, site, frame=frame.of(sheets))

    def _changed(self, look: Look, frame: KittyFrame) -> list[Sheet] | None:
        """Draw only what differs from the whole picture that the terminal has."""
        if self._below is None or self._below.codes.dtype != look.codes.dtype:
            return None
        mask = look.codes != self._below.codes
        if mask.mean() > LARGEST_LAYER:
            return None
        below = self._store.hold(self._below.key, frame)
        return None if below is None else [Sheet(below, BASE), self._layer(look, mask, frame)]

    def _new(self, look: Look, frame: KittyFrame, level: int) -> list[Sheet]:
        if level == 0:
            self._below = look
            return [self._sheet(look.key, look, frame, BASE, lambda: encode_png(look.picture), keep=True)]
        factor = COARSE_FACTORS[min(level, self.coarsest)]
        coarse = coarse_pixels(look.picture, factor)
        key = pixels_key(coarse)
        below = self._sheet(key, look, frame, BASE, lambda: encode_png(Picture(coarse)), factor=factor)
        mask = overlay_mask(look.picture)
        return [below, self._layer(look, mask, frame)] if mask.any() else [below]

    def _layer(self, look: Look, mask: NDArray[np.bool_], frame: KittyFrame) -> Sheet:
        key = pixels_key(mask, look.codes[mask])
        return self._sheet(key, look, frame, TOP, lambda: layer_png(look, mask))

    def _sheet(
        self,
        key: bytes,
        look: Look,
        frame: KittyFrame,
        layer: int,
        content: Callable[[], bytes],
        *,
        factor: int = 1,
        keep: bool = False,
    ) -> Sheet:
        rows, columns = (-(-side // factor) for side in look.codes.shape)
        taken = self._store.take(key, rows * columns * 4, frame, self, keep=keep)
        commands = () if taken.is_there else tuple(kitty.send(taken.image_id, content()))
        return Sheet(taken.image_id, layer, factor, commands)

    # ---- showing, on the event loop

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> Sequence[bytes] | None:
        """Send what the terminal has not, and place the parts that nothing covers."""
        frame = drawing.frame
        if frame is None or drawing.site.size_px != site.size_px or not self._is_whole(frame):
            return None
        if frame is not self._shown:
            self._advance(frame)
        cleared = [kitty.shrink(image_id) for image_id in self._store.spare_ids()]
        pixels = () if again else chain.from_iterable(sheet.commands for sheet in frame.sheets)
        return list(_pieces([*cleared, *pixels], b"".join(self._arranged(frame, site))))

    def _is_whole(self, frame: KittyFrame) -> bool:
        return all(self._store.has(sheet.image_id, frame) for sheet in frame.sheets)

    def _advance(self, frame: KittyFrame) -> None:
        while self._drawn and (older := self._drawn.pop(0)) is not frame:
            self._store.release(older)
        if self._before is not None:
            self._store.release(self._before)
        self._before, self._shown = self._shown, frame
        self._placed_before = dict(self._placed)
        self._store.sent(frame)

    def _arranged(self, frame: KittyFrame, site: Site) -> Iterator[bytes]:
        """Place the new pictures, then take away what was there before: nothing is bare in between."""
        parts = uncovered(site.visible, site.covered)
        before, self._placed = self._placed, {sheet.image_id: len(parts) for sheet in frame.sheets}
        for number, part in enumerate(parts, 1):
            yield move_to(site.box.x + part.x, site.box.y + part.y)
            yield from (_place(sheet, number, part, site) for sheet in frame.sheets)
        for image_id, count in before.items():
            kept = self._placed.get(image_id, 0)
            if not kept:
                yield kitty.hide_all(image_id)
            else:
                yield from (kitty.hide(image_id, number) for number in range(kept + 1, count + 1))

    def abandon(self) -> bytes:
        """End the transmission that was under way; what was on the screen before it stays."""
        if self._shown is not None:
            self._store.abandon(
                self._shown, [sheet.image_id for sheet in self._shown.sheets if sheet.commands]
            )
            self._store.release(self._shown)
        self._shown, self._before = self._before, None
        self._placed = self._placed_before
        return kitty.BREAK_OFF

    def sent(self, pieces: int) -> None:
        """Nothing to note."""

    def overwritten(self, boxes: Sequence[CellBox]) -> bool:  # noqa: ARG002 - see the class
        """Text does no harm, but for where the site says that it covers: then `show` places anew."""
        return False

    def hide(self) -> bytes:
        """Take the placements away; the pixels stay with the terminal."""
        placed, self._placed = self._placed, {}
        return b"".join(kitty.hide_all(image_id) for image_id in placed)

    def lost(self) -> None:
        """Take note that the terminal keeps nothing any more."""
        self._placed = {}
        self._store.lost()

    def forget(self) -> bytes:
        """Free the pixels."""
        hidden = self.hide()
        for frame in (self._before, self._shown, *self._drawn):
            if frame is not None:
                self._store.release(frame)
        self._drawn = []
        self._shown = self._before = self._below = None
        self._store.forget(self)
        return hidden + b"".join(kitty.shrink(image_id) for image_id in self._store.spare_ids())


def _place(sheet: Sheet, number: int, part: CellBox, site: Site) -> bytes:
    width, height = site.cell_px
    is_all = (part.x, part.y, part.width, part.height) == (0, 0, site.box.width, site.box.height)
    edges = (part.x * width, part.y * height, part.width * width, part.height * height)
    left, top, across, down = (edge // sheet.factor for edge in edges)
    return kitty.place(
        sheet.image_id,
        number,
        layer=sheet.layer,
        source_px=None if is_all else (left, top, max(across, 1), max(down, 1)),
        cells=(part.width, part.height) if sheet.factor > 1 else None,
    )


def _pieces(commands: Iterable[bytes], last: bytes) -> Iterator[bytes]:
    """Join commands to pieces; the last piece holds what changes the screen."""
    waiting: list[bytes] = []
    size = 0
    for command in commands:
        if size and size + len(command) > PIECE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
        waiting.append(command)
        size += len(command)
    yield b"".join([*waiting, last])
