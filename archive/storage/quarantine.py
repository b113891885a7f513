"""What was not understood, kept for a person to look at: the bytes while there is room, the reason always."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
from typing import TYPE_CHECKING

from archive.storage.files import FOLDER, disk_errors
from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.storage.layout import Layout

MAXIMUM_REASONS = 10_000
"""Entries after which nothing more is written: the first ones tell of a million broken files."""


class Quarantine:
    """The quarantine of one archive; any thread may add to it.

    Parameters
    ----------
    maximum_bytes
        Of everything in it together; what does not fit is only recorded.
    """

    def __init__(self, layout: Layout, maximum_bytes: int) -> None:
        self._path = layout.quarantine
        self._maximum = maximum_bytes
        self._used, self._entries = _measure(self._path)
        self._lock = threading.Lock()

    def keep(self, origin: str, reason: str, size: int, content: Iterable[bytes] | None) -> bool:
        """Record why something was not stored, and its bytes if there is room; tell whether they were.

        The same origin and reason are recorded once.

        Parameters
        ----------
        origin
            Where it came from, for a person: a path, a peer.
        size
            Bytes of the content.
        content
            Its bytes, of which no more are written than there is room for; None records only.

        Raises
        ------
        OutOfResources
            The disk does not take it.
        """
        name = hashlib.sha256(f"{origin}\0{reason}\0{size}".encode(errors="surrogatepass")).hexdigest()[:32]
        facts = {"reason": reason, "origin": origin, "bytes": size, "at": time.time()}
        if self._entries >= MAXIMUM_REASONS:
            return False
        with disk_errors():
            folder = os.open(self._path, FOLDER)
            try:
                if not _write(folder, f"{name}.json", [json.dumps(facts).encode("ascii")], 1 << 20):
                    return False
                with self._lock:
                    self._entries += 1
                return content is not None and self._keep_bytes(folder, f"{name}.dcm", size, content)
            finally:
                os.close(folder)

    def _keep_bytes(self, folder: int, name: str, size: int, content: Iterable[bytes]) -> bool:
        with self._lock:  # the room is taken before it is filled: other threads keep something too
            if size > self._maximum - self._used:
                return False
            self._used += size
        kept = False
        try:
            kept = _write(folder, name, content, size)
        finally:
            if not kept:
                with self._lock:
                    self._used -= size
        return kept


def _measure(path: os.PathLike[str]) -> tuple[int, int]:
    used, entries = 0, 0
    with disk_errors(), os.scandir(path) as listing:
        for entry in listing:
            used += entry.stat(follow_symlinks=False).st_size
            entries += entry.name.endswith(".json")
    return used, entries


def _write(folder: int, name: str, content: Iterable[bytes], limit: int) -> bool:
    """Write a new file of at most `limit` bytes; False when the name is taken or the content longer."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        file = os.open(name, flags, FILE_MODE, dir_fd=folder)
    except FileExistsError:
        return False
    try:
        for block in content:
            limit -= len(block)
            if limit < 0:
                break
            _write_all(file, block)
    except BaseException:
        limit = -1
        raise
    finally:
        os.close(file)
        if limit < 0:
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=folder)
    return limit >= 0


def _write_all(file: int, block: bytes) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(file, rest) :]
