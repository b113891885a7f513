"""The one widget that shows pixels."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from noctis_tui.graphics.canvases import canvas_for
from noctis_tui.graphics.cell_row_strip import CellStrip, changed_rows
from noctis_tui.graphics.cell_strips import PictureStrip
from noctis_tui.graphics.pacing import LatestWins
from noctis_tui.graphics.site import CellBox, Site
from noctis_tui.graphics.wire import Wire, wire_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

    from noctis_tui.graphics.canvas import Drawing
    from noctis_tui.graphics.cell_rows import CellRow
    from noctis_tui.graphics.detection import TerminalGraphics
    from noctis_tui.graphics.picture import Picture

BLACK = Style(bgcolor="rgb(0,0,0)")

Render: TypeAlias = "Callable[[int, int], Picture]"


@dataclass(frozen=True, slots=True)
class _Order:
    """What was asked for: how to render it, and when; nobody asked for what is only mended."""

    render: Render
    draft: bool
    asked_at: float | None


class PictureView(Widget):
    """Shows the latest picture that was asked for; rendering and encoding happen off the event loop.

    Parameters
    ----------
    graphics
        What the terminal can show (`detection.detect`).
    image_id
        1-255, another one for each view that may be mounted at the same time.
    """

    DEFAULT_CSS = """
    PictureView { width: 1fr; height: 1fr; }
    """

    class Shown(Message):
        """The terminal has taken in a picture, or a draft of one, `seconds` after it was asked for."""

        def __init__(self, view: PictureView, seconds: float, *, draft: bool) -> None:
            super().__init__()
            self.view = view
            self.seconds = seconds
            self.draft = draft

        @property
        def control(self) -> PictureView:
            """The view."""
            return self.view

    class Failed(Message):
        """A picture could not be rendered."""

        def __init__(self, view: PictureView, error: Exception) -> None:
            super().__init__()
            self.view = view
            self.error = error

        @property
        def control(self) -> PictureView:
            """The view."""
            return self.view

    def __init__(
        self,
        graphics: TerminalGraphics,
        *,
        image_id: int,  # noqa: ARG002 - views are told apart by what they show
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._graphics = graphics
        self._canvas = canvas_for(graphics)
        self._orders: LatestWins[_Order] = LatestWins()
        self._last_order: _Order | None = None
        self._drawing: Drawing | None = None
        self._strips: list[Strip] = []
        self._rows: tuple[CellRow, ...] = ()
        self._queued = False
        self._is_sent = False  # the terminal has seen this drawing
        self._shown_at: Site | None = None
        self._damaged = False
        self._settling = False
        self._is_mending = False

    # ---- what callers use

    def request(self, render: Render, *, draft: bool = False) -> None:
        """Show what `render(width_px, height_px)` returns, unless something newer is asked for before that.

        `render` is called in a worker thread, later again when the view's size changes: it must use only
        state captured when it was made. A draft may be coarser; ask again without it when the hand rests.
        """
        order = _Order(render, draft, time.perf_counter())
        self._last_order = order
        self._orders.put(order)
        self._queue()

    def redraw(self) -> None:
        """Render and show the last request again."""
        if self._last_order is not None:
            self.request(self._last_order.render, draft=self._last_order.draft)

    @property
    def pixel_size(self) -> tuple[int, int]:
        """Width and height of the pictures that fit, in pixels."""
        width, height = self._cell_px
        return self.size.width * width, self.size.height * height

    def to_picture_px(self, event: events.MouseEvent) -> tuple[float, float] | None:
        """Where in the picture the mouse is: x, y in pixels, a cell's middle where only cells are told."""
        x, y = event.pointer_screen_x - self.region.x, event.pointer_screen_y - self.region.y
        if x == int(x) and y == int(y):
            x, y = x + 0.5, y + 0.5
        if not (0 <= x < self.size.width and 0 <= y < self.size.height):
            return None
        width, height = self._cell_px
        return x * width, y * height

    # ---- drawing, in turn

    @property
    def _wire(self) -> Wire:
        return wire_of(self.app)

    @property
    def _cell_px(self) -> tuple[int, int]:
        detected = (self._graphics.cell_width_px, self._graphics.cell_height_px)
        return detected if self._graphics.protocol == "blocks" else self._wire.cell_px(detected)

    def _queue(self) -> None:
        if not self._queued and self.is_mounted:
            self._queued = True
            self._wire.line.ask(self._start)

    def _start(self) -> None:
        self._queued = False
        site = self._site()
        if site is None:
            self._wire.line.dropped()
            return
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._wire.line.worker, self._draw, site)
        future.add_done_callback(self._drawn)

    def _draw(self, site: Site) -> tuple[_Order, Drawing] | None:
        order = self._orders.take()
        if order is None:
            return None
        level = self._canvas.coarsest if order.draft else 0
        return order, self._canvas.draw(order.render(*site.size_px), site, level=level)

    def _drawn(self, future: asyncio.Future[tuple[_Order, Drawing] | None]) -> None:
        line = self._wire.line
        if future.cancelled() or not self.is_mounted:
            line.dropped()
        elif (error := future.exception()) is not None:
            line.dropped()
            self.post_message(self.Failed(self, error if isinstance(error, Exception) else RuntimeError()))
        elif (drawn := future.result()) is None:
            line.dropped()
        else:
            self._show(*drawn)

    def _show(self, order: _Order, drawing: Drawing) -> None:
        site = self._site()
        self._drawing, self._is_sent = drawing, False
        content = self._canvas.show(drawing, site, again=False) if site else None
        if site is None or content is None:
            self._wire.line.dropped()
            self._draw_elsewhere(order, site)
            return
        self._shown_at, self._is_sent, self._damaged = site, True, False
        self._into_cells(drawing)
        self._wire.write_frame(b"".join(content), lambda: self._acknowledged(order))

    def _draw_elsewhere(self, order: _Order, site: Site | None) -> None:
        """Draw again for a site that changed meanwhile, unless something newer waits anyway."""
        picture = self._drawing.picture if self._drawing else None
        if site is None or self._queued or picture is None:
            return
        same_size = picture.size_px == site.size_px
        render: Render = (lambda _width, _height: picture) if same_size else order.render
        self._orders.put(replace(order, render=render))
        self._queue()

    def _acknowledged(self, order: _Order) -> None:
        if order.asked_at is not None and self.is_mounted:
            self.post_message(self.Shown(self, time.perf_counter() - order.asked_at, draft=order.draft))

    # ---- what the compositor does to the pixels

    def render_lines(self, crop: Region) -> list[Strip]:
        """Blanks that tell when they are written, or the picture itself in character cells."""
        if self._graphics.protocol == "blocks":
            blank = Strip.blank(self.size.width, BLACK)
            lines = [self._strips[y] if y < len(self._strips) else blank for y in crop.line_range]
            return [line.crop(crop.x, crop.right) for line in lines]
        self._settle_soon()
        return [PictureStrip(crop.width, BLACK, self._overwritten)] * crop.height

    def _into_cells(self, drawing: Drawing) -> None:
        if drawing.rows:
            before, self._rows = self._rows, drawing.rows
            self._strips = [CellStrip(row) for row in drawing.rows]
            if changed := changed_rows(before, drawing.rows):
                self.refresh(*changed)

    def _overwritten(self) -> None:
        self._damaged = True
        self._settle_soon()

    def _settle_soon(self) -> None:
        if not self._settling:
            self._settling = True
            asyncio.get_running_loop().call_soon(self._settle)

    def _settle(self) -> None:
        """Mend the picture after the compositor wrote: a popup opened or closed, a screen came back."""
        self._settling = False
        damaged, self._damaged = self._damaged, False
        site, drawing = self._site(), self._drawing
        if site is None:
            self._hide()
        elif self._is_mending and site == self._shown_at:
            self._damaged = damaged  # once more when the terminal has taken the last repair in, not sooner
        elif drawing is not None and (damaged or site != self._shown_at):
            self._mend(drawing, site, damaged=damaged)

    def _mend(self, drawing: Drawing, site: Site, *, damaged: bool) -> None:
        was_shown = self._shown_at is not None
        content = self._canvas.show(drawing, site, again=self._is_sent)
        if content is not None:
            self._shown_at, self._is_sent = site, True
            self._is_mending = True
            self._wire.write_frame(b"".join(content), self._mended, repair=True)
        elif (damaged or not was_shown) and self._last_order is not None:
            self._draw_elsewhere(replace(self._last_order, asked_at=None), site)

    def _mended(self) -> None:
        self._is_mending = False
        if self._damaged:
            self._settle_soon()

    # ---- where it stands

    def _site(self) -> Site | None:
        """Where the view is on the screen; None while it is not to be seen."""
        if not self.is_mounted or not self.display or self.app.screen is not self.screen or not self.size:
            return None
        region = self.region
        seen = region.intersection(self.screen.find_widget(self).clip)
        if self._graphics.protocol == "sixel":
            # A picture that reaches the last row would scroll the screen.
            seen = seen.intersection(Region(0, 0, self.app.size.width, self.app.size.height - 1))
        if not seen:
            return None
        origin = region.offset
        covered = frozenset(_box(above.translate(-origin)) for above in self._above(seen))
        return Site(_box(region), _box(seen.translate(-origin)), covered, self._cell_px)

    def _above(self, seen: Region) -> list[Region]:
        """What other widgets paint over the view, topmost first."""
        if self._graphics.protocol == "blocks":
            return []
        above = []
        for widget, (region, clip) in self.screen._compositor.visible_widgets.items():  # noqa: SLF001 - no public way
            if widget is self:
                break
            if painted := region.intersection(clip).intersection(seen):
                above.append(painted)
        return above

    # ---- life

    def on_mount(self) -> None:
        """Follow what happens to the screen."""
        self.watch(self.screen, "stack_updates", self._stack_changed, init=False)
        self.app.app_resume_signal.subscribe(self, self._resumed)
        if self._last_order is not None:
            self._queue()

    def on_resize(self) -> None:
        """Render for the new size."""
        self._hide()
        self._drawing = None
        self._strips, self._rows = [], ()
        self.redraw()

    def on_hide(self) -> None:
        """Take the picture away with the view."""
        self._hide()

    def on_show(self) -> None:
        """Bring it back with the view."""
        self.redraw()

    def on_unmount(self) -> None:
        """Leave nothing behind in the terminal."""
        self._wire.write(self._canvas.forget())

    def _stack_changed(self, _updates: Any) -> None:  # noqa: ANN401 - Textual's watcher
        self._settle_soon()

    def _resumed(self, _app: object) -> None:
        # While the app was stopped the terminal left the screen, and forgot the pictures that were on it.
        self._is_sent = False
        self._canvas.lost()
        self._overwritten()

    def _hide(self) -> None:
        if self._shown_at is not None:
            self._shown_at = None
            self._wire.write(self._canvas.hide())


def _box(region: Region) -> CellBox:
    return CellBox(region.x, region.y, region.width, region.height)
