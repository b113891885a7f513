"""Where a file's data set begins and how it is encoded, for files with and without file meta (PS3.10)."""

from __future__ import annotations

from typing import NamedTuple

from archive.errors import NotAnImage
from archive.pixels.byte_source import ByteSource, MemoryBytes, inflate
from archive.pixels.data_set import DataSet
from archive.pixels.elements import (
    EXPLICIT_BIG_ENDIAN,
    EXPLICIT_LITTLE_ENDIAN,
    IMPLICIT_LITTLE_ENDIAN,
    VRS,
    Encoding,
)
from archive.pixels.keywords import TRANSFER_SYNTAX_UID

_IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
_EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
_EXPLICIT_VR_BIG_ENDIAN = "1.2.840.10008.1.2.2"
_DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1.99"
_META_LIMIT = 1 << 20


class Located(NamedTuple):
    """A data set inside a source of bytes."""

    source: ByteSource
    offset: int
    encoding: Encoding
    transfer_syntax_uid: str


def locate(source: ByteSource) -> Located:
    """Find the data set of a DICOM file, inflating it where it is deflated.

    Raises
    ------
    NotAnImage
        When the bytes do not begin like DICOM.
    CannotDecode
        When a deflated data set is damaged or too large.
    """
    head = source.read(0, 144)
    start = 132 if head[128:132] == b"DICM" else 0
    offset, syntax = _after_file_meta(source, start)
    first = source.read(offset, 8)
    if syntax == _DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN:
        inflated = MemoryBytes(inflate(source.read(offset, source.size - offset)))
        return Located(inflated, 0, EXPLICIT_LITTLE_ENDIAN, syntax)
    if len(first) < 8 or not (start or _begins_like_dicom(first)):
        raise NotAnImage("The file is not a DICOM file.")
    return Located(source, offset, *_encoding(first, syntax))


def _after_file_meta(source: ByteSource, start: int) -> tuple[int, str]:
    """Return where the file meta group ends and the transfer syntax it names; no group length is trusted."""
    if source.read(start, 2) != b"\x02\x00":
        return start, ""
    meta = DataSet(
        source, start, min(source.size, start + _META_LIMIT), EXPLICIT_LITTLE_ENDIAN, until_group=2
    )
    return meta.end, meta.text(TRANSFER_SYNTAX_UID)


def _begins_like_dicom(first: bytes) -> bool:
    group = first[0:2]
    return group in {b"\x08\x00", b"\x00\x08", b"\x02\x00", b"\x04\x00"} or first[4:6] in VRS


def _encoding(first: bytes, syntax: str) -> tuple[Encoding, str]:
    explicit = first[4:6] in VRS
    if syntax == _EXPLICIT_VR_BIG_ENDIAN or (not syntax and first[0] == 0 and explicit):
        return EXPLICIT_BIG_ENDIAN, _EXPLICIT_VR_BIG_ENDIAN
    encoding = EXPLICIT_LITTLE_ENDIAN if explicit else IMPLICIT_LITTLE_ENDIAN
    guess = _EXPLICIT_VR_LITTLE_ENDIAN if explicit else _IMPLICIT_VR_LITTLE_ENDIAN
    return encoding, syntax or guess
