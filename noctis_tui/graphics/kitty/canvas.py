"""Kitty pictures on the screen: sent once, kept by the terminal, placed where nothing covers them."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from noctis_tui.graphics.canvas import PIECE_BYTES, Drawing, Upload, font_px
from noctis_tui.graphics.encoding.png import encode_overlay_png
from noctis_tui.graphics.kitty import commands as kitty
from noctis_tui.graphics.kitty.draft_choices import DraftChoices
from noctis_tui.graphics.kitty.frame import KittyFrame, Sheet, rearranged
from noctis_tui.graphics.kitty.islands import islands_of
from noctis_tui.graphics.kitty.layers import COARSEST, OWN, SHARES, SMALL, Belows, cut, key_of
from noctis_tui.graphics.kitty.store import STORE, KittyStore
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.graphics.site import CellBox

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from noctis_tui.graphics.kitty.frame import Placements
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import Site
    from noctis_tui.graphics.terminal.detection import Moving

BASE, ABOVE = kitty.LAYER, kitty.LAYER + 1

KEPT_SHARE = 1 / 8
"""Islands of more than this share of the view, lines across the picture, are seldom asked for twice."""

MOST_REMEMBERED = 1000


class _Known(NamedTuple):
    """What was sent ahead."""

    key: bytes
    size_bytes: int


class KittyCanvas:
    """Pictures the terminal keeps; they lie above the text, so what covers them is cut out.

    Below are the pixels: exact, or fewer that the terminal makes smooth. Above them lies the overlay, text
    included, in islands of its own, always exact. Each is an image that the terminal keeps as long as there
    is room: what it was sent before, or ahead, costs one command.

    Parameters
    ----------
    store
        The images in this terminal; None for this process's.
    moving
        Whether pictures move in a tenth of the bytes however fast the link is, or in all of their own pixels
        where it carries those.
    """

    coarsest = COARSEST
    good_moving = SMALL
    interleaves = False

    def __init__(self, store: KittyStore | None = None, *, moving: Moving = "small") -> None:
        self.finest_moving = SMALL if moving == "small" else OWN
        self._choices = DraftChoices(SHARES)
        self._store = STORE if store is None else store
        self._size_px: tuple[int, int] | None = None
        self._drawn: list[KittyFrame] = []  # not yet shown
        self._shown: KittyFrame | None = None
        self._before: KittyFrame | None = None  # stands on the screen until the last piece of the one shown
        self._ahead_keys: dict[Hashable, _Known] = {}
        self._placed: Placements = {}
        self._placed_before: Placements = {}
        self._unsent: list[int] = []  # images that the terminal lacks until the last piece was written

    # ---- drawing, in the worker

    def draw(
        self,
        picture: Picture,
        site: Site,
        *,
        level: int,
        bytes_per_second: float | None = None,  # noqa: ARG002 - its pieces need not know
    ) -> Drawing:
        """Find in the terminal what it has, and encode what is new."""
        if self._size_px != picture.size_px:
            self._size_px = picture.size_px
            self._store.forget(self)
        labelled = draw_labels(picture, font_px(site.cell_px[1]))
        frame = KittyFrame()
        self._drawn.append(frame)
        below, actual_level = self._below(labelled, site, frame, level)
        frame.sheets = (below, *self._islands(labelled, site, frame))
        return Drawing(picture, site, frame=frame, level=actual_level)

    def _below(self, picture: Picture, site: Site, frame: KittyFrame, level: int) -> tuple[Sheet, int | None]:
        """The pixels, exact or the image's own if the terminal has them, else as this level wants them."""
        whole = CellBox(0, 0, site.box.width, site.box.height)
        belows = Belows(picture, self._choices)
        for finer in sorted({0, min(OWN, level), level}):
            below = belows.at(finer)
            known = self._store.hold(below.key, frame, self)
            if known is not None:
                return Sheet(known, BASE, whole, below.size_px), finer
        return self._sheet(below.key, BASE, whole, below.size_px, frame, below.png), None

    def _islands(self, labelled: Picture, site: Site, frame: KittyFrame) -> Iterator[Sheet]:
        overlay = labelled.overlay
        if overlay is None:
            return
        for box in islands_of(overlay, site.cell_px):
            part = cut(overlay, box, site.cell_px)
            size_px = part.shape[1], part.shape[0]
            yield self._sheet(
                b"overlay" + key_of(part), ABOVE, box, size_px, frame, partial(encode_overlay_png, part)
            )

    def _sheet(
        self,
        key: bytes,
        layer: int,
        box: CellBox,
        size_px: tuple[int, int],
        frame: KittyFrame,
        content: Callable[[], bytes],
    ) -> Sheet:
        size_bytes = size_px[0] * size_px[1] * 4
        view_px = self._size_px or (0, 0)
        keep = layer == BASE or size_px[0] * size_px[1] <= view_px[0] * view_px[1] * KEPT_SHARE
        taken = self._store.take(key, size_bytes, frame, self, keep=keep)
        commands = () if taken.is_there else tuple(kitty.send(taken.image_id, content()))
        return Sheet(taken.image_id, layer, box, size_px, commands)

    # ---- ahead

    def draw_ahead(
        self, key: Hashable, render: Callable[[int, int], Picture | None], site: Site, *, level: int
    ) -> Upload | None:
        """Encode what is not there of a picture that may be shown next; in a worker of its own."""
        frame = KittyFrame()
        remembered = key, site.size_px, level
        known = self._ahead_keys.get(remembered)
        if known is not None and self._store.knows(known.key, self):
            return Upload(frame, (), known.size_bytes)
        picture = render(*site.size_px)
        if picture is None:
            return None
        labelled = draw_labels(picture, font_px(site.cell_px[1]))
        below, _ = self._below(labelled, site, frame, level)
        frame.sheets = (below, *self._islands(labelled, site, frame))
        known = self._ahead_keys[remembered] = _Known(
            self._store.key_of(below.image_id), below.size_px[0] * below.size_px[1] * 4
        )
        if len(self._ahead_keys) > MOST_REMEMBERED:
            del self._ahead_keys[next(iter(self._ahead_keys))]
        commands = chain.from_iterable(sheet.commands for sheet in frame.sheets)
        return Upload(frame, list(_pieces(commands, b"")), known.size_bytes)

    def ended(self, upload: Upload, *, is_complete: bool) -> bytes:
        """Keep what was sent, give up what was not."""
        if is_complete:
            self._store.sent(upload.frame)
        self._store.release(upload.frame)
        return b"" if is_complete else kitty.BREAK_OFF

    # ---- showing, on the event loop

    def show(self, drawing: Drawing, site: Site, *, again: bool) -> Sequence[bytes] | None:
        """Send what the terminal has not, and place the parts that nothing covers."""
        frame = drawing.frame
        if frame is None or drawing.site.size_px != site.size_px or not self._is_whole(frame):
            return None
        if frame is not self._shown:
            self._advance(frame)
        cleared = [kitty.shrink(image_id) for image_id in self._store.spare_ids()]
        new = [sheet for sheet in frame.sheets if not self._store.is_there(sheet.image_id)]
        self._store.sent(frame)
        self._unsent = [sheet.image_id for sheet in new]
        self._placed_before, self._placed = self._placed, frame.placements(site)
        pixels = chain.from_iterable(sheet.commands for sheet in new)
        arranged = b"".join(rearranged(self._placed_before, self._placed, is_all=again))
        return list(_pieces([*cleared, *pixels], arranged))

    def _is_whole(self, frame: KittyFrame) -> bool:
        return all(self._store.has(sheet.image_id, frame) for sheet in frame.sheets)

    def _advance(self, frame: KittyFrame) -> None:
        while self._drawn and (older := self._drawn.pop(0)) is not frame:
            self._store.release(older)
        if self._before is not None:
            self._store.release(self._before)
        self._before, self._shown = self._shown, frame

    def abandon(self) -> bytes:
        """End the transmission that was under way; what was on the screen before it stays."""
        self._placed = self._placed_before
        if self._shown is None or not self._unsent:
            return b""
        self._store.abandon(self._unsent)
        self._store.release(self._shown)
        self._shown, self._before = self._before, None
        return kitty.BREAK_OFF

    def sent(self, pieces: int) -> None:
        """Nothing to note."""

    def overwritten(self, boxes: Sequence[CellBox]) -> bool:  # noqa: ARG002 - see the class
        """Text does no harm, but for where the site says that it covers: then `show` places anew."""
        return False

    def hide(self) -> bytes:
        """Take the placements away; the pixels stay with the terminal."""
        placed, self._placed = self._placed, {}
        return b"".join(kitty.hide_all(image_id) for image_id in dict.fromkeys(key[0] for key in placed))

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
        self._shown = self._before = None
        self._store.forget(self)
        return hidden + b"".join(kitty.shrink(image_id) for image_id in self._store.spare_ids())


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
    if waiting or last:
        yield b"".join([*waiting, last])
