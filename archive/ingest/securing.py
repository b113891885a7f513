"""The first step of a group: each arrival's bytes become a whole, durable file in the journal."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom.part10 import write_file_meta
from archive.errors import BadInput
from archive.ingest.arrival import Mode
from archive.storage.files import CHUNK_BYTES, digest_of, opened_folder, out_of_resources, sync_data
from archive.storage.placement import Sealed
from archive.storage.spool import Part, next_mark, sealed_name

if TYPE_CHECKING:
    from archive.ingest.arrival import Arrival, ExistingFile
    from archive.local_archive import LocalArchive

_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.EACCES}


@dataclass(frozen=True, slots=True)
class Secured:
    """An arrival's bytes: in the journal, or (`sealed` is None) where they lie.

    Attributes
    ----------
    digest
        None for a file in place: nobody has read it all.
    """

    sealed: Sealed | None
    digest: bytes | None
    size_bytes: int


def secure(archive: LocalArchive, arrival: Arrival) -> Secured:
    """Make the bytes durable under a sealed name; runs in several threads at once.

    Raises
    ------
    OutOfResources
        The disk refuses.
    BadInput
        A file that exists cannot be read.
    """
    content = arrival.content
    if isinstance(content, Sealed):
        return Secured(content, content.digest, content.size_bytes)
    if isinstance(content, Part):
        return _seal(content, durable=archive.settings.storage.fsync)
    if content.mode is Mode.IN_PLACE:
        return Secured(None, None, _size_of(content))
    if content.mode is Mode.LINK:
        linked = _link(archive, content)
        if linked is not None:
            return linked
    return _seal(_copy(archive, arrival, content), durable=archive.settings.storage.fsync)


def _seal(part: Part, *, durable: bool) -> Secured:
    size_bytes, digest = part.file_size, part.digest
    return Secured(Sealed(part.seal(durable=durable), digest, size_bytes), digest, size_bytes)


def _size_of(content: ExistingFile) -> int:
    try:
        return content.path.stat().st_size
    except OSError as error:
        raise BadInput(f"A file cannot be read: {error.strerror}.") from error


def _copy(archive: LocalArchive, arrival: Arrival, content: ExistingFile) -> Part:
    source = _open(content)
    try:
        prefix = os.pread(source, content.offset, 0) or _file_meta(arrival)
        part = archive.spool.create(prefix)
        try:
            _append(part, source, content.offset)
        except BaseException:
            part.discard()
            raise
        return part
    finally:
        os.close(source)


def _append(part: Part, source: int, offset: int) -> None:
    while chunk := _read(source, offset):
        part.write(chunk)
        offset += len(chunk)


def _read(source: int, offset: int) -> bytes:
    try:
        return os.pread(source, CHUNK_BYTES, offset)
    except OSError as error:
        raise BadInput(f"A file cannot be read: {error.strerror}.") from error


def _file_meta(arrival: Arrival) -> bytes:
    header = arrival.header
    return write_file_meta(header.sop_class_uid, header.sop_instance_uid, header.transfer_syntax_uid)


def _open(content: ExistingFile) -> int:
    try:
        return os.open(content.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise BadInput(f"A file cannot be read: {error.strerror}.") from error


def _link(archive: LocalArchive, content: ExistingFile) -> Secured | None:
    source = _open(content)
    try:
        digest = digest_of(source, content.offset)
        name = sealed_name(digest, next_mark())
        if archive.settings.storage.fsync:
            sync_data(source)
        try:
            with opened_folder(archive.root, archive.layout.incoming.name) as incoming:
                os.link(content.path, name, dst_dir_fd=incoming, follow_symlinks=False)
        except OSError as error:
            if error.errno in _NO_LINK:
                return None
            raise out_of_resources(error) from error
        size_bytes = os.fstat(source).st_size
    finally:
        os.close(source)
    return Secured(Sealed(name, digest, size_bytes), digest, size_bytes)
