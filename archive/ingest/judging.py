"""New, known or other bytes under known UIDs: what an arrival is to the archive, its own group included."""

from __future__ import annotations

import os
from enum import Enum
from typing import TYPE_CHECKING

from archive.dicom.part10 import locate_data_set
from archive.errors import DuplicateSopInstance, NoctisError
from archive.index.recording import Known, known, verify
from archive.index.records import Kind
from archive.ingest.arrival import ExistingFile
from archive.storage.files import digest_of, disk_errors

if TYPE_CHECKING:
    from pathlib import Path

    from archive.dicom.header import Header
    from archive.index.database import Index
    from archive.index.records import Record
    from archive.ingest.arrival import Arrival
    from archive.ingest.securing import Secured

_Key = tuple[str, str, str]


class Verdict(Enum):
    """What an arrival is to the archive."""

    NEW = "new"
    DUPLICATE = "bytes that are kept already"
    REPLACEMENT = "instead of a file in place that is gone"
    VARIANT = "other bytes"


class Judge:
    """Judges the arrivals of one group, one after the other."""

    def __init__(self, index: Index, *, strict: bool) -> None:
        self._index = index
        self._strict = strict
        self._here: dict[_Key, Known] = {}

    def verdict(self, arrival: Arrival, secured: Secured) -> Verdict:
        """Return what an arrival is to the archive.

        Raises
        ------
        DuplicateSopInstance
            Its UIDs are taken by other bytes and the site is strict.
        """
        header = arrival.header
        before = self._known(header)
        if before is None:
            return Verdict.NEW
        if _is_file(arrival, before):
            return Verdict.DUPLICATE
        if _is_gone(before):
            return Verdict.REPLACEMENT
        digest = full_digest(arrival, secured)
        if digest == self._digest_of(header, before) or digest in before.variants:
            return Verdict.DUPLICATE
        if self._strict:
            raise DuplicateSopInstance("Other bytes are kept under this SOP Instance UID.")
        return Verdict.VARIANT

    def keep(self, record: Record) -> None:
        """Know from now on what is about to be recorded."""
        key = _key(record.header)
        if record.kind is not Kind.VARIANT:
            self._here[key] = Known(record.digest, record.file)
        elif record.digest is not None:
            before = self._known(record.header) or Known(None, None)
            variants = {**before.variants, record.digest: record.file}
            self._here[key] = Known(before.digest, before.file, variants)

    def place_of(self, header: Header, digest: bytes) -> str | None:
        """Return where the archive itself keeps a duplicate, relative to its root; None when it does not."""
        before = self._known(header) or Known(None, None)
        file = before.variants.get(digest, before.file)
        place = self._index.locate(*_key(header)) if file is None else os.fsdecode(file)
        return None if place.startswith("/") else place

    def _known(self, header: Header) -> Known | None:
        return self._here.get(_key(header)) or known(self._index, header)

    def _digest_of(self, header: Header, before: Known) -> bytes | None:
        if before.digest is not None:
            return before.digest
        path = self._path_of(header, before)
        try:
            digest = file_digest(path)
        except NoctisError:
            return None  # gone or damaged: no bytes equal it
        verify(self._index, header, digest)
        return digest

    def _path_of(self, header: Header, before: Known) -> Path:
        index, uids = self._index, _key(header)
        return index.root / (index.locate(*uids) if before.file is None else os.fsdecode(before.file))


def full_digest(arrival: Arrival, secured: Secured) -> bytes:
    """Return the digest of an arrival's data set, reading a file in place when nobody has yet."""
    if secured.digest is not None:
        return secured.digest
    assert isinstance(arrival.content, ExistingFile)
    return file_digest(arrival.content.path, arrival.content.offset)


def file_digest(path: Path, offset: int | None = None) -> bytes:
    """Return the digest of a file's data set.

    Raises
    ------
    NoctisError
        It cannot be read or is no DICOM file.
    """
    start = locate_data_set(path)[0] if offset is None else offset
    with disk_errors(), path.open("rb", buffering=0) as file:
        return digest_of(file.fileno(), start)


def _is_file(arrival: Arrival, before: Known) -> bool:
    content = arrival.content
    return isinstance(content, ExistingFile) and before.file == os.fsencode(content.path)


def _is_gone(before: Known) -> bool:
    path = os.fsdecode(before.file or b"")
    return path.startswith("/") and not os.path.exists(path)  # noqa: PTH110 - no object for a yes


def _key(header: Header) -> _Key:
    return header.study_instance_uid, header.series_instance_uid, header.sop_instance_uid
