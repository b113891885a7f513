"""One key after the other, however fast they come.

Textual hands a key to whoever has the focus and takes the next one before the first has done its work: the
Enter that closes a field and the `/` struck right behind it both go to the field. Somebody who types ahead,
on a busy machine or over a slow line, would lose what the second key asks for.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from textual import events

from noctis_tui.graphics.wire.wire import FencedApp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.dom import DOMNode

_ROUNDS = 2
"""First the key goes up from widget to widget, then the messages that it led to."""
_MOST_SECONDS = 0.3
"""A widget that goes with the key may not tell that it is done."""


class KeysInTurn(FencedApp[None], inherit_bindings=False):
    """An application that hands out a key when the one before has done its work."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: deque[events.Key] = deque()
        self._is_at_work = False

    async def on_event(self, event: events.Event) -> None:
        """Put keys in line."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        self._keys.append(event)
        if not self._is_at_work:
            await self._take_next()

    async def take_key(self, event: events.Key) -> None:
        """Hand a key to whoever has the focus."""
        await super().on_event(event)

    def insert_key(self, event: events.Key) -> None:
        """Put a key before all that wait."""
        self._keys.appendleft(event)

    async def _take_next(self) -> None:
        self._is_at_work = bool(self._keys)
        if not self._keys:
            return
        target = self.focused or self.screen
        await self.take_key(self._keys.popleft())
        done = _once(self._done)
        _behind([*target.ancestors_with_self] * _ROUNDS, done)
        self.set_timer(_MOST_SECONDS, done)

    def _done(self) -> None:
        # Still at work: a key that comes before the next one is taken must not begin a second line.
        self.call_later(self._take_next)


def _behind(nodes: Sequence[DOMNode], then: Callable[[], object]) -> None:
    """Do something when all these, each after the one before, have done what waits for them."""
    if not nodes or not nodes[0].call_later(_behind, nodes[1:], then):
        then()


def _once(then: Callable[[], object]) -> Callable[[], None]:
    waiting = [then]

    def do() -> None:
        if waiting:
            waiting.pop()()

    return do
