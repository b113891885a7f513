"""Records of jobs, written by whoever holds the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.changes import wake_followers
from archive.index.job_rows import put_job
from archive.ingest import recover
from archive.job import Job, State, check_job

if TYPE_CHECKING:
    from archive.local_archive import LocalArchive
    from archive.storage.lease import Lease


def note(archive: LocalArchive, lease: Lease | None, job: Job) -> None:
    """Record a job, or what has become of it, and wake who follows.

    How far it came outlasts a crash, but need not outlast a power failure: the disk is not waited for.

    Parameters
    ----------
    lease
        The right to write; None for a temporary archive, which belongs to its process.

    Raises
    ------
    BadInput
        It says what may not be kept.
    ArchiveBusy
        The lease is not held any more.
    OutOfResources
        The disk refuses, or the index is damaged.
    """
    check_job(job)
    if lease is not None:
        recover(archive, lease)
    with archive.turn, archive.index.transaction(journalled=job.state is State.RUNNING) as cursor:
        put_job(cursor, job)
    wake_followers(archive.layout.run)
