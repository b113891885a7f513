"""Where bytes come from: a file read at explicit offsets, or a data set inflated once under a cap."""

from __future__ import annotations

import os
import stat
import zlib
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from archive.errors import CannotDecode, NotAnImage, NotFound

if TYPE_CHECKING:
    from pathlib import Path

INFLATED_LIMIT_BYTES = 384 << 20
"""A deflated data set that grows beyond this is refused: 1 MB of zeros inflates to 1 GB."""


class ByteSource(Protocol):
    """Random access to bytes from any thread."""

    @property
    def size(self) -> int:
        """Number of bytes."""

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`; fewer than `length` where the source ends."""

    def close(self) -> None:
        """Let go of what the bytes come from."""


class FileBytes:
    """A regular file, read by position: threads share it without a lock, and the GIL is free meanwhile.

    Closing waits for nobody, but the descriptor lives until the last reader is done: another file could
    take its number under a thread that is still reading.
    """

    def __init__(self, path: Path) -> None:
        self._fd = -1
        self._readers = 1
        self._open = True
        self._lock = Lock()
        try:
            # O_NONBLOCK: a FIFO is refused below instead of waiting for its writer
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError as error:
            raise NotFound(f"There is no file {path.name!r}.") from error
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "the name is not valid"
            raise CannotDecode(f"The file {path.name!r} cannot be opened: {reason}.") from error
        status = os.fstat(self._fd)
        if not stat.S_ISREG(status.st_mode):
            raise NotAnImage(f"{path.name!r} is not a file.")
        self.size = status.st_size

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Refuse further reads; close the file when those under way are done."""
        with self._lock:
            closing, self._open = self._open, False
        if closing:
            self._release()

    def _release(self) -> None:
        with self._lock:
            self._readers -= 1
            if self._readers == 0 and self._fd >= 0:
                os.close(self._fd)
                self._fd = -1

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`; fewer than `length` at the end of the file.

        Raises
        ------
        CannotDecode
            When the file was closed, or the disk does not give it.
        """
        with self._lock:
            if not self._open:
                raise CannotDecode("The file was closed.")
            self._readers += 1
        try:
            return self._pread(offset, length)
        except OSError as error:
            raise CannotDecode(f"The file cannot be read: {error.strerror}.") from error
        finally:
            self._release()

    def _pread(self, offset: int, length: int) -> bytes:
        length = max(0, min(length, self.size - offset))
        data = os.pread(self._fd, length, offset) if length else b""
        while 0 < len(data) < length:  # a signal, or more than 2 GiB at once
            more = os.pread(self._fd, length - len(data), offset + len(data))
            if not more:
                break
            data += more
        return data


class MemoryBytes:
    """Bytes that are already here."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`; fewer than `length` at the end."""
        return self._data[offset : offset + max(0, length)]

    def close(self) -> None:
        """Do nothing: memory goes with its last user."""


def inflate(data: bytes, limit_bytes: int = INFLATED_LIMIT_BYTES) -> bytes:
    """Inflate a raw deflate stream (PS3.5 A.5), counting real bytes.

    Raises
    ------
    CannotDecode
        When the stream is damaged from its start, or grows beyond `limit_bytes`.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(data, limit_bytes + 1)
    except zlib.error as error:
        raise CannotDecode("The deflated data set is damaged.") from error
    if len(inflated) > limit_bytes:
        raise CannotDecode(f"The deflated data set grows beyond {limit_bytes >> 20} MiB.")
    return inflated
