"""One file against what the index says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.header import read_header
from archive.errors import NoctisError, NotFound
from archive.storage.reading import data_set_digest

if TYPE_CHECKING:
    from pathlib import Path

    from archive.index.inventory import NamedFile
    from archive.progress import CancelToken


class Differs(NoctisError):
    """A file is not what was recorded."""


def compare(path: Path, named: NamedFile, token: CancelToken) -> bytes:
    """Read a file in full, compare it with its row, and return the digest of its data set.

    One without a recorded digest lies in place and nobody has read it: it must be as large as it was, not
    changed since its study last grew, and the same instance.

    Raises
    ------
    NotFound
        It is gone.
    NoctisError
        It differs, or cannot be read.
    Cancelled
        The token was cancelled.
    """
    if named.digest is None:
        _require_unchanged(path, named)
    digest = data_set_digest(path, follow=named.is_in_place, check=token.check)
    if named.digest is None:
        _require_identity(path, named)
    elif digest != named.digest:
        raise Differs("Its bytes are not those that were recorded.")
    return digest


def _require_unchanged(path: Path, named: NamedFile) -> None:
    try:
        facts = path.stat()
    except OSError as error:
        raise NotFound("The file is gone.") from error
    if facts.st_size != named.size_bytes:
        raise Differs("Its size is not the one that was recorded.")
    if facts.st_mtime > named.series.last_received_at:
        raise Differs("It was changed after it was imported.")


def _require_identity(path: Path, named: NamedFile) -> None:
    header = read_header(path)
    series = named.series
    found = (header.study_instance_uid, header.series_instance_uid, header.sop_instance_uid)
    if found != (series.study_instance_uid, series.series_instance_uid, named.sop_instance_uid):
        raise Differs("It holds another instance than the one that was recorded.")
