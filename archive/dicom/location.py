"""Where a data set lies and how its elements are written: behind file meta, deflated, or bare."""

from __future__ import annotations

from typing import NamedTuple

from archive.dicom import uids
from archive.dicom.data_set import DataSet
from archive.dicom.deflated import inflate
from archive.dicom.elements import EXPLICIT_LITTLE_ENDIAN, LONG_VRS, POSSIBLE_VRS, SHORT_VRS, Encoding
from archive.dicom.keywords import TRANSFER_SYNTAX_UID
from archive.dicom.part10 import MAXIMUM_META, NOT_DICOM, parse_file_meta
from archive.dicom.source import Source
from archive.errors import BadInput, CannotUnderstand

_BARE_GROUPS = frozenset({b"\x08\x00", b"\x00\x08", b"\x02\x00", b"\x04\x00"})


class Located(NamedTuple):
    """A data set that goes on from `offset` to the end of its source."""

    source: Source
    offset: int
    encoding: Encoding
    transfer_syntax_uid: str


def unwrap(source: Source, offset: int, transfer_syntax_uid: str, *, strict: bool = True) -> Located:
    """Inflate the data set at `offset` if it is deflated, and find out how it is written.

    The first VR is believed more than the transfer syntax.

    Raises
    ------
    CannotUnderstand
        As `inflate`.
    """
    if transfer_syntax_uid in uids.DEFLATED_SYNTAXES:
        source, offset = Source.of(inflate(source.whole, offset, strict=strict)), 0
    little = transfer_syntax_uid != uids.EXPLICIT_VR_BIG_ENDIAN
    explicit = source.read(offset + 4, 2) in POSSIBLE_VRS
    return Located(source, offset, Encoding(not explicit, little), transfer_syntax_uid)


def locate(source: Source) -> Located:
    """Find the data set of whatever a person calls a DICOM file; file meta may be broken or absent.

    Raises
    ------
    BadInput
        The bytes do not begin like DICOM.
    CannotUnderstand
        The data set is deflated, and damaged or too large.
    """
    try:
        meta = parse_file_meta(source)
    except (BadInput, CannotUnderstand):
        offset, syntax = _guess(source)
    else:
        offset, syntax = meta.data_set_offset, meta.transfer_syntax_uid
    return unwrap(source, offset, syntax, strict=False)


def _guess(source: Source) -> tuple[int, str]:
    """Return the offset and transfer syntax of a data set that `parse_file_meta` refuses."""
    start = 132 if source.read(128, 4) == b"DICM" else 0
    offset, syntax = start, ""
    if source.read(start, 2) == b"\x02\x00":
        end = min(source.size, start + MAXIMUM_META)
        meta = DataSet(source, start, end, EXPLICIT_LITTLE_ENDIAN, until_group=2)
        offset, syntax = meta.end, meta.text(TRANSFER_SYNTAX_UID)
    first = source.read(offset, 8)
    explicit = first[4:6] in SHORT_VRS or first[4:6] in LONG_VRS
    if len(first) < 8 or not (start or explicit or first[:2] in _BARE_GROUPS):
        raise BadInput(NOT_DICOM)
    if explicit and first[0] == 0:
        guess = uids.EXPLICIT_VR_BIG_ENDIAN
    else:
        guess = uids.EXPLICIT_VR_LITTLE_ENDIAN if explicit else uids.IMPLICIT_VR_LITTLE_ENDIAN
    return offset, syntax or guess
