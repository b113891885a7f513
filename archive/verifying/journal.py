"""The journal as it is at one moment: what is in it is neither lost nor left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import NoctisError
from archive.storage.files import listed
from archive.storage.reading import data_set_digest
from archive.storage.spool import SEALED, digest_in

if TYPE_CHECKING:
    from pathlib import Path


class Journal:
    """What waits in ``incoming`` under a sealed name."""

    def __init__(self, incoming: Path) -> None:
        self._incoming = incoming
        self._entries = [(name, inode) for name, inode in listed(incoming) if name.endswith(SEALED)]
        self._inodes = {inode for _, inode in self._entries}

    def holds(self, path: Path) -> bool:
        """Whether a file is on its way through the line, or waits for the next writer."""
        try:
            return path.lstat().st_ino in self._inodes
        except OSError:
            return False

    def restores(self, digest: bytes | None) -> bool:
        """Whether bytes with that digest wait whole: the next writer puts back what a power failure took."""
        names = [name for name, _ in self._entries if digest is not None and digest_in(name) == digest]
        return any(_has_digest(self._incoming / name, digest) for name in names)


def _has_digest(entry: Path, digest: bytes | None) -> bool:
    try:
        return data_set_digest(entry) == digest
    except NoctisError:
        return False
