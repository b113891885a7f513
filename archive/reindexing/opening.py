"""Open an archive for who asks a question: one whose index cannot be read is mended first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import ArchiveBusy, IndexDamaged
from archive.local_archive import LocalArchive
from archive.progress import ProgressListener, unheard
from archive.reindexing.restoring import is_unusable, restore_index

if TYPE_CHECKING:
    from pathlib import Path

REBUILDING = "making the index again"
"""Who holds the archive meanwhile."""


def open_archive(root: Path, listener: ProgressListener = unheard) -> LocalArchive:
    """Open an archive; when its index is damaged or gone, make it again from the files.

    Raises
    ------
    IndexDamaged
        Another process holds the archive, and makes it again.
    NoctisError
        As `LocalArchive.open`.
    """
    archive = LocalArchive.open(root)
    try:
        if is_unusable(archive):
            _mend(archive, listener)
    except BaseException:
        archive.close()
        raise
    return archive


def _mend(archive: LocalArchive, listener: ProgressListener) -> None:
    try:
        lease = archive.hold(REBUILDING)
    except ArchiveBusy as busy:
        if is_unusable(archive):  # the other one may just have finished
            raise IndexDamaged(f"The index is damaged and is being made again. {busy}") from busy
    else:
        with lease:
            restore_index(archive, lease, listener=listener, look_closely=False)
