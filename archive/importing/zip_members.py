"""ZIP files: members are streamed into the spool, real bytes counted; their names never become paths."""

from __future__ import annotations

import io
import lzma
import stat
import zipfile
import zlib
from typing import TYPE_CHECKING

from archive.dicom.part10 import parse_file_meta
from archive.dicom.source import Source
from archive.errors import BadInput, CannotUnderstand, NoctisError, OutOfResources
from archive.importing.counts import Ending
from archive.importing.files import BLOCK_BYTES, ending_of, parse_instance, rewrite
from archive.importing.findings import Finding, Found, Refused, skipped
from archive.ingest.arrival import Arrival

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from archive.dicom.part10 import FileMeta
    from archive.storage.spool import Part, Spool

MAXIMUM_DIRECTORY_BYTES = 32 * 2**20
"""Of a ZIP's own table of contents (about 300,000 members), which `zipfile` holds in memory as objects."""
FREE_INFLATED_BYTES, MAXIMUM_RATIO = 2**30, 100
"""A whole ZIP may inflate to so many bytes, and so many times its own size on top."""
_HEAD_BYTES = 1 << 16
_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)
_NOT_SUPPORTED = (NotImplementedError, RuntimeError)


def is_zip(path: Path) -> bool:
    """Tell a ZIP by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(4) in _SIGNATURES
    except OSError:
        return False


def findings_in(path: Path, spool: Spool, maximum_member_bytes: int) -> Iterator[Finding]:
    """Find the instances in a ZIP file; links, devices, encrypted and other members are refused one by one.

    Raises
    ------
    OutOfResources
        The archive's disk is full.
    """
    try:
        with _BoundedFile(path) as file, zipfile.ZipFile(file) as opened:
            yield from _Members(path, opened, spool, maximum_member_bytes).findings()
    except (*_DAMAGED, *_NOT_SUPPORTED):
        yield skipped(path, "The ZIP file cannot be read.")


class _BoundedFile(io.FileIO):
    """Refuses the one large read that `zipfile` makes: the table of contents."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size > MAXIMUM_DIRECTORY_BYTES:
            raise zipfile.BadZipFile("The table of contents is too large.")
        return super().read(size)


class _Bomb(Exception):
    """More bytes came out than anybody's images need."""


class _Members:
    def __init__(self, path: Path, opened: zipfile.ZipFile, spool: Spool, maximum_member_bytes: int) -> None:
        self._path = path
        self._zip = opened
        self._spool = spool
        self._maximum_member_bytes = maximum_member_bytes
        self._left = FREE_INFLATED_BYTES + MAXIMUM_RATIO * path.stat().st_size

    def findings(self) -> Iterator[Finding]:
        for member in self._zip.infolist():
            if not member.filename.endswith("/"):  # `is_dir` fails where a member has no name at all
                yield self._finding(member)

    def _finding(self, member: zipfile.ZipInfo) -> Finding:
        origin = f"{self._path}: {member.filename}"
        mode = member.external_attr >> 16
        if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
            return skipped(origin, "The member is a link or a device.")
        if self._left <= 0:
            return skipped(origin, "The ZIP file inflates to more than it may.")
        try:
            with self._zip.open(member) as stream:
                return self._member(origin, stream)
        except _NOT_SUPPORTED:
            return skipped(origin, "The member is encrypted, or compressed in a way that is not supported.")
        except _DAMAGED:
            return skipped(origin, "The member is damaged.")

    def _member(self, origin: str, stream: IO[bytes]) -> Finding:
        head = self._read(stream, _HEAD_BYTES)
        try:
            meta = parse_file_meta(Source.of(head))
        except BadInput as error:
            return skipped(origin, str(error))
        except CannotUnderstand as error:
            return Refused(Ending.QUARANTINED, origin, str(error), lambda: [head], len(head))
        prefix = head[: meta.data_set_offset] if meta.has_preamble else b""
        try:
            part = self._spooled(prefix, head[len(prefix) :], stream)
        except _Bomb:
            return Refused(Ending.QUARANTINED, origin, "The member inflates to more than it may.")
        except _DAMAGED:
            return Refused(Ending.QUARANTINED, origin, "The member is damaged.")
        return self._understood(origin, part, meta, prefix)

    def _spooled(self, prefix: bytes, begin: bytes, stream: IO[bytes]) -> Part:
        part = self._spool.create(prefix)
        try:
            part.write(begin)
            while block := self._read(stream, BLOCK_BYTES):
                part.write(block)
                self._require_room(part)
        except BaseException:
            part.discard()
            raise
        return part

    def _require_room(self, part: Part) -> None:
        if self._left <= 0 or part.size > self._maximum_member_bytes:
            raise _Bomb

    def _read(self, stream: IO[bytes], size: int) -> bytes:
        block = stream.read(size)
        self._left -= len(block)
        return block

    def _understood(self, origin: str, part: Part, meta: FileMeta, prefix: bytes) -> Finding:
        try:
            with part.data_set_buffer() as buffer:
                header = parse_instance(Source.of(buffer), meta, meta.data_set_offset - len(prefix))
                if meta.has_preamble:
                    return Found(Arrival(part, header), origin)
                whole = rewrite(buffer, meta.data_set_offset, header, self._spool)
            part.discard()
            return Found(Arrival(whole, header), origin)
        except OutOfResources:
            part.discard()
            raise
        except NoctisError as error:
            return Refused(
                ending_of(error), origin, str(error), lambda: _drained(part, prefix), part.file_size
            )


def _drained(part: Part, prefix: bytes) -> Iterator[bytes]:
    yield prefix
    with part.data_set_buffer() as buffer:
        for position in range(0, len(buffer), BLOCK_BYTES):
            yield bytes(buffer[position : position + BLOCK_BYTES])
    part.discard()
