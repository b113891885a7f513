"""One view's pictures on the way to the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.graphics.kitty.placeholder_canvas import PlaceholderCanvas
from noctis_tui.graphics.wire.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from noctis_tui.graphics.canvas import Canvas
    from noctis_tui.graphics.wire.wire import Wire


class Delivery:
    """Sends for one view; on the event loop only.

    Parameters
    ----------
    owner
        The view.
    canvas
        What draws its pictures.
    is_synchronized
        Whether the terminal holds its screen during a synchronized update.

    Attributes
    ----------
    is_whole
        Whether all of the picture that was to be sent last was written, or will be.
    """

    def __init__(self, owner: object, canvas: Canvas, *, is_synchronized: bool) -> None:
        self._owner = owner
        self._canvas = canvas
        self._is_synchronized = is_synchronized
        self.is_whole = False

    def send(
        self, wire: Wire, pieces: Sequence[bytes], left: Callable[[bool, float], None], *, is_patient: bool
    ) -> None:
        """Send a picture (`Sending`); `left` is told, too, how many seconds the terminal took for it."""
        self.is_whole = True
        sending = Sending(
            pieces,
            lambda is_complete: left(is_complete, sending.seconds),
            owner=self._owner,
            ending=self._canvas.abandon,
            written=self._canvas.sent,
            is_patient=is_patient,
            is_exclusive=not self._canvas.interleaves,
            is_synchronized=self._is_synchronized,
        )
        if isinstance(self._canvas, PlaceholderCanvas):
            self._canvas.write = wire.write
        wire.send(sending)

    def make_way(self, wire: Wire) -> None:
        """Send no more of a picture at rest, and the rest of a moving one: a newer one comes."""
        self.give_way(wire)
        wire.finish(self._owner)

    def give_way(self, wire: Wire) -> None:
        """Send no more of a picture at rest: a newer one is asked for."""
        if wire.abandon(self._owner, only_patient=True):
            self.is_whole = False

    def stop(self, wire: Wire) -> None:
        """Send nothing more."""
        if wire.abandon(self._owner):
            self.is_whole = False
