"""A small file that is always whole: its next content replaces the last one at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from pathlib import Path


def replace_file(path: Path, content: bytes, *, durable: bool) -> None:
    """Give a file another content; whoever reads it meets the old or the new one, never a part.

    Parameters
    ----------
    durable
        Whether the new content must be on disk before it takes the name: after a power loss there is then the
        old or the new one. Without it there may be neither.

    Raises
    ------
    OSError
        The disk did not take it; the old content stays.
    """
    new = path.with_name(f"{path.name}.new")
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    try:
        written = 0
        while written < len(content):
            written += os.write(file, memoryview(content)[written:])
        if durable:
            os.fsync(file)
    finally:
        os.close(file)
    new.replace(path)
