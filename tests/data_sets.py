"""Data sets written byte by byte: the smallest instance and everything that can be wrong with one."""

from __future__ import annotations

import struct

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
UNDEFINED = 0xFFFFFFFF
LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}


def element(tag: int, vr: bytes, value: bytes = b"", *, length: int | None = None, order: str = "<") -> bytes:
    """Write one explicit element; `length` may lie."""
    size = len(value) if length is None else length
    if vr in LONG:
        return struct.pack(f"{order}HH2sHI", tag >> 16, tag & 0xFFFF, vr, 0, size) + value
    return struct.pack(f"{order}HH2sH", tag >> 16, tag & 0xFFFF, vr, size) + value


def implicit(tag: int, value: bytes = b"", *, length: int | None = None) -> bytes:
    """Write one implicit little endian element, item or delimiter; `length` may lie."""
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, len(value) if length is None else length) + value


def item(value: bytes = b"", *, length: int | None = None) -> bytes:
    return implicit(0xFFFEE000, value, length=length)


ITEM_END, SEQUENCE_END = implicit(0xFFFEE00D), implicit(0xFFFEE0DD)


def uid(text: str) -> bytes:
    return text.encode() + b"\0" * (len(text) % 2)


def smallest(sop: str = "1.2.3", study: str = "1.2", series: str = "1.2.4", order: str = "<") -> bytes:
    """Write an explicit data set with nothing but its UIDs."""
    uids = {0x00080016: CT_IMAGE, 0x00080018: sop, 0x0020000D: study, 0x0020000E: series}
    return b"".join(element(tag, b"UI", uid(text), order=order) for tag, text in uids.items())


def smallest_implicit() -> bytes:
    uids = {0x00080016: CT_IMAGE, 0x00080018: "1.2.3", 0x0020000D: "1.2", 0x0020000E: "1.2.4"}
    return b"".join(implicit(tag, uid(text)) for tag, text in uids.items())


def part10(data_set: bytes, syntax: str = EXPLICIT, sop: str = "1.2.3") -> bytes:
    """Put a data set into a file."""
    from archive.dicom.part10 import write_file_meta

    return write_file_meta(CT_IMAGE, sop, syntax) + data_set


def nested(depth: int, *, undefined: bool = False, vr: bytes = b"SQ") -> bytes:
    """Write sequences inside each other, of known or undefined length."""
    value = b""
    for _ in range(depth):
        inner = item(value + ITEM_END, length=UNDEFINED) if undefined else item(value)
        length = UNDEFINED if undefined else None
        value = element(0x00081140, vr, inner + (SEQUENCE_END if undefined else b""), length=length)
    return value


def nested_implicit(depth: int) -> bytes:
    value = b""
    for _ in range(depth):
        value = implicit(0x00081140, item(value))
    return value
