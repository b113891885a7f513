"""From orders to drawings: the latest one, as fine as there is time for."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from noctis_tui.graphics.wire.foresight import Foreseen, Foresight
from noctis_tui.graphics.wire.order import Drawn
from noctis_tui.graphics.wire.pacing import LatestWins
from noctis_tui.graphics.wire.quality import Quality

if TYPE_CHECKING:
    from collections.abc import Callable

    from noctis_tui.graphics.canvas import Canvas
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import Site
    from noctis_tui.graphics.wire.foresight import Wish
    from noctis_tui.graphics.wire.link import Link
    from noctis_tui.graphics.wire.order import Ahead, Order

Draw: TypeAlias = "Callable[[Site, int, float | None], Drawn | None]"
"""Draws for a site, a level and the bytes a second that the terminal takes; in a worker thread."""

FAR_SECONDS = 0.03
"""A terminal that took longer to answer the first questions is far away."""

SLOW_SECONDS = 0.05
"""While whole pictures take longer to render, moving ones are rendered quickly."""


class Drafting:
    """Draws for one view; `draw` and what `wish` gives run in a worker thread, the rest on the event loop.

    While the terminal reads one picture the one that is likely to be asked for next is drawn: most of the
    time between a key and its picture is drawing.

    Parameters
    ----------
    canvas
        What draws.
    is_far
        Whether the link is probably slow (`Quality`).
    """

    def __init__(self, canvas: Canvas, *, is_far: bool = False) -> None:
        self._canvas = canvas
        self.is_far = is_far
        self._orders: LatestWins[Order] = LatestWins()
        self._quality = Quality(canvas.coarsest, canvas.finest_moving, good=canvas.good_moving, is_far=is_far)
        self._is_slow = False
        self._foresight = Foresight()

    def put(self, order: Order) -> None:
        """Take an order instead of the one that waits."""
        if not order.is_at_rest:
            self._foresight.forget_but(order.key)
        self._orders.put(order)

    def level_for(self, site: Site, link: Link, sharing: int) -> int:
        """Choose how fine a moving picture is to be (`Quality.next_level`)."""
        return self._quality.next_level(link, site.pixels, sharing)

    def take_foreseen(self, site: Site) -> Drawn | None:
        """Return what was foreseen if that is what waits, None when it must be drawn."""
        order = self._orders.take()
        foreseen = None if order is None else self._foresight.take(order, site)
        if order is None or foreseen is not None:
            return None if order is None or foreseen is None else foreseen.drawn_for(order)
        self._orders.put(order)
        return None

    def adopts(self, site: Site) -> bool:
        """Tell whether what waits is being drawn already; what `wish` gave then returns it."""
        order = self._orders.take()
        if order is not None and not self._foresight.adopt(order, site):
            self._orders.put(order)
            return False
        return order is not None

    def wish(self, ahead: Ahead, site: Site) -> Draw | None:
        """Return what foresees a picture in a worker thread, None where it was, or takes long."""
        wish = None if self._is_slow else self._foresight.begin(ahead, site)
        return None if wish is None else partial(self._foresee, wish)

    def _foresee(self, wish: Wish, site: Site, level: int, bytes_per_second: float | None) -> Drawn | None:
        """Draw it; return it if it is asked for by now."""
        try:
            foreseen = self._foreseen(wish, site, level, bytes_per_second)
        except Exception:  # noqa: BLE001 - whoever asks for that picture is told
            foreseen = None
        order = self._foresight.end(wish, foreseen)
        if order is None or foreseen is not None:
            return None if order is None or foreseen is None else foreseen.drawn_for(order)
        if not self._orders.is_waiting:
            self._orders.put(order)
        return self.draw(site, level, bytes_per_second)

    def _foreseen(
        self, wish: Wish, site: Site, level: int, bytes_per_second: float | None
    ) -> Foreseen | None:
        started = time.perf_counter()
        picture = wish.ahead.render(*site.size_px) if self._foresight.is_wanted(wish) else None
        rendered = time.perf_counter()
        if picture is None or not self._foresight.is_wanted(wish):
            return None
        drawing = self._canvas.draw(picture, site, level=level, bytes_per_second=bytes_per_second)
        seconds = rendered - started, time.perf_counter() - rendered
        level = level if drawing.level is None else drawing.level
        return Foreseen(wish.ahead.key, drawing, level, *seconds)

    def draw(self, site: Site, moving_level: int, bytes_per_second: float | None = None) -> Drawn | None:
        """Render and encode the order that waits; None when there is none."""
        order = self._orders.take()
        if order is None:
            return None
        foreseen = self._foresight.take(order, site)
        if foreseen is not None:
            return foreseen.drawn_for(order)
        level = 0 if order.is_at_rest else moving_level
        started = time.perf_counter()
        picture, is_quick = self._picture(order, site)
        rendered = time.perf_counter()
        drawing = self._canvas.draw(picture, site, level=level, bytes_per_second=bytes_per_second)
        seconds = rendered - started, time.perf_counter() - rendered
        return Drawn(order, drawing, level if drawing.level is None else drawing.level, is_quick, *seconds)

    def _picture(self, order: Order, site: Site) -> tuple[Picture, bool]:
        if order.picture is not None and order.picture.size_px == site.size_px:
            return order.picture, False
        if order.quick is not None and (self._is_slow or order.is_slow) and not order.is_at_rest:
            return order.quick(*site.size_px), True
        return order.render(*site.size_px), False

    def learn(self, drawn: Drawn, size_bytes: int) -> None:
        """Expect the next pictures to need what this one did."""
        if not drawn.is_quick and drawn.order.picture is None:
            self._is_slow = drawn.render_seconds > SLOW_SECONDS
        if drawn.drawing.level is None:
            self._quality.drawn(drawn.level, drawn.drawing.site.pixels, size_bytes, drawn.draw_seconds)

    def taken_in(self, drawn: Drawn, size_bytes: int, seconds: float, link: Link) -> None:
        """Expect the next ones to take as long as this one did, beside what the link promised."""
        if drawn.drawing.level is None:
            self._quality.taken_in(drawn.level, link.seconds_for(size_bytes), seconds)
