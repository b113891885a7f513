"""One file: understood where it lies, and brought to the line as its mode says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from archive.dicom import header as headers
from archive.dicom.part10 import parse_file_meta, write_file_meta
from archive.dicom.source import opened
from archive.dicom.uids import is_transfer_syntax
from archive.errors import BadInput, CannotUnderstand, NoctisError, OutOfResources
from archive.importing.counts import Ending
from archive.importing.dicomdir import MEDIA_STORAGE_DIRECTORY
from archive.importing.findings import Finding, Found, Refused
from archive.ingest.arrival import Arrival, ExistingFile, Mode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.dicom.elements import Buffer
    from archive.dicom.header import Header
    from archive.dicom.part10 import FileMeta
    from archive.dicom.source import Source
    from archive.storage.spool import Part, Spool

BLOCK_BYTES = 1 << 20


def understand(path: Path, mode: Mode, spool: Spool) -> Finding:
    """Read a file's header to its last byte and say how it is to be kept, or why it is not.

    Raises
    ------
    OutOfResources
        The archive's disk is full.
    """
    try:
        with opened(path) as source:
            return Found(_arrival(path, source, mode, spool), str(path))
    except OutOfResources:
        raise
    except NoctisError as error:
        keep = mode is Mode.COPY  # otherwise the file stays where it is, and that is where a person looks
        size = path.stat().st_size if keep and path.exists() else 0
        return Refused(
            ending_of(error), str(path), str(error), (lambda: blocks_of(path)) if keep else None, size
        )


def ending_of(error: NoctisError) -> Ending:
    """Skip what is no DICOM instance; quarantine what is a bad one."""
    return Ending.SKIPPED if isinstance(error, BadInput) else Ending.QUARANTINED


def parse_instance(source: Source, meta: FileMeta, start: int) -> Header:
    """Read the header of an instance's data set that begins at `start`.

    Raises
    ------
    BadInput
        It is no instance, or no DICOM after all (a bare data set was only guessed).
    CannotUnderstand, DataSetMismatch
        It is a bad one.
    """
    if meta.sop_class_uid == MEDIA_STORAGE_DIRECTORY:
        raise BadInput("A DICOMDIR is a table of contents and no instance.")
    if not is_transfer_syntax(meta.transfer_syntax_uid):
        raise CannotUnderstand("The transfer syntax is not one of the standard's.")
    return headers.parse_instance(source, meta, start)


def _arrival(path: Path, source: Source, mode: Mode, spool: Spool) -> Arrival:
    meta = parse_file_meta(source)
    header = parse_instance(source, meta, meta.data_set_offset)
    if mode is Mode.COPY and not meta.has_preamble:
        return Arrival(rewrite(source.whole, meta.data_set_offset, header, spool), header)
    return Arrival(ExistingFile(path, meta.data_set_offset, mode), header)


def rewrite(buffer: Buffer, start: int, header: Header, spool: Spool) -> Part:
    """Write a data set that had no preamble as the file format wants it (PS3.10 7.1)."""
    part = spool.create(
        write_file_meta(header.sop_class_uid, header.sop_instance_uid, header.transfer_syntax_uid)
    )
    try:
        for position in range(start, len(buffer), BLOCK_BYTES):
            part.write(buffer[position : position + BLOCK_BYTES])
    except BaseException:
        part.discard()
        raise
    return part


def blocks_of(path: Path) -> Iterator[bytes]:
    """Yield a regular file's bytes."""
    with open(path, "rb", opener=_open_without_waiting) as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
