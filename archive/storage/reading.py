"""A data set read from first to last byte and hashed, as fast as the disk gives it; the GIL is free."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from archive.dicom.part10 import locate_data_set, parse_file_meta
from archive.dicom.source import Source
from archive.errors import BadInput, CannotRead, CannotUnderstand, NotFound
from archive.storage.files import CHUNK_BYTES, DIGEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD_BYTES = 4096
"""Holds the file meta information of nearly every file."""
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
_PER_THREAD = threading.local()


def data_set_digest(
    path: Path | str, *, follow: bool = False, check: Callable[[], None] = lambda: None
) -> bytes:
    """Return the first 16 bytes of the SHA-256 of a file's data set.

    Parameters
    ----------
    follow
        Whether a symbolic link may lead to the file; inside an archive none ever does.
    check
        Called before each mebibyte; may raise to stop.

    Raises
    ------
    NotFound
        There is no such file.
    BadInput, CannotUnderstand
        It is no regular file, or no DICOM file.
    CannotRead
        It may not be opened, or the disk does not give it.
    """
    try:
        file = os.open(path, _FLAGS if follow else _FLAGS | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("The file is gone.") from error
    except OSError as error:
        raise CannotRead(f"The file cannot be read: {error.strerror}.") from error
    try:
        return _digest(file, path, check)
    except OSError as error:
        raise CannotRead(f"The file cannot be read: {error.strerror}.") from error
    finally:
        os.close(file)


def _digest(file: int, path: Path | str, check: Callable[[], None]) -> bytes:
    facts = os.fstat(file)
    if not stat.S_ISREG(facts.st_mode):
        raise BadInput("This is not a regular file.")
    chunk = _chunk()
    position = os.preadv(file, [chunk], 0)
    start = _data_set_offset(chunk[:position], facts.st_size, path)
    total = hashlib.sha256(chunk[min(start, position) : position])
    position = max(start, position)
    while position < facts.st_size:
        check()
        read = os.preadv(file, [chunk], position)
        if not read:
            break
        total.update(chunk[:read])
        position += read
    return total.digest()[:DIGEST_BYTES]


def _data_set_offset(start: memoryview, size: int, path: Path | str) -> int:
    head = bytes(start[:_HEAD_BYTES])
    with contextlib.suppress(BadInput, CannotUnderstand):
        offset = parse_file_meta(Source(head, size)).data_set_offset
        if offset < len(head):
            return offset
    return locate_data_set(Path(path))[0]


def _chunk() -> memoryview:
    chunk: memoryview | None = getattr(_PER_THREAD, "chunk", None)
    if chunk is None:
        chunk = _PER_THREAD.chunk = memoryview(bytearray(CHUNK_BYTES))
    return chunk
