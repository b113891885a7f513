"""Reading the trail, newest first, without asking whether it is intact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.audit.chain import unchecked
from archive.audit.files import segments
from archive.errors import CannotRead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK_BYTES = 65_536


def read_records(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a trail, the newest first; lines that are none are passed over.

    Raises
    ------
    CannotRead
        The trail may not be read.
    """
    try:
        for _, path in reversed(segments(folder)):
            for line in _lines_from_the_end(path):
                values = unchecked(line)
                if values is not None:
                    yield values
    except OSError as error:
        raise CannotRead(f"The audit cannot be read: {error.strerror}.") from error


def _lines_from_the_end(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, the last one first; a long file is not held in memory."""
    with path.open("rb") as file:
        position, rest = file.seek(0, 2), b""
        while position:
            start = max(0, position - _BLOCK_BYTES)
            file.seek(start)
            first, *lines = (file.read(position - start) + rest).split(b"\n")
            yield from reversed(lines)
            position, rest = start, first
        yield rest
