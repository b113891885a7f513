"""Importing, whoever holds the archive: this process when nobody does, else the receiver that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import ArchiveBusy
from archive.importing import Mode, import_paths
from archive.importing.counts import untold
from archive.progress import unheard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archive.importing import ImportCounts, Told
    from archive.local_archive import LocalArchive
    from archive.progress import ProgressListener


def bring_in(
    archive: LocalArchive,
    paths: Sequence[Path],
    mode: Mode = Mode.COPY,
    listener: ProgressListener = unheard,
    tell: Told = untold,
) -> ImportCounts:
    """Import files and folders; not for the event loop.

    Parameters
    ----------
    listener
        Hears of every file.
    tell
        Hears of every file that was not imported, and why; not beside a receiver, which imports by itself.

    Raises
    ------
    ArchiveBusy
        Another process holds the archive and imports nothing for others.
    NoctisError
        As `import_paths`.
    """
    try:
        lease = archive.hold("import")
    except ArchiveBusy as busy:
        from archive.network.control import forward_import  # noqa: PLC0415 - only beside a receiver

        try:
            return forward_import(archive, paths, mode, listener)
        except ArchiveBusy:
            raise busy from None  # nobody answers there: the holder's name is what helps
    with lease:
        return import_paths(archive, lease, paths, mode=mode, listener=listener, tell=tell)
