"""Where a data set's bytes come from: memory, or a file of which mostly the first pages are read."""

from __future__ import annotations

import mmap
import os
import stat
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from archive.errors import BadInput, CannotRead, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from archive.dicom.elements import Buffer

HEAD_BYTES = 32_768
"""Read at once from a file: everything before the pixels, mostly; mapping a file costs five times as much."""
_MEMORY = -1


class Source:
    """The bytes of a file or data set; threads share it, and the GIL is free while one reads.

    Closing waits for nobody, but the descriptor lives until the last reader is done: another file could
    take its number under a thread that is still reading.

    Attributes
    ----------
    head
        The first bytes; all of them when the source is memory.
    size
        Bytes in all.
    """

    def __init__(self, head: Buffer, size: int, descriptor: int = _MEMORY) -> None:
        self._descriptor = descriptor
        self._is_open = True
        self._users = 1
        self._lock = Lock()
        self.head = head
        self.size = size

    @classmethod
    def of(cls, buffer: Buffer) -> Self:
        """Make a source of memory."""
        return cls(buffer, len(buffer))

    @classmethod
    def open(cls, file: Path) -> Self:
        """Open a regular file.

        Raises
        ------
        NotFound
            There is no such file.
        BadInput
            It is a folder, a pipe, a device, or empty.
        CannotRead
            It may not be read, or the disk does not give it.
        """
        try:
            # Without O_NONBLOCK a pipe without a writer would hold this call for ever.
            descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise NotFound("There is no such file.") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CannotRead(f"The file cannot be opened: {reason}.") from error
        source = cls(b"", 0, descriptor)  # from here on it closes itself
        source.size = _size(descriptor)
        try:
            source.head = os.pread(descriptor, HEAD_BYTES, 0)
        except OSError as error:
            raise CannotRead(f"The file cannot be read: {error.strerror}.") from error
        return source

    def close(self) -> None:
        """Refuse further reads of a file, and close it when those under way are done; memory stays."""
        if self._descriptor == _MEMORY:
            return
        with self._lock:
            closing, self._is_open = self._is_open, False
        if closing:
            self._release()

    def __del__(self) -> None:
        self.close()

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`; fewer than `length` where the source ends.

        Raises
        ------
        CannotRead
            The file was closed, or the disk does not give it.
        """
        stop = min(offset + max(0, length), self.size)
        if stop <= len(self.head) and self._is_open:
            return bytes(self.head[offset:stop])
        self._hold()
        try:
            return self._pread(offset, stop)
        except OSError as error:
            raise CannotRead(f"The file cannot be read: {error.strerror}.") from error
        finally:
            self._release()

    def _pread(self, offset: int, stop: int) -> bytes:
        parts: list[bytes] = []
        while offset < stop:  # a signal, or more than 2 GiB at once, makes it short
            part = os.pread(self._descriptor, stop - offset, offset)
            if not part:
                break
            parts.append(part)
            offset += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    @cached_property
    def whole(self) -> Buffer:
        """All bytes, mapped into memory when they are a file's.

        Raises
        ------
        CannotRead
            The file was closed, or cannot be mapped.
        """
        if len(self.head) == self.size:
            return self.head
        self._hold()
        try:
            return mmap.mmap(self._descriptor, self.size, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise CannotRead(f"The file cannot be read: {error}.") from error
        finally:
            self._release()

    def _hold(self) -> None:
        with self._lock:
            if not self._is_open:
                raise CannotRead("The file was closed.")
            self._users += 1

    def _release(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                os.close(self._descriptor)


@contextmanager
def opened(file: Path) -> Iterator[Source]:
    """Open a regular file for the time of the block; raises as `Source.open`."""
    source = Source.open(file)
    try:
        yield source
    finally:
        source.close()


def release_pages(buffer: Buffer) -> None:
    """Let a mapped file's pages go, so that they do not count as this process' memory; other buffers stay."""
    mapped = buffer.obj if isinstance(buffer, memoryview) else buffer
    if isinstance(mapped, mmap.mmap):
        mapped.madvise(mmap.MADV_DONTNEED)  # they are read from the file again when they are looked at


def _size(descriptor: int) -> int:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise BadInput("This is not a regular file.")
    if status.st_size == 0:
        raise BadInput("The file is empty.")
    return status.st_size
