"""The picture that is likely to be asked for next, drawn while the terminal reads the one before."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from noctis_tui.graphics.wire.order import Drawn

if TYPE_CHECKING:
    from collections.abc import Hashable

    from noctis_tui.graphics.canvas import Drawing
    from noctis_tui.graphics.site import Site
    from noctis_tui.graphics.wire.order import Ahead, Order


@dataclass(slots=True, eq=False)
class Wish:
    """A picture that is being drawn before anybody asks for it; `order` is who asked for it meanwhile."""

    ahead: Ahead
    site: Site
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A moving picture that was drawn before anybody asked for it, and what it took."""

    key: Hashable
    drawing: Drawing
    level: int
    render_seconds: float
    draw_seconds: float

    def drawn_for(self, order: Order) -> Drawn:
        """Take it for an order."""
        seconds = self.render_seconds, self.draw_seconds
        return Drawn(order, self.drawing, self.level, False, *seconds)  # noqa: FBT003 - a record's field


class Foresight:
    """Keeps one picture that was foreseen, or is being drawn. Safe between threads.

    Whatever else is asked for makes it void: what changed may have changed that picture, too.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._wish: Wish | None = None
        self._foreseen: Foreseen | None = None

    def begin(self, ahead: Ahead, site: Site) -> Wish | None:
        """Note that a picture is drawn; None where it was, or somebody waits for another one."""
        with self._lock:
            is_there = self._foreseen is not None and self._foreseen.key == ahead.key
            wish = self._wish
            if is_there or (wish is not None and (wish.order is not None or wish.ahead.key == ahead.key)):
                return None
            self._wish = Wish(ahead, site)
            return self._wish

    def is_wanted(self, wish: Wish) -> bool:
        """Tell whether it is worth going on with it."""
        return self._wish is wish

    def end(self, wish: Wish, foreseen: Foreseen | None) -> Order | None:
        """Note that it was drawn, or cannot be; return who asked for it meanwhile."""
        with self._lock:
            if self._wish is not wish:
                return None
            self._wish = None
            if wish.order is None:
                self._foreseen = foreseen
            return wish.order

    def adopt(self, order: Order, site: Site) -> bool:
        """Let what is being drawn be for an order, if it is what that asks for."""
        with self._lock:
            wish = self._wish
            if wish is None or wish.order is not None or not _is_for(order, wish.ahead.key, site, wish.site):
                return False
            wish.order = order
            return True

    def take(self, order: Order, site: Site) -> Foreseen | None:
        """Give away what was foreseen, if it is what an order asks for."""
        with self._lock:
            foreseen = self._foreseen
            if foreseen is None or not _is_for(order, foreseen.key, site, foreseen.drawing.site):
                return None
            self._foreseen = None
            return foreseen

    def forget_but(self, key: Hashable) -> None:
        """Forget what was foreseen for another key; who asked for it gets it."""
        with self._lock:
            if self._wish is not None and self._wish.order is None and self._wish.ahead.key != key:
                self._wish = None
            if self._foreseen is not None and self._foreseen.key != key:
                self._foreseen = None


def _is_for(order: Order, key: Hashable, site: Site, drawn_for: Site) -> bool:
    return not order.is_at_rest and order.key == key and site == drawn_for
