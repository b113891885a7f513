"""Placing files: folders by descriptor and never through a symbolic link, links that never overwrite."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
from typing import TYPE_CHECKING

from archive.errors import CannotRead, FailingDisk, OutOfResources
from archive.storage.layout import FILE_MODE, FOLDER_MODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DIGEST_BYTES = 16
"""An instance's digest is the first 16 bytes of the SHA-256 of its data set."""
CHUNK_BYTES = 1 << 20
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_SYNC_FILE_RANGE = getattr(ctypes.CDLL(None), "sync_file_range", None)
"""Linux's own, and only there; what it says is of no matter, `sync_data` tells the truth."""
if _SYNC_FILE_RANGE:
    _SYNC_FILE_RANGE.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
_SYNC_FILE_RANGE_WRITE = 2
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def out_of_resources(error: OSError) -> OutOfResources:
    """Turn what the disk said into a sentence without a path (a comment of a response carries it)."""
    if error.errno in _FULL:
        return OutOfResources("The archive's disk is full.")
    if error.errno == errno.EROFS:
        return OutOfResources("The archive's disk is read-only.")
    if error.errno == errno.EIO:
        return FailingDisk("The archive's disk is failing.")
    return OutOfResources(f"The archive cannot be written to: {error.strerror or error}.")


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Raise `OutOfResources` for whatever the disk refuses inside the block."""
    try:
        yield
    except OSError as error:
        raise out_of_resources(error) from error


@contextlib.contextmanager
def opened_folder(root: Path, relative: str, *, create: bool = False) -> Iterator[int]:
    """Open a folder below `root` part by part, never through a symbolic link; yields its descriptor.

    With `create`, missing parts are made for this user only and are durable before the block begins.
    """
    folder = os.open(root, FOLDER)
    try:
        for name in filter(None, relative.split("/")):
            below = _open_below(folder, name, create=create)
            os.close(folder)
            folder = below
        yield folder
    finally:
        os.close(folder)


def _open_below(folder: int, name: str, *, create: bool) -> int:
    try:
        return os.open(name, FOLDER, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, FOLDER_MODE, dir_fd=folder)
    os.fsync(folder)
    return os.open(name, FOLDER, dir_fd=folder)


def create_privately(path: Path) -> None:
    """Make an empty file for this user only, unless there is one.

    Raises
    ------
    OutOfResources
        The disk refuses.
    """
    with disk_errors():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE))


def listed(folder: Path) -> list[tuple[str, int]]:
    """Return the names in a folder and their inodes, nothing when there is no such folder.

    Raises
    ------
    CannotRead
        It may not be, or the disk fails.
    """
    try:
        with os.scandir(folder) as listing:
            return [(entry.name, entry.inode()) for entry in listing]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise CannotRead(f"A folder of the archive cannot be read: {error.strerror}.") from error


def split(relative: str) -> tuple[str, str]:
    """Return the folder and the name of a path relative to the archive's root."""
    folder, _, name = relative.rpartition("/")
    return folder, name


def require_free_space(root: Path, minimum_bytes: int, minimum_percent: float) -> None:
    """Refuse early when the disk below `root` has less free than either minimum.

    Raises
    ------
    OutOfResources
        Less than the larger minimum is free.
    """
    free, reserve = free_and_reserve(root, minimum_bytes, minimum_percent)
    if free < reserve:
        raise OutOfResources("The archive's disk is nearly full.")


def free_and_reserve(root: Path, minimum_bytes: int, minimum_percent: float) -> tuple[int, int]:
    """Return how many bytes are free on the disk below `root`, and the larger minimum in bytes.

    Raises
    ------
    OutOfResources
        The disk cannot be asked.
    """
    with disk_errors():
        disk = os.statvfs(root)
    reserve = max(minimum_bytes, int(disk.f_blocks * disk.f_frsize * minimum_percent / 100))
    return disk.f_bavail * disk.f_frsize, reserve


def sync(file: int) -> None:
    """Make a folder's names (or a file with all its times) durable; a failure is final, never tried again.

    Raises
    ------
    FailingDisk
        The disk did not take them (EIO).
    OutOfResources
        There was no space for them.
    """
    _synced(os.fsync, file)


def sync_data(file: int) -> None:
    """Make a file's bytes and size durable; raises as `sync`."""
    _synced(os.fdatasync, file)


def _synced(call: Callable[[int], None], file: int) -> None:
    try:
        call(file)
    except OSError as error:
        if error.errno in _FULL:
            raise out_of_resources(error) from error
        raise FailingDisk("The archive's disk is failing.") from error


def begin_writeback(file: int, offset: int, length: int) -> None:
    """Have the disk begin to take a file's bytes, without waiting or any promise (sync_file_range)."""
    if _SYNC_FILE_RANGE:
        _SYNC_FILE_RANGE(file, offset, length, _SYNC_FILE_RANGE_WRITE)


def digest_of(file: int, offset: int) -> bytes:
    """Return the first 16 bytes of the SHA-256 of a file's bytes from `offset` on."""
    total = hashlib.sha256()
    while chunk := os.pread(file, CHUNK_BYTES, offset):
        total.update(chunk)
        offset += len(chunk)
    return total.digest()[:DIGEST_BYTES]
