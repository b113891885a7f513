"""Edits of annotations, made by whoever holds the archive: the ledger, the rows, and everybody hears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.annotations.edits import check_edits
from archive.index.annotation_writing import AnnotationWriter
from archive.index.changes import wake_followers
from archive.ingest import recover
from archive.storage import annotation_ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.annotations.edits import Edit
    from archive.local_archive import LocalArchive
    from archive.storage.lease import Lease


def amend(archive: LocalArchive, lease: Lease | None, edits: Sequence[Edit]) -> None:
    """Make edits, all of them or none; they are durable when this returns.

    Parameters
    ----------
    lease
        The right to write; None for a temporary archive, which belongs to its process and keeps no ledger.

    Raises
    ------
    BadInput
        An edit says what may not be kept.
    NotFound
        The archive does not have what an edit is about.
    ArchiveBusy
        The lease is not held any more.
    OutOfResources
        The disk refuses, or the index is damaged.
    """
    check_edits(edits)
    if not edits:
        return
    if lease is not None:
        recover(archive, lease)
    with archive.turn:
        if archive.is_temporary:
            _write(archive, edits)
        else:
            _write_with_ledger(archive, edits)
    wake_followers(archive.layout.run)


def _write(archive: LocalArchive, edits: Sequence[Edit]) -> None:
    with archive.index.transaction() as cursor:
        writer = AnnotationWriter(cursor)
        for edit in edits:
            writer.make(edit)
        writer.finish()


def _write_with_ledger(archive: LocalArchive, edits: Sequence[Edit]) -> None:
    path, durable = archive.layout.annotations, archive.settings.storage.fsync
    before: int | None = None
    try:
        with archive.index.transaction() as cursor:
            writer = AnnotationWriter(cursor)
            for edit in edits:
                writer.make(edit)
            writer.finish()
            before = annotation_ledger.append(path, edits, durable=durable)
    except BaseException:
        if before is not None:  # the commit failed: what is not in the index was not acknowledged
            annotation_ledger.truncate(path, before)
        raise
    annotation_ledger.compact(path, before, durable=durable)
