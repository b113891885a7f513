"""Lines appended to a file that is set aside when it has grown: the newest few files are kept."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE_BYTES = 4 * 2**20
FILES = 5
_BLOCK_BYTES = 65_536


class RotatingLines:
    """Appends to `path`; older lines lie in `path.1`, `path.2` and so on. For one thread at a time."""

    def __init__(self, path: Path, file_bytes: int = FILE_BYTES, files: int = FILES) -> None:
        self._path = path
        self._file_bytes = file_bytes
        self._files = files

    def append(self, lines: bytes) -> None:
        """Write whole lines at once.

        Raises
        ------
        OSError
            The disk did not take them.
        """
        with contextlib.suppress(FileNotFoundError):
            if self._path.stat().st_size + len(lines) > self._file_bytes:
                self._rotate()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(self._path, flags, FILE_MODE)
        try:
            os.write(file, lines)
        finally:
            os.close(file)

    def _rotate(self) -> None:
        for number in range(self._files - 1, 0, -1):
            with contextlib.suppress(FileNotFoundError):
                rotated(self._path, number - 1).replace(rotated(self._path, number))


def rotated(path: Path, number: int) -> Path:
    """Return where the lines lie that were set aside `number` times."""
    return path.with_name(f"{path.name}.{number}") if number else path


def newest_first(path: Path, files: int = FILES) -> Iterator[bytes]:
    """Yield every line, the last one first; a line that was cut short comes as it is."""
    for number in range(files):
        with contextlib.suppress(FileNotFoundError):
            yield from _reversed_lines(rotated(path, number))


def _reversed_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        position = file.seek(0, os.SEEK_END)
        rest = b""
        while position:
            start = max(0, position - _BLOCK_BYTES)
            file.seek(start)
            first, *lines = (file.read(position - start) + rest).split(b"\n")
            yield from (line for line in reversed(lines) if line)
            rest, position = first, start
        if rest:
            yield rest
