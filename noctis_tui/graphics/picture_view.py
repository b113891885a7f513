"""The one widget that shows pixels."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from noctis_tui.graphics import picture_messages
from noctis_tui.graphics.canvas import Keeping
from noctis_tui.graphics.canvases import canvas_for
from noctis_tui.graphics.cells.row_strip import ShownRows
from noctis_tui.graphics.delivery import Delivery
from noctis_tui.graphics.screen_pictures import pictures_of
from noctis_tui.graphics.site import inside, parts_of
from noctis_tui.graphics.standing import box_of, pixel_at, site_of
from noctis_tui.graphics.uploading import Uploading
from noctis_tui.graphics.wire.drafting import FAR_SECONDS, Drafting
from noctis_tui.graphics.wire.order import Order
from noctis_tui.graphics.wire.rest import Rest
from noctis_tui.graphics.wire.wire import Wire, wire_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from textual import events
    from textual.geometry import Region

    from noctis_tui.graphics.site import CellBox, Site
    from noctis_tui.graphics.terminal.detection import TerminalGraphics
    from noctis_tui.graphics.wire.drafting import Draw
    from noctis_tui.graphics.wire.order import Ahead, Drawn, Render

BLACK = Style(bgcolor="rgb(0,0,0)")


class PictureView(Widget):
    """Shows the latest picture that was asked for; rendering and encoding happen off the event loop.

    Only a `FencedApp` leaves pixels alone when it draws text.

    Parameters
    ----------
    graphics
        What the terminal can show (`terminal.detection.detect`).
    """

    DEFAULT_CSS = """
    PictureView { width: 1fr; height: 1fr; }
    """

    Shown: TypeAlias = picture_messages.Shown
    Failed: TypeAlias = picture_messages.Failed

    def __init__(
        self,
        graphics: TerminalGraphics,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._graphics = graphics
        self._canvas = canvas_for(graphics)
        self._drafting = Drafting(self._canvas, is_far=graphics.answer_seconds > FAR_SECONDS)
        self._delivery = Delivery(self, self._canvas, is_synchronized=graphics.synchronized)
        keeping = self._canvas if isinstance(self._canvas, Keeping) else None
        self._uploading = Uploading(keeping, self._site_at_rest) if keeping is not None else None
        self._foreseeing: asyncio.Future[Drawn | None] | None = None
        self._last_order: Order | None = None
        self._number = 0  # of the last order
        self._drawn: Drawn | None = None  # what is shown, or to be
        self._draft_of: Order | None = None
        self._rest = Rest(self._make_good)
        self._rows = ShownRows()
        self._queued = False
        self._shown_at: Site | None = None
        self._damaged = False
        self._settling = False
        self._is_mending = False
        self._is_owed = False  # what was asked for while there was nowhere to show it

    # ---- what callers use

    def request(
        self,
        render: Render,
        *,
        quick: Render | None = None,
        is_slow: bool = False,
        key: Hashable = None,
        ahead: Ahead | None = None,
    ) -> None:
        """Show what `render(width_px, height_px)` returns, unless something newer is asked for before that.

        `render` is called in a worker thread, later again when the hand rests or the view's size changes: it
        must use only state captured when it was made. How fine the picture is at first follows from what the
        link carries; what is less than all is made good after a moment without another request.

        Parameters
        ----------
        render
            Draws the picture as it is to be.
        quick
            Draws one that leaves out what takes long, taken meanwhile where `render` is slow.
        is_slow
            Whether `render` is known to be; else that is found out.
        key
            Stands for what `render` draws, as in `ahead` before.
        ahead
            What will probably be asked for next: it is drawn, not sent, while the terminal reads this one.
        """
        self._number += 1
        asked_at = time.perf_counter()
        order = Order(self._number, render, quick, asked_at, is_slow=is_slow, key=key, ahead=ahead)
        self._last_order, self._draft_of = order, None
        self._drafting.put(order)
        if self.is_mounted:
            self._wire.asked(self)
            self._delivery.give_way(self._wire)
            if self._uploading is not None:
                self._uploading.stop()
            self._rest.disturb()
            self._queue()

    @property
    def keeps(self) -> bool:
        """Whether the terminal keeps pictures that are sent `ahead`."""
        return self._uploading is not None

    def ahead(self, pictures: Iterable[Ahead]) -> None:
        """Send what may be asked for next, while nothing is asked for; a request ends it."""
        if self._uploading is not None and self.is_mounted:
            self._uploading.want(self._wire, pictures)

    def redraw(self) -> None:
        """Render and show the last request again."""
        if self._last_order is not None:
            last = self._last_order
            self.request(last.render, quick=last.quick, is_slow=last.is_slow)

    @property
    def pixel_size(self) -> tuple[int, int]:
        """Width and height of the pictures that fit, in pixels."""
        width, height = self._cell_px
        return self.size.width * width, self.size.height * height

    def to_picture_px(self, event: events.MouseEvent) -> tuple[float, float] | None:
        """Where in the picture the mouse is: x, y in pixels, a cell's middle where only cells are told."""
        return pixel_at(event, self.region, self._cell_px)

    # ---- drawing, in turn

    @property
    def _wire(self) -> Wire:
        return wire_of(self.app)

    @property
    def _cell_px(self) -> tuple[int, int]:
        detected = (self._graphics.cell_width_px, self._graphics.cell_height_px)
        return detected if self._graphics.protocol == "blocks" else self._wire.cell_px(detected)

    def _site(self) -> Site | None:
        return site_of(self, self._graphics.protocol, self._cell_px)

    def _site_at_rest(self) -> Site | None:
        """Where the view stands, None while its own picture is not drawn to the end."""
        is_resting = self._rest.is_on and self._draft_of is None and not self._queued
        return self._site() if is_resting and self._shown_at is not None else None

    def _queue(self) -> None:
        if not self._queued and self.is_mounted:
            self._queued = True
            self._wire.line.ask(self._start)

    def _start(self) -> None:
        self._queued = False
        site = self._site()
        if site is None:
            self._is_owed = True
            self._wire.line.left()
            return
        foreseen = self._drafting.take_foreseen(site)
        if foreseen is not None:
            self._show(foreseen)
            return
        is_coming = self._foreseeing is not None and self._drafting.adopts(site)
        drawing = self._foreseeing if is_coming else self._in_worker(self._drafting.draw, site)
        if drawing is not None:
            drawing.add_done_callback(self._finish)

    def _in_worker(self, draw: Draw, site: Site) -> asyncio.Future[Drawn | None]:
        wire = self._wire
        level = self._drafting.level_for(site, wire.link, wire.moving)
        rate = wire.link.bytes_per_second
        return asyncio.get_running_loop().run_in_executor(wire.line.worker, draw, site, level, rate)

    def _foresee(self) -> None:
        """Draw what may be asked for next, while the terminal reads."""
        site, ahead = self._site(), None if self._last_order is None else self._last_order.ahead
        if site is not None and ahead is not None and self._uploading is None and not self._queued:
            wish = self._drafting.wish(ahead, site)
            if wish is not None:
                self._foreseeing = self._in_worker(wish, site)

    def _finish(self, future: asyncio.Future[Drawn | None]) -> None:
        line = self._wire.line
        if future.cancelled() or not self.is_mounted:
            line.left()
        elif (error := future.exception()) is not None:
            line.left()
            self.post_message(self.Failed(self, error if isinstance(error, Exception) else RuntimeError()))
        elif (drawn := future.result()) is None or self._is_late(drawn):
            line.left()
            self._make_good()  # an earlier turn drew what this one was for, and may have left a draft
        else:
            self._show(drawn)

    def _is_late(self, drawn: Drawn) -> bool:
        """Whether it was drawn for the rest before something newer was asked for."""
        return drawn.order.is_at_rest and drawn.order.number != self._number

    def _show(self, drawn: Drawn) -> None:
        site = self._site()
        self._delivery.make_way(self._wire)
        self._drawn, self._delivery.is_whole = drawn, False
        # Noted before it is known whether it can be shown now: what is shown later is a draft, too.
        self._draft_of = replace(drawn.order, picture=drawn.whole_picture) if drawn.is_draft else None
        pieces = self._canvas.show(drawn.drawing, site, again=False) if site else None
        if site is None or pieces is None:
            self._wire.line.left()
            self._draw_elsewhere(drawn, drawn.order, site)
            return
        self._shown_at, self._damaged = site, False
        if drawn.drawing.rows and (changed := self._rows.take(drawn.drawing.rows)):
            self.refresh(*changed)
        self._drafting.learn(drawn, sum(map(len, pieces)))
        self._send_drawn(drawn, pieces)

    def _send_drawn(self, drawn: Drawn, pieces: Sequence[bytes]) -> None:
        """Send a moving picture in its place in the line; one at rest fills what the others leave."""
        line, order, size_bytes = self._wire.line, drawn.order, sum(map(len, pieces))

        def left(is_complete: bool, seconds: float) -> None:
            if not order.is_at_rest:
                line.left()
            if is_complete:
                self._drafting.taken_in(drawn, size_bytes, seconds, self._wire.link)
            if is_complete and order.asked_at is not None and self.is_mounted:
                waited = time.perf_counter() - order.asked_at
                self.post_message(self.Shown(self, waited, level=drawn.level, draft=drawn.is_draft))

        is_patient = order.is_at_rest or (self._drafting.is_far and self._wire.is_curious)
        self._delivery.send(self._wire, pieces, left, is_patient=is_patient)
        if order.is_at_rest:
            line.left()
        self._foresee()
        self._make_good()

    def _draw_elsewhere(self, drawn: Drawn, order: Order, site: Site | None) -> None:
        """Draw again for a site that changed meanwhile, unless something newer comes anyway."""
        if site is not None and not self._queued and order.number == self._number:
            self._drafting.put(replace(order, picture=drawn.whole_picture))
            self._queue()

    # ---- at rest

    def _make_good(self) -> None:
        """Draw a draft once more as well as it can be, when nothing newer is asked for."""
        draft = self._draft_of
        if self._rest.is_on and draft is not None and not self._queued and self.is_mounted:
            self._draft_of = None
            self._drafting.put(replace(draft, is_at_rest=True))
            self._queue()

    # ---- what the compositor does to the pixels

    def render_lines(self, crop: Region) -> list[Strip]:
        """Blanks, or the picture itself in character cells."""
        if self._graphics.protocol == "blocks":
            return self._rows.lines(crop, Strip.blank(self.size.width, BLACK))
        self._settle_soon()
        return [Strip.blank(crop.width, BLACK)] * crop.height

    @property
    def spared(self) -> list[CellBox]:
        """Cells of the screen that show the picture, or will when it has settled (`OnScreen`)."""
        # What comes back from below another screen is blanked: over a slow line that would stay meanwhile.
        if self._drawn is None or self._shown_at is None or self._graphics.protocol == "blocks":
            return []
        return parts_of(self._site(), self._drawn.drawing.site)

    def overwritten(self, boxes: list[CellBox]) -> None:
        """Mend what was written over, now or when it is uncovered."""
        if self._site() != self._shown_at:
            self._delivery.stop(self._wire)  # else it would be painted over what covers it now
        if (here := inside(box_of(self.region), boxes)) and self._canvas.overwritten(here):
            self._damaged = True
        self._settle_soon()

    def look_again(self) -> None:
        """Send everything again where the terminal does not keep it."""
        if self._graphics.forgetful:
            self.overwritten([box_of(self.region)])

    def lost(self) -> None:
        """Send everything again."""
        self._delivery.stop(self._wire)
        self._canvas.lost()
        self._delivery.is_whole, self._damaged = False, True
        self._settle_soon()

    def _settle_soon(self) -> None:
        if not self._settling:
            self._settling = True
            asyncio.get_running_loop().call_soon(self._settle)

    def _settle(self) -> None:
        """Mend the picture after the compositor wrote: a popup opened or closed, a screen came back."""
        self._settling = False
        damaged, self._damaged = self._damaged, False
        site, drawn = self._site(), self._drawn
        if site is not None and self._is_owed:
            self._is_owed = False
            self._queue()
        if site is None:
            self._hide()
        elif self._is_mending and site == self._shown_at:
            self._damaged = damaged  # once more when the terminal has taken the last repair in, not sooner
        elif drawn is not None and (damaged or site != self._shown_at):
            self._mend(drawn, site, damaged=damaged)

    def _mend(self, drawn: Drawn, site: Site, *, damaged: bool) -> None:
        was_shown = self._shown_at is not None
        self._delivery.stop(self._wire)
        pieces = self._canvas.show(drawn.drawing, site, again=self._delivery.is_whole)
        if pieces is not None:
            self._shown_at = site
            self._is_mending = bool(pieces)
            if pieces:
                self._delivery.send(self._wire, pieces, self._mended, is_patient=True)
        elif damaged or not was_shown:
            self._draw_elsewhere(drawn, replace(drawn.order, asked_at=None), site)

    def _mended(self, _is_complete: bool, _seconds: float) -> None:
        self._is_mending = False
        if self._damaged:
            self._settle_soon()

    # ---- life

    def on_mount(self) -> None:
        """Follow what happens to the screen."""
        self.watch(self.screen, "stack_updates", self._laid_out, init=False)
        # While the app is stopped the terminal leaves the screen, and forgets the pictures that were on it.
        self.app.app_resume_signal.subscribe(self, lambda _app: self.lost())
        self.screen.screen_layout_refresh_signal.subscribe(self, self._laid_out)
        pictures_of(self.app).add(self)
        if self._last_order is not None:
            self._queue()

    def on_resize(self) -> None:
        """Render for the new size."""
        self._hide()
        self._drawn = None
        self._rows = ShownRows()
        self.redraw()

    def on_hide(self) -> None:
        """Take the picture away with the view."""
        self._hide()

    def on_show(self) -> None:
        """Bring it back with the view."""
        self.redraw()

    def on_unmount(self) -> None:
        """Leave nothing behind in the terminal."""
        self._rest.end()
        if self._uploading is not None:
            self._uploading.stop()
        self._delivery.stop(self._wire)
        pictures_of(self.app).remove(self)
        self._wire.write(self._canvas.forget())

    def _laid_out(self, _told: object) -> None:
        pictures_of(self.app).look()
        self._settle_soon()

    def _hide(self) -> None:
        if self._shown_at is not None:
            self._delivery.stop(self._wire)
            self._shown_at = None
            self._wire.write(self._canvas.hide())
