"""Decoded frames, the least recently used dropped first, bounded in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, Protocol, TypeVar

DEFAULT_CAPACITY_BYTES = 512 * 1024 * 1024


class Sized(Protocol):
    """Something that knows how much memory it holds."""

    @property
    def size_bytes(self) -> int:
        """Bytes of memory."""


Key = TypeVar("Key")
Frame = TypeVar("Frame", bound=Sized)


class FrameCache(Generic[Key, Frame]):
    """A mapping that threads share and that forgets what was not used for longest.

    One frame larger than the whole capacity is still kept, alone: it must be shown.
    """

    def __init__(self, capacity_bytes: int = DEFAULT_CAPACITY_BYTES) -> None:
        self.capacity_bytes = capacity_bytes
        self._frames: OrderedDict[Key, Frame] = OrderedDict()
        self._size_bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._frames)

    def __contains__(self, key: Key) -> bool:
        return key in self._frames

    @property
    def size_bytes(self) -> int:
        """What the kept frames hold in all."""
        return self._size_bytes

    def get(self, key: Key) -> Frame | None:
        """Return a frame and count it as used, None when it is not here."""
        with self._lock:
            frame = self._frames.get(key)
            if frame is not None:
                self._frames.move_to_end(key)
            return frame

    def put(self, key: Key, frame: Frame) -> None:
        """Keep a frame, dropping others as far as it needs room."""
        with self._lock:
            self._drop(key)
            self._frames[key] = frame
            self._size_bytes += frame.size_bytes
            while self._size_bytes > self.capacity_bytes and len(self._frames) > 1:
                self._drop(next(iter(self._frames)))

    def forget(self, key: Key) -> None:
        """Drop one frame, if it is here."""
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._frames.clear()
            self._size_bytes = 0

    def _drop(self, key: Key) -> None:
        frame = self._frames.pop(key, None)
        if frame is not None:
            self._size_bytes -= frame.size_bytes
