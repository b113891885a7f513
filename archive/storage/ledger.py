"""What no file in the archive tells: where the files in place lie, and when they were imported.

One JSON object a line, appended after the rows are committed; it only grows, and what it names may be gone.
Received instances are not in it: their files tell everything, so receiving never writes here.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.storage.files import disk_errors, sync_data
from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Places:
    """Files in place that were imported together; `received_at` in Unix seconds."""

    received_at: float
    files: tuple[bytes, ...]


def append(path: Path, received_at: float, files: Iterable[bytes], *, durable: bool) -> None:
    """Append files in place; for the lease holder only.

    Raises
    ------
    OutOfResources
        The disk refuses.
    """
    folders: dict[str, list[str]] = {}
    for place in files:
        folder, name = os.path.split(os.fsdecode(place))
        folders.setdefault(folder, []).append(name)
    lines = [{"at": received_at, "in": folder, "files": names} for folder, names in folders.items()]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    with disk_errors():
        file = os.open(path, _FLAGS, FILE_MODE)
        try:
            _write_all(file, f"{_unended(file)}{text}".encode("ascii"))
            if durable:
                sync_data(file)
        finally:
            os.close(file)


def read(path: Path) -> Iterator[Places]:
    """Yield what was appended, in its order; a line that a crash cut short is passed over."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as lines:
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                entry = json.loads(line)
                folder = Path(str(entry["in"]))
                files = (os.fsencode(folder / str(name)) for name in entry["files"])
                yield Places(float(entry["at"]), tuple(files))


def _unended(file: int) -> str:
    """Return what ends the line that a crash cut short."""
    size = os.fstat(file).st_size
    return "\n" if size and os.pread(file, 1, size - 1) != b"\n" else ""


def _write_all(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]
