"""One index in another's place, atomically: whoever is killed in between, the next one finishes.

An index is built under a name of its own. Renaming it to ``.rebuilt`` is the decision; from there on the next
lease holder finishes what is left to do. The old file keeps a name with the date and is never deleted, nor
is its log: SQLite would play it into the new file.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from archive.storage.files import FOLDER, disk_errors, sync

if TYPE_CHECKING:
    from pathlib import Path

LOG, SHARED_MEMORY = "-wal", "-shm"


def building(index: Path) -> Path:
    """Return where an index is built, with nothing there."""
    place = index.with_name(f"{index.name}.building")
    with disk_errors():
        for suffix in ("", LOG, SHARED_MEMORY):
            _beside(place, suffix).unlink(missing_ok=True)
    return place


def is_decided(index: Path) -> bool:
    """Whether a rebuilt index waits to take its place."""
    return _rebuilt(index).exists()


def decide(index: Path) -> None:
    """Make what was built durable and the index to be; it must be closed, with nothing left in its log.

    Raises
    ------
    OutOfResources
        The disk refuses; the old index stays.
    """
    place = index.with_name(f"{index.name}.building")
    with disk_errors():
        file = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            sync(file)
        finally:
            os.close(file)
        for suffix in (LOG, SHARED_MEMORY):
            _beside(place, suffix).unlink(missing_ok=True)
        place.replace(_rebuilt(index))
        _sync_folder(index)


def finish(index: Path) -> Path | None:
    """Put a decided index in its place; return where the old one is kept, None when there was none.

    Nobody of this process may have the old one open for writing.

    Raises
    ------
    OutOfResources
        The disk refuses; the next lease holder tries again.
    """
    with disk_errors():
        kept = _set_aside(index)
        _beside(index, SHARED_MEMORY).unlink(missing_ok=True)
        _rebuilt(index).replace(index)
        _sync_folder(index)
    return kept


def _set_aside(index: Path) -> Path | None:
    """Give the old index a second name, so that readers find one at any time, and its log another."""
    log = _beside(index, LOG)
    if not index.exists() and not log.exists():
        return None
    kept = _free_name(index)
    if log.exists():
        log.rename(_beside(kept, LOG))
    if index.exists() and index.stat().st_nlink == 1:  # else whoever was killed here has named it
        os.link(index, kept)
    return kept


def _free_name(index: Path) -> Path:
    date = time.strftime("%Y%m%dT%H%M%S")
    number = 0
    while True:
        kept = index.with_name(f"{index.name}.set-aside-{date}{f'-{number}' if number else ''}")
        if not kept.exists() and not _beside(kept, LOG).exists():
            return kept
        number += 1


def _rebuilt(index: Path) -> Path:
    return index.with_name(f"{index.name}.rebuilt")


def _beside(index: Path, suffix: str) -> Path:
    return index.with_name(f"{index.name}{suffix}")


def _sync_folder(index: Path) -> None:
    folder = os.open(index.parent, FOLDER)
    try:
        sync(folder)
    finally:
        os.close(folder)
