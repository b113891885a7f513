"""Pictures sent ahead: what may be asked for next goes to a terminal that keeps it, while nothing else does.

Only one is on the way at a time, in small parts, and any request for a picture ends it: nobody waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from noctis_tui.graphics.wire.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from noctis_tui.graphics.canvas import Keeping, Upload
    from noctis_tui.graphics.site import Site
    from noctis_tui.graphics.wire.order import Ahead
    from noctis_tui.graphics.wire.wire import Wire

IDLE_SECONDS = 0.05
"""How often it is looked whether the way is free."""

PATIENCE = 100
"""So many looks: what is not ready for five seconds is left."""

MOST_BYTES = 80 << 20
"""How much of the terminal is filled ahead; the rest is for what was seen."""

QUICK_SECONDS = 0.1
"""Exact pictures are sent ahead where one takes no longer, else coarser ones."""

MOST_EXACT = 4
"""Only the nearest are sent exactly: the others take a fraction of the room in their own pixels."""

BYTES_A_PIXEL = 0.5
"""What an exact picture is taken to need; noise needs as much."""


@lru_cache(maxsize=1)
def _worker() -> ThreadPoolExecutor:
    """A thread of their own: no picture that is asked for waits behind these."""
    return ThreadPoolExecutor(1, thread_name_prefix="noctis-ahead")


class Uploading:
    """Sends ahead for one view; on the event loop only.

    Parameters
    ----------
    canvas
        The view's canvas.
    site
        Says where the view stands, None while it is not at rest.
    """

    def __init__(self, canvas: Keeping, site: Callable[[], Site | None]) -> None:
        self._canvas = canvas
        self._site = site
        self._wanted: Iterator[Ahead] = iter(())
        self._next: Ahead | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._generation = 0
        self._looks = 0
        self._room_bytes = 0
        self._sent_count = 0

    def want(self, wire: Wire, ahead: Iterable[Ahead]) -> None:
        """Send these as soon as nothing else is to be sent, the first one first, and forget older wishes."""
        self.stop()
        self._wanted = iter(ahead)
        self._next = next(self._wanted, None)
        self._looks, self._room_bytes, self._sent_count = PATIENCE, MOST_BYTES, 0
        self._later(wire)

    def stop(self) -> None:
        """Send nothing more."""
        self._generation += 1
        self._next = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _later(self, wire: Wire) -> None:
        if self._timer is None and self._next is not None and self._looks > 0:
            self._looks -= 1
            self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, partial(self._look, wire))

    def _look(self, wire: Wire) -> None:
        self._timer = None
        site = self._site() if wire.is_idle else None
        if site is None or self._next is None:
            self._later(wire)
            return
        is_quick = wire.link.bytes_in(QUICK_SECONDS) >= site.pixels * BYTES_A_PIXEL
        level = 0 if is_quick and self._sent_count < MOST_EXACT else 1
        draw = partial(self._canvas.draw_ahead, self._next.key, self._next.render, site, level=level)
        with contextlib.suppress(RuntimeError):  # the interpreter ends
            future = asyncio.get_running_loop().run_in_executor(_worker(), draw)
            future.add_done_callback(partial(self._drawn, wire, self._generation))

    def _drawn(self, wire: Wire, generation: int, future: asyncio.Future[Upload | None]) -> None:
        if future.cancelled() or future.exception() is not None:
            return  # who asks for that picture is told
        upload = future.result()
        if generation != self._generation or not wire.is_idle:
            if upload is not None:
                self._canvas.ended(upload, is_complete=False)
            self._later(wire)
        elif upload is None:
            self._later(wire)
        elif upload.pieces:
            self._send(wire, upload)
        else:
            self._sent(wire, upload, is_complete=True)

    def _send(self, wire: Wire, upload: Upload) -> None:
        wire.send(
            Sending(
                upload.pieces,
                lambda is_complete: self._sent(wire, upload, is_complete=is_complete),
                owner=wire.ahead,
                ending=partial(self._canvas.ended, upload, is_complete=False),
                written=lambda _pieces: None,
                is_patient=True,
                is_exclusive=True,
            )
        )

    def _sent(self, wire: Wire, upload: Upload, *, is_complete: bool) -> None:
        if not is_complete:
            self._later(wire)
            return
        self._canvas.ended(upload, is_complete=True)
        self._room_bytes -= upload.size_bytes
        self._sent_count += 1
        self._next = next(self._wanted, None) if self._room_bytes > 0 and self._next is not None else None
        self._looks = PATIENCE
        self._look(wire)
