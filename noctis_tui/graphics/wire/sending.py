"""A picture on its way: pieces that are written in order, as the link takes them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from noctis_tui.graphics.canvas import PIECE_BYTES, PIECE_SECONDS, WHOLE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from noctis_tui.graphics.wire.link import Link


class Sending:
    """Pieces of one picture.

    Parameters
    ----------
    pieces
        As a canvas gave them.
    left
        Called once: with True when the terminal has taken everything in, with False when it was abandoned.
    owner
        Whose picture it is.
    ending
        What is written when it is abandoned halfway (`Canvas.abandon`).
    written
        Called with the number of pieces of each part (`Canvas.sent`).
    is_patient
        Whether it is written in small parts, so that what is newer overtakes it: a picture at rest.
    is_exclusive
        Whether no other picture may be written between two pieces (`Canvas.interleaves`).
    is_synchronized
        Whether the terminal holds its screen during a synchronized update.
    """

    def __init__(
        self,
        pieces: Sequence[bytes],
        left: Callable[[bool], None],
        *,
        owner: object,
        ending: Callable[[], bytes],
        written: Callable[[int], None],
        is_patient: bool,
        is_exclusive: bool = False,
        is_synchronized: bool = False,
    ) -> None:
        self._pieces = deque(piece for piece in pieces if piece)
        self._left: Callable[[bool], None] | None = left
        self.owner = owner
        self.ending = ending
        self._written = written
        self.is_patient = is_patient
        self.is_exclusive = is_exclusive
        self.is_synchronized = is_synchronized
        self.is_begun = False
        self.unanswered = 0
        """Parts that were written and that the terminal has not taken in."""
        self.seconds = 0.0
        """What the terminal took for those that it has."""

    @property
    def is_written(self) -> bool:
        """Whether nothing is left to write."""
        return not self._pieces

    def take(self, link: Link, bytes_ahead: int) -> bytes:
        """Give away what may be written now, nothing while enough is on the way.

        As much as passes in a round trip is always on the way, and half a part more: with less the link
        would stand still. A moving picture that is no larger than one part, or of a link of which nothing is
        known, is not held back.
        """
        if not (link.is_known or self.is_patient):
            return self.take_all() if self._pieces else b""
        part_bytes = max(link.bytes_in(PIECE_SECONDS if self.is_patient else WHOLE_SECONDS), PIECE_BYTES)
        if not self.is_patient and 0 < sum(map(len, self._pieces)) <= part_bytes:
            return self.take_all()
        on_the_way = link.bytes_in(link.round_trip_seconds or 0.0) if link.is_known else part_bytes
        room = min(part_bytes, on_the_way + part_bytes - bytes_ahead)
        parts: list[bytes] = []
        if self._pieces and (bytes_ahead <= on_the_way + part_bytes / 2 or len(self._pieces[0]) <= room):
            parts.append(self._pieces.popleft())
            room -= len(parts[0])
        while self._pieces and len(self._pieces[0]) <= room:
            parts.append(self._pieces.popleft())
            room -= len(parts[-1])
        self.is_begun = self.is_begun or bool(parts)
        self._written(len(parts))
        return b"".join(parts)

    def take_all(self) -> bytes:
        """Give away all that is left."""
        self.is_begun = True
        pieces, self._pieces = self._pieces, deque()
        self._written(len(pieces))
        return b"".join(pieces)

    def abandon(self) -> None:
        """Give nothing away any more."""
        self._pieces.clear()
        self.finish(is_complete=False)

    def finish(self, *, is_complete: bool) -> None:
        """Tell who sent it, once."""
        left, self._left = self._left, None
        if left is not None:
            left(is_complete)
