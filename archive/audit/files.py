"""The files of the trail: segments named by their first record, the head beside them, the lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from archive.audit.chain import BEGINNING, head_line, read_head
from archive.audit.key import sync_names
from archive.errors import OutOfResources
from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_SECONDS = 5.0
"""How long an appender waits for another; one that was stopped in the middle must not stop the others."""
_SEGMENT = re.compile(r"audit-([0-9]{10})\.jsonl")


@dataclass(frozen=True, slots=True)
class Head:
    """Which record is the last, and where its segment ends; authenticated by the key.

    Attributes
    ----------
    sequence
        The last record's number; 0 before the first.
    last
        The last record's MAC in hexadecimal digits.
    segment
        The number of the first record of its file; 1 before the first.
    end
        Bytes of that file.
    """

    sequence: int = 0
    last: str = BEGINNING.hex()
    segment: int = 1
    end: int = 0

    @property
    def mac(self) -> bytes:
        """The last record's MAC."""
        return bytes.fromhex(self.last)


def segment_path(folder: Path, first: int) -> Path:
    """Return the file that begins with this record."""
    return folder / f"audit-{first:010}.jsonl"


def segments(folder: Path) -> list[tuple[int, Path]]:
    """Return every segment with the number of its first record, in order."""
    if not folder.is_dir():
        return []
    found = ((_SEGMENT.fullmatch(path.name), path) for path in folder.iterdir())
    return sorted((int(match[1]), path) for match, path in found if match)


def read_head_file(folder: Path, key: bytes) -> Head | None:
    """Return the head, None when there is none that this key has sealed; raises OSError."""
    try:
        values = read_head(key, (folder / "head").read_bytes().rstrip(b"\n"))
    except FileNotFoundError:
        return None
    if values is None:
        return None
    return Head(**{name: values[name] for name in Head.__dataclass_fields__})


def write_head_file(folder: Path, key: bytes, head: Head) -> None:
    """Replace the head durably, in one step; raises OSError."""
    new = folder / ".head.new"
    file = create(new, os.O_TRUNC)
    try:
        os.write(file, head_line(key, asdict(head)) + b"\n")
        os.fdatasync(file)
    finally:
        os.close(file)
    new.replace(folder / "head")


def create(path: Path, flags: int = 0) -> int:
    """Open a file for appending, making it if need be, for whoever owns the folder; raises OSError."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | flags, FILE_MODE)
    folder = path.parent.stat()
    if os.geteuid() == 0 and os.fstat(file).st_uid != folder.st_uid:
        os.fchown(file, folder.st_uid, folder.st_gid)  # root looked: the service must still be able to write
    return file


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the only one that appends while the block runs; the lock ends with its process.

    Raises
    ------
    OutOfResources
        Somebody else has held it for too long.
    OSError
        The folder cannot be written to.
    """
    file = create(folder / "lock")
    try:
        _lock(file)
        yield
    finally:
        os.close(file)


def _lock(file: int) -> None:
    begun = time.monotonic()
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() - begun > LOCK_SECONDS:
                raise OutOfResources("Another process holds the audit and does not let go.") from None
            time.sleep(0.01)
        else:
            return


def begin_segment(folder: Path, first: int) -> int:
    """Make the file that begins with this record and make its name durable; raises OSError."""
    file = create(segment_path(folder, first))
    sync_names(folder)
    return file
