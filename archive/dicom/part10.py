"""The DICOM file format (PS3.10 section 7): preamble and file meta information around a data set."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from archive.dicom import uids
from archive.dicom.elements import EXPLICIT_LITTLE_ENDIAN, POSSIBLE_VRS
from archive.dicom.keywords import (
    MEDIA_STORAGE_SOP_CLASS_UID,
    MEDIA_STORAGE_SOP_INSTANCE_UID,
    TRANSFER_SYNTAX_UID,
)
from archive.dicom.source import opened
from archive.dicom.structure import read_element
from archive.errors import BadInput, CannotUnderstand

if TYPE_CHECKING:
    from pathlib import Path

    from archive.dicom.elements import Buffer
    from archive.dicom.source import Source

PREAMBLE = bytes(128) + b"DICM"
IMPLEMENTATION_CLASS_UID = "2.25.193247914253405346823014838250183240281"
IMPLEMENTATION_VERSION_NAME = "NOCTIS_TUI_1"
MAXIMUM_META = 1 << 20
"""Bytes of file meta information that are looked at where no group length can be trusted."""
NOT_DICOM = "This is not a DICOM file."
_UIDS = (TRANSFER_SYNTAX_UID, MEDIA_STORAGE_SOP_CLASS_UID, MEDIA_STORAGE_SOP_INSTANCE_UID)
_SENDER = (0x00020016, 0x00020018, 0x00020102)
_PLAUSIBLE_GROUPS = frozenset({0x0002, 0x0008})
"""Groups that a data set without a preamble begins with."""


@dataclass(frozen=True, slots=True)
class FileMeta:
    """What stands before the data set of a file.

    Attributes
    ----------
    data_set_offset
        Where the data set begins, in bytes.
    transfer_syntax_uid
        As written, or guessed from the first element of a bare data set.
    is_part10
        False for a bare data set.
    has_preamble
        False for a bare data set, and for file meta information that begins at the first byte.
    """

    data_set_offset: int
    transfer_syntax_uid: str
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    is_part10: bool = True
    has_preamble: bool = True


def write_file_meta(
    sop_class_uid: str,
    sop_instance_uid: str,
    transfer_syntax_uid: str,
    source_ae_title: str = "",
    receiving_ae_title: str = "",
    sending_address: str = "",
) -> bytes:
    """Write the preamble and file meta information that go before a data set.

    Parameters
    ----------
    sop_class_uid, sop_instance_uid, transfer_syntax_uid
        UIDs of the instance; only what `is_uid` accepts may come here.
    source_ae_title
        The AE that sent it; left out when empty. Bytes that an AE title cannot hold are left out.
    receiving_ae_title, sending_address
        The AE title that it called, and the IP address that it called from; left out when empty.
    """
    elements = b"".join(
        (
            struct.pack("<HH2sHI", 0x0002, 0x0001, b"OB", 0, 2) + b"\x00\x01",
            _uid_element(0x0002, sop_class_uid),
            _uid_element(0x0003, sop_instance_uid),
            _uid_element(0x0010, transfer_syntax_uid),
            _uid_element(0x0012, IMPLEMENTATION_CLASS_UID),
            _text_element(0x0013, b"SH", IMPLEMENTATION_VERSION_NAME),
            _source(source_ae_title, receiving_ae_title, sending_address),
        )
    )
    return PREAMBLE + struct.pack("<HH2sHI", 0x0002, 0x0000, b"UL", 4, len(elements)) + elements


@lru_cache(maxsize=1024)
def _source(source_ae_title: str, receiving_ae_title: str, sending_address: str) -> bytes:
    """Write who sent the instance, so that an index can be made again from the files."""
    ae_titles = ((0x0016, source_ae_title), (0x0018, receiving_ae_title))
    titles = [_text_element(number, b"AE", _ae_title(title)) for number, title in ae_titles if title]
    if sending_address:  # readers that know no UR know no Sending Presentation Address (0002,0027) either
        value = sending_address.encode("ascii", "replace")
        value += b" " * (len(value) % 2)
        titles.append(_uid_element(0x0100, IMPLEMENTATION_CLASS_UID))
        titles.append(struct.pack("<HH2sHI", 0x0002, 0x0102, b"OB", 0, len(value)) + value)
    return b"".join(titles)


def _uid_element(number: int, uid: str) -> bytes:
    value = uid.encode("ascii")
    return _meta_element(number, b"UI", value + b"\0" * (len(value) % 2))


def _text_element(number: int, vr: bytes, text: str) -> bytes:
    value = text.encode("ascii")
    return _meta_element(number, vr, value + b" " * (len(value) % 2))


def _meta_element(number: int, vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sH", 0x0002, number, vr, len(value)) + value


def read_sender(file: Path) -> tuple[str, str, str] | None:
    """Return who sent an instance, as `write_file_meta` wrote it: calling and called AE title, IP address.

    None for a file that something else wrote, or that nobody sent.

    Raises
    ------
    NotFound, BadInput, CannotUnderstand
        As `source.opened` and `parse_file_meta`.
    """
    with opened(file) as source:
        meta = source.head[: parse_file_meta(source).data_set_offset]
    if meta[: len(PREAMBLE)] != PREAMBLE or IMPLEMENTATION_CLASS_UID.encode() not in meta:
        return None
    found: dict[int, bytes] = {}
    _stop_by_group(meta, len(PREAMBLE), found)
    calling, called, address = (found.get(tag, b"").decode("latin-1").strip(" \0") for tag in _SENDER)
    return (calling, called, address) if calling else None


def _ae_title(text: str) -> str:
    return "".join(letter for letter in text if " " <= letter <= "~" and letter != "\\")[:16].strip()


def parse_file_meta(source: Source) -> FileMeta:
    """Find the data set of a file: Part 10, meta without a preamble, or a bare data set (guessed).

    Raises
    ------
    BadInput
        The bytes are not DICOM.
    CannotUnderstand
        They are, but the file meta information does not parse or names no transfer syntax.
    """
    try:
        return _parse(source.head, source.size)
    except CannotUnderstand:
        if len(source.head) == source.size:
            raise
        return _parse(source.whole, source.size)  # somebody has put a great deal into it


def _parse(buffer: Buffer, size: int) -> FileMeta:
    start = bytes(buffer[:8])
    if bytes(buffer[128:132]) == b"DICM" and not _is_chance(start, bytes(buffer[132:134])):
        return _read_meta(buffer, 132)
    if len(start) < 8:
        raise BadInput(NOT_DICOM)
    if start[:2] == b"\x02\x00":
        return _read_meta(buffer, 0)
    syntax = _guess_transfer_syntax(start, size)
    return FileMeta(0, syntax, is_part10=False, has_preamble=False)


def _is_chance(start: bytes, group: bytes) -> bool:
    """Tell a bare data set that has the letters DICM where the file format has them."""
    return group != b"\x02\x00" and start[:2] == b"\x08\x00" and start[4:6] in POSSIBLE_VRS


def _guess_transfer_syntax(start: bytes, size: int) -> str:
    """Guess from the tag, VR and length of the first element."""
    explicit = start[4:6] in POSSIBLE_VRS
    little, big = int.from_bytes(start[:2], "little"), int.from_bytes(start[:2], "big")
    if explicit and big == 0x0008:
        return uids.EXPLICIT_VR_BIG_ENDIAN
    if explicit and little in _PLAUSIBLE_GROUPS:
        return uids.EXPLICIT_VR_LITTLE_ENDIAN
    if little in _PLAUSIBLE_GROUPS and int.from_bytes(start[4:8], "little") <= size - 8:
        return uids.IMPLICIT_VR_LITTLE_ENDIAN
    raise BadInput(NOT_DICOM)


def _read_meta(buffer: Buffer, start: int) -> FileMeta:
    # The group length is often absent or wrong: the group number of each element tells where the meta ends.
    found: dict[int, bytes] = {}
    position = _stop_by_group(buffer, start, found)
    syntax, sop_class_uid, sop_instance_uid = (
        found.get(tag, b"")[:70].decode("latin-1").strip(" \0") for tag in _UIDS
    )
    if not uids.is_uid(syntax):
        raise CannotUnderstand("The file meta information names no transfer syntax.")
    return FileMeta(position, syntax, sop_class_uid, sop_instance_uid, has_preamble=start > 0)


def _stop_by_group(buffer: Buffer, start: int, found: dict[int, bytes]) -> int:
    position, size = start, min(len(buffer), start + MAXIMUM_META)
    while bytes(buffer[position : position + 2]) == b"\x02\x00":
        element = read_element(buffer, position, size, EXPLICIT_LITTLE_ENDIAN, 0)
        if element.stop is None:
            raise CannotUnderstand("The file meta information holds a value of undefined length.")
        found[element.tag] = bytes(buffer[element.start : min(element.stop, element.start + 70)])
        position = element.stop
    return position


def locate_data_set(file: Path) -> tuple[int, str]:
    """Return the offset of a file's data set in bytes, and its transfer syntax UID.

    Raises
    ------
    NotFound, BadInput, CannotUnderstand
        As `source.opened` and `parse_file_meta`.
    """
    with opened(file) as source:
        meta = parse_file_meta(source)
    return meta.data_set_offset, meta.transfer_syntax_uid
