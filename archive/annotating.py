"""What readers draw and mark: read from the index, changed through whoever holds the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.amending import amend
from archive.annotations.edits import (
    DeleteAnnotation,
    DeleteCurve,
    DeleteKeyImage,
    DeleteLayer,
    Edit,
    PutAnnotation,
    PutCurve,
    PutKeyImage,
    PutLayer,
    check_edits,
)
from archive.errors import ArchiveBusy
from archive.index.annotation_rows import annotations_of
from archive.local_archive import LocalArchive
from archive.storage.lease import AMENDING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = (
    "DeleteAnnotation",
    "DeleteCurve",
    "DeleteKeyImage",
    "DeleteLayer",
    "Edit",
    "PutAnnotation",
    "PutCurve",
    "PutKeyImage",
    "PutLayer",
    "annotations_of",
    "edit",
)


def edit(archive: LocalArchive | Path, edits: Sequence[Edit]) -> None:
    """Make edits, all of them or none; they are durable when this returns. Not for the event loop.

    The process that holds the archive makes them: this one when nobody does, else the receiver through its
    control socket. In a temporary archive they end with its handle. Edits that were made may be made again:
    who was interrupted repeats them.

    Parameters
    ----------
    archive
        Its handle, or its folder.

    Raises
    ------
    BadInput
        An edit says what may not be kept: too many points, a text that is too long...
    NotFound
        The archive does not have the study or the image; a receiver's answer is a `BadInput`.
    ArchiveBusy
        Another process holds the archive and takes no edits (an import does not); try again later.
    OutOfResources
        The disk refuses, or the index is damaged.
    """
    check_edits(edits)
    if not isinstance(archive, LocalArchive):
        with LocalArchive.open(archive) as opened:
            edit(opened, edits)
        return
    if archive.is_temporary:
        amend(archive, None, edits)
        return
    try:
        lease = archive.hold(AMENDING)
    except ArchiveBusy as busy:
        _forward(archive, edits, busy)
    else:
        with lease:
            amend(archive, lease, edits)


def _forward(archive: LocalArchive, edits: Sequence[Edit], busy: ArchiveBusy) -> None:
    from archive.network.control import forward_edits  # noqa: PLC0415 - only beside a receiver

    try:
        forward_edits(archive.layout, edits)
    except ArchiveBusy:
        raise busy from None  # nobody answers there: the holder's name is what helps
