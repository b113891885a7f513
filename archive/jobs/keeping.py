"""Keeping the record of a job through whoever holds the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import ArchiveBusy
from archive.noting import note
from archive.storage.lease import NOTING

if TYPE_CHECKING:
    from archive.job import Job
    from archive.local_archive import LocalArchive


def keep_job(archive: LocalArchive, job: Job) -> None:
    """Record a job, or what has become of it. Not for the event loop.

    Raises
    ------
    BadInput
        It says what may not be kept.
    ArchiveBusy
        Another process holds the archive and takes no records (an import does not); try again later.
    OutOfResources
        The disk refuses, or the index is damaged.
    """
    if archive.is_temporary:
        note(archive, None, job)
        return
    try:
        lease = archive.hold(NOTING)
    except ArchiveBusy as busy:
        _forward(archive, job, busy)
    else:
        with lease:
            note(archive, lease, job)


def _forward(archive: LocalArchive, job: Job, busy: ArchiveBusy) -> None:
    from archive.network.control import forward_job  # noqa: PLC0415 - only beside a receiver

    try:
        forward_job(archive.layout, job)
    except ArchiveBusy:
        raise busy from None  # nobody answers there: the holder's name is what helps
