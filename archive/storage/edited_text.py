"""Text files that people and programs edit: one edit at a time, each whole and durable."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from archive.storage.files import disk_errors, sync
from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let no other edit of the folder's files happen inside the block: two that read the same would lose one.

    Raises
    ------
    OutOfResources
        The folder cannot be opened.
    """
    with disk_errors():
        file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def replace_text(path: Path, text: str) -> None:
    """Put a text in a file's place, whole and durable, with the mode that the file had.

    Raises
    ------
    OutOfResources
        The disk did not take it; the file is as it was.
    """
    new = path.with_name(f"{path.name}.new")
    with disk_errors():
        mode = path.stat().st_mode & 0o777 if path.exists() else FILE_MODE
        new.unlink(missing_ok=True)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        try:
            os.fchmod(file, mode)
            with os.fdopen(os.dup(file), "w", encoding="utf-8") as stream:
                stream.write(text)
            sync(file)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        finally:
            os.close(file)
        new.replace(path)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sync(file)
    finally:
        os.close(file)
