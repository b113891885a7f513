"""When the hand rests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

REST_SECONDS = 0.12
"""After so long without another request a draft is drawn once more, as well as it can be."""


class Rest:
    """Calls `begun` when `REST_SECONDS` have passed since the last `disturb`."""

    def __init__(self, begun: Callable[[], None]) -> None:
        self._begun = begun
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_on(self) -> bool:
        """Whether nothing has happened for so long, or ever."""
        return self._timer is None

    def disturb(self) -> None:
        """Begin to wait again."""
        self.end()
        self._timer = asyncio.get_running_loop().call_later(REST_SECONDS, self._pass)

    def end(self) -> None:
        """Wait no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _pass(self) -> None:
        self._timer = None
        self._begun()
