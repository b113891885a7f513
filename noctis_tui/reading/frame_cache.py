"""Decoded frames, the least recently used dropped first, bounded in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection

DEFAULT_CAPACITY_BYTES = 512 * 1024 * 1024


class Sized(Protocol):
    """Something that knows how much memory it holds."""

    @property
    def size_bytes(self) -> int:
        """Bytes of memory."""


Key = TypeVar("Key")
Frame = TypeVar("Frame", bound=Sized)


class _Kept(NamedTuple, Generic[Frame]):
    frame: Frame
    size_bytes: int


class FrameCache(Generic[Key, Frame]):
    """A mapping that threads share and that forgets what was not used for longest.

    What is looked at is kept even where it is more than the whole capacity: it is shown anyway.
    """

    def __init__(self, capacity_bytes: int = DEFAULT_CAPACITY_BYTES) -> None:
        self.capacity_bytes = capacity_bytes
        self._kept: OrderedDict[Key, _Kept[Frame]] = OrderedDict()
        self._size_bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Key) -> bool:
        return key in self._kept

    @property
    def size_bytes(self) -> int:
        """What the kept frames hold in all."""
        return self._size_bytes

    def size_of(self, key: Key) -> int | None:
        """Return the bytes that a frame holds, None when it is not here; that does not count as use."""
        kept = self._kept.get(key)
        return kept.size_bytes if kept is not None else None

    def get(self, key: Key) -> Frame | None:
        """Return a frame and count it as used, None when it is not here."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            self._kept.move_to_end(key)
            return kept.frame

    def put(self, key: Key, frame: Frame, spared: Collection[Key] = ()) -> None:
        """Keep a frame, dropping others but `spared` as far as it needs room."""
        with self._lock:
            dropped, _ = self._room_for(key, frame.size_bytes, spared)
            self._keep(key, frame, dropped)

    def put_beside(self, spared: Collection[Key], key: Key, frame: Frame) -> bool:
        """Keep a frame if it has room while none of `spared` is dropped; tell whether it is kept."""
        with self._lock:
            dropped, excess_bytes = self._room_for(key, frame.size_bytes, spared)
            if excess_bytes > 0:
                return False
            self._keep(key, frame, dropped)
            return True

    def forget(self, key: Key) -> None:
        """Drop one frame, if it is here."""
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._kept.clear()
            self._size_bytes = 0

    def _room_for(self, key: Key, size_bytes: int, spared: Collection[Key]) -> tuple[list[Key], int]:
        """Return what must go for a frame, and how many bytes it is too large for the room all the same."""
        excess = self._size_bytes - (self.size_of(key) or 0) + size_bytes - self.capacity_bytes
        dropped = []
        for other, kept in self._kept.items():
            if excess <= 0:
                break
            if other != key and other not in spared:
                dropped.append(other)
                excess -= kept.size_bytes
        return dropped, excess

    def _keep(self, key: Key, frame: Frame, dropped: list[Key]) -> None:
        for other in (key, *dropped):
            self._drop(other)
        self._kept[key] = _Kept(frame, frame.size_bytes)
        self._size_bytes += frame.size_bytes

    def _drop(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._size_bytes -= kept.size_bytes
