"""Where a data set's bytes come from: memory, or a file of which mostly the first pages are read."""

from __future__ import annotations

import mmap
import os
import stat
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from archive.errors import BadInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.dicom.structure import Buffer

HEAD_BYTES = 32_768
"""Read at once from a file: everything before the pixels, mostly; mapping a file costs five times as much."""


class Source:
    """The bytes of a file or data set.

    Attributes
    ----------
    head
        The first bytes; all of them when the source is memory.
    size
        Bytes in all.
    """

    def __init__(self, head: Buffer, size: int, descriptor: int | None = None) -> None:
        self.head = head
        self.size = size
        self._descriptor = descriptor

    @classmethod
    def of(cls, buffer: Buffer) -> Source:
        """Make a source of memory."""
        return cls(buffer, len(buffer))

    @cached_property
    def whole(self) -> Buffer:
        """All bytes, mapped into memory when they are a file's.

        Raises
        ------
        BadInput
            The file cannot be mapped.
        """
        if self._descriptor is None or len(self.head) == self.size:
            return self.head
        try:
            return mmap.mmap(self._descriptor, self.size, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise BadInput(f"The file cannot be read: {error}.") from error


@contextmanager
def opened(file: Path) -> Iterator[Source]:
    """Open a regular file for the time of the block.

    Raises
    ------
    NotFound
        There is no such file.
    BadInput
        It is a folder, a pipe, a device, empty, or not readable.
    """
    try:
        # Without O_NONBLOCK a pipe without a writer would hold this call for ever.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise NotFound("There is no such file.") from error
    except (OSError, ValueError) as error:
        raise BadInput(f"The file cannot be opened: {getattr(error, 'strerror', None) or error}.") from error
    try:
        yield _source(descriptor)
    finally:
        os.close(descriptor)


def _source(descriptor: int) -> Source:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise BadInput("This is not a regular file.")
    if status.st_size == 0:
        raise BadInput("The file is empty.")
    try:
        head = os.pread(descriptor, min(HEAD_BYTES, status.st_size), 0)
    except OSError as error:
        raise BadInput(f"The file cannot be read: {error.strerror}.") from error
    return Source(head, status.st_size, descriptor)
