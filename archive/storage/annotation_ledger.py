"""What readers drew and marked, change by change: the truth that an index is made again from.

One JSON object a line (`archive.annotations.edit_json`), appended and synced before the rows are committed.
It is written anew, with what is left of all changes, whenever it has doubled beyond `COMPACTION_BYTES`.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

from archive.annotations.edit_json import edit_from_json, edit_to_json
from archive.annotations.replay import Replay
from archive.errors import NoctisError
from archive.storage.files import FOLDER, disk_errors, sync, sync_data
from archive.storage.layout import FILE_MODE
from archive.storage.replacing import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from archive.annotations.edits import Edit

COMPACTION_BYTES = 8 << 20
_LONGEST_LINE = 1 << 20
"""A shape of the most points takes a quarter of it."""
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


def append(path: Path, edits: Sequence[Edit], *, durable: bool) -> int:
    """Append edits; for the lease holder only.

    Returns
    -------
    int
        How long the ledger was before: `truncate` to it takes the edits back.

    Raises
    ------
    OutOfResources
        The disk refuses; nothing was appended.
    """
    with disk_errors():
        is_new = not path.exists()
        file = os.open(path, _FLAGS, FILE_MODE)
        try:
            size = os.fstat(file).st_size
            try:
                _write_all(file, f"{_unended(file, size)}{_lines(edits)}".encode("ascii"))
                if durable:
                    sync_data(file)
            except BaseException:
                os.ftruncate(file, size)
                raise
        finally:
            os.close(file)
        if is_new and durable:
            _sync_folder(path.parent)
    return size


def truncate(path: Path, size: int) -> None:
    """Take back what was appended since the ledger was `size` bytes long, if the disk lets us."""
    with contextlib.suppress(OSError):
        os.truncate(path, size)


def read(path: Path) -> Iterator[Edit]:
    """Yield the edits in their order; a line that a crash cut short, or that says none, is passed over."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as lines:
        while line := lines.readline(_LONGEST_LINE):
            with contextlib.suppress(ValueError, RecursionError, NoctisError):
                yield edit_from_json(json.loads(line))


def compact(path: Path, before: int, *, durable: bool) -> None:
    """Write the ledger anew when it has passed a power of two since it was `before` bytes long.

    Raises
    ------
    OutOfResources
        The disk refuses; the ledger is as it was.
    """
    with disk_errors():
        size = path.stat().st_size
        if size < COMPACTION_BYTES or size.bit_length() == before.bit_length():
            return
        replace_file(path, _lines(Replay(read(path)).kept()).encode("ascii"), durable=durable)
        if durable:
            _sync_folder(path.parent)


def _lines(edits: Iterable[Edit]) -> str:
    return "".join(f"{json.dumps(edit_to_json(edit))}\n" for edit in edits)


def _unended(file: int, size: int) -> str:
    """Return what ends the line that a crash cut short."""
    return "\n" if size and os.pread(file, 1, size - 1) != b"\n" else ""


def _write_all(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]


def _sync_folder(path: Path) -> None:
    folder = os.open(path, FOLDER)
    try:
        sync(folder)
    finally:
        os.close(folder)
