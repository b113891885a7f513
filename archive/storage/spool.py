"""Bytes that arrive: streamed into a file of their own while they are hashed."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import mmap
import os
import secrets
from typing import TYPE_CHECKING, Self

from archive.storage.files import (
    DIGEST_BYTES,
    FOLDER,
    begin_writeback,
    disk_errors,
    out_of_resources,
    require_free_space,
    sync_data,
)
from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from pathlib import Path

    from archive.storage.folder_sync import FolderSync
    from archive.storage.layout import Layout

PART, SEALED = ".part", ".sealed"
WRITEBACK_BYTES = 262_144
"""What must have been written before the disk is asked to begin."""
PROCESS_MARK = f"{os.getpid()}-{secrets.token_hex(4)}"
"""Begins the name of every part of this process, so that recovery leaves what is still arriving alone."""
_SEQUENCE = itertools.count()


class Folder:
    """A folder's descriptor, closed when the last part that lives in it is gone."""

    def __init__(self, path: Path) -> None:
        self.file = -1
        with disk_errors():
            self.file = os.open(path, FOLDER)

    def __del__(self) -> None:
        if self.file >= 0:
            os.close(self.file)


class Part:
    """One file that is arriving in ``incoming``; it is discarded unless it gets placed.

    Writing is not thread-safe; everything else may happen in another thread once writing is done.
    """

    def __init__(self, folder: Folder, prefix: bytes, name: str = "") -> None:
        self.name = name or next_part()
        self.prefix_size = len(prefix)
        self.size = 0
        """Bytes of the data set so far, without the Part 10 prefix."""
        self._folder = folder
        self._hash = hashlib.sha256()
        self._sent = 0
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with disk_errors():
            self._file = os.open(self.name, flags, FILE_MODE, dir_fd=folder.file)
        try:
            self._append(prefix)
        except BaseException:
            self.discard()
            raise

    @property
    def digest(self) -> bytes:
        """The first 16 bytes of the SHA-256 of the data set's bytes."""
        return self._hash.digest()[:DIGEST_BYTES]

    @property
    def file_size(self) -> int:
        """Bytes of the file: prefix and data set."""
        return self.prefix_size + self.size

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes of the data set; raises as `append`."""
        self.append(data)
        self.digest_next(data)

    def append(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes of the data set without hashing them; another thread may do that meanwhile.

        Raises
        ------
        OutOfResources
            The disk took less than all of it; the part can only be discarded then.
        """
        self._append(data)
        self.size += len(data)

    def digest_next(self, data: bytes | bytearray | memoryview) -> None:
        """Hash bytes that were appended, in their order."""
        self._hash.update(data)

    def begin_writeback(self) -> None:
        """Have the disk begin with what was written since the last time: `sync` finds less left to do.

        A little is left to `sync`: each beginning has the file system find a place for what it has so far.
        """
        if self.file_size - self._sent >= WRITEBACK_BYTES:
            begin_writeback(self._file, self._sent, self.file_size - self._sent)
            self._sent = self.file_size

    def _append(self, data: bytes | bytearray | memoryview) -> None:
        with disk_errors():
            written = os.write(self._file, data)
            while written < len(data):  # a short write says nothing; the next one says why
                written += os.write(self._file, memoryview(data)[written:])

    def data_set_buffer(self) -> memoryview:
        """Return the data set's bytes as read-only memory; release it when it is understood."""
        if not self.file_size:
            return memoryview(b"")
        mapped = mmap.mmap(self._file, self.file_size, access=mmap.ACCESS_READ)
        return memoryview(mapped)[self.prefix_size :]

    def sync(self) -> None:
        """Make the bytes durable.

        Raises
        ------
        FailingDisk, OutOfResources
            The disk did not take them; the part can only be discarded then.
        """
        sync_data(self._file)

    def seal(self, *, durable: bool = False, names: FolderSync | None = None) -> str:
        """Rename to the sealed name, which carries the digest, close, and return that name.

        From here on the file is a journal entry: it is adopted after a crash, if its bytes are those of its
        digest. It is renamed before it is synced: the file system's journal then takes both at once.

        Parameters
        ----------
        durable
            The bytes are durable when this returns.
        names
            Makes the name durable, too, while the bytes are synced.

        Raises
        ------
        FailingDisk, OutOfResources
            The disk did not take the bytes, or the name; the part can only be discarded then.
        """
        sealed = sealed_name(self.digest, self.name.removesuffix(PART))
        with disk_errors():
            os.rename(self.name, sealed, src_dir_fd=self._folder.file, dst_dir_fd=self._folder.file)
        self.name = sealed
        naming = names.begin() if names else None
        if durable:
            self.sync()
        if naming:
            naming.result()
        try:
            self._close()
        except OSError as error:
            self._unlink()
            raise out_of_resources(error) from error
        return sealed

    def discard(self) -> None:
        """Leave no trace; does nothing when sealed or discarded before."""
        if self._file < 0:
            return
        with contextlib.suppress(OSError):
            self._close()
        self._unlink()

    def _unlink(self) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self.name, dir_fd=self._folder.file)

    def _close(self) -> None:
        # Forgotten first: a descriptor whose close fails is gone too, and its number soon another file's.
        file, self._file = self._file, -1
        os.close(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def __del__(self) -> None:
        if getattr(self, "_file", -1) >= 0:
            self.discard()


class Spool:
    """Makes parts in an archive's ``incoming`` folder.

    Parameters
    ----------
    minimum_free_bytes, minimum_free_percent
        A part is refused with `OutOfResources` when less is free on the disk.
    """

    def __init__(
        self, layout: Layout, *, minimum_free_bytes: int = 0, minimum_free_percent: float = 0
    ) -> None:
        self._layout = layout
        self._minimum = (minimum_free_bytes, minimum_free_percent)
        self._folder = Folder(layout.incoming)

    def create(self, prefix: bytes) -> Part:
        """Return a new part that begins with `prefix` (the Part 10 preamble and file meta).

        Raises
        ------
        OutOfResources
            The disk is nearly full, full, out of inodes or not writable.
        """
        require_free_space(self._layout.root, *self._minimum)
        return Part(self._folder, prefix)


def next_part() -> str:
    """Return the name of a new part."""
    return f"{next_mark()}{PART}"


def next_mark() -> str:
    """Return a name in ``incoming`` that nobody else uses, not even a fork of this process."""
    return f"{PROCESS_MARK}-{os.getpid()}-{next(_SEQUENCE)}"


def sealed_name(digest: bytes, mark: str) -> str:
    """Return the name of a journal entry."""
    return f"{digest.hex()}-{mark}{SEALED}"


def digest_in(name: str) -> bytes | None:
    """Return the digest that a sealed name carries, None when it carries none."""
    with contextlib.suppress(ValueError):
        digest = bytes.fromhex(name[: 2 * DIGEST_BYTES])
        return digest if len(digest) == DIGEST_BYTES else None
    return None


def sequence_in(name: str) -> int:
    """Return the number that a sealed name carries: of one process's parts, the lower began before."""
    number = name.removesuffix(SEALED).rpartition("-")[2]
    return int(number) if number.isdecimal() else 0
