"""From orders to drawings: the latest one, as fine as there is time for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from noctis_tui.graphics.wire.order import Drawn
from noctis_tui.graphics.wire.pacing import LatestWins
from noctis_tui.graphics.wire.quality import Quality

if TYPE_CHECKING:
    from noctis_tui.graphics.canvas import Canvas
    from noctis_tui.graphics.picture import Picture
    from noctis_tui.graphics.site import Site
    from noctis_tui.graphics.wire.link import Link
    from noctis_tui.graphics.wire.order import Order

FAR_SECONDS = 0.03
"""A terminal that took longer to answer the first questions is far away."""

SLOW_SECONDS = 0.05
"""While whole pictures take longer to render, moving ones are rendered quickly."""


class Drafting:
    """Draws for one view; `draw` runs in a worker thread, everything else on the event loop.

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
        self._quality = Quality(canvas.coarsest, canvas.finest_moving, is_far=is_far)
        self._is_slow = False

    def put(self, order: Order) -> None:
        """Take an order instead of the one that waits."""
        self._orders.put(order)

    def level_for(self, site: Site, link: Link, sharing: int) -> int:
        """Choose how fine a moving picture is to be (`Quality.next_level`)."""
        return self._quality.next_level(link, site.pixels, sharing)

    def draw(self, site: Site, moving_level: int) -> Drawn | None:
        """Render and encode the order that waits; None when there is none."""
        order = self._orders.take()
        if order is None:
            return None
        level = 0 if order.is_at_rest else moving_level
        started = time.perf_counter()
        picture, is_quick = self._picture(order, site)
        rendered = time.perf_counter()
        drawing = self._canvas.draw(picture, site, level=level)
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
