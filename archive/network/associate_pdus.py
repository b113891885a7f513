"""A-ASSOCIATE-RQ read and A-ASSOCIATE-AC written (PS3.8 9.3.2 and 9.3.3, PS3.7 D.3.3).

pynetdicom's codecs need 2 ms for a request with one presentation context, ten times what a peer that only
verifies costs otherwise; the tests hold what is read and written here equal to theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import TYPE_CHECKING

from archive.dicom.uids import is_uid
from archive.network.pdu import AbortReason, PduType, ProtocolViolation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"

_TITLES = slice(4, 68)
"""Both AE titles and the reserved bytes behind them: an answer gives them back as they came."""
_ITEMS_START = 68
_ITEM = Struct(">BxH")
_LONGEST_ITEM = 0xFFFF
_PDU_HEADER = Struct(">BxI")
_LENGTH = Struct(">I")
_UID_LENGTH = Struct(">H")
_ONE_AT_A_TIME = b"\0\1\0\1"


class _Item(IntEnum):
    """Item-type fields (PS3.8 Tables 9-12 to 9-19, PS3.7 Tables D.3-1 to D.3-10)."""

    APPLICATION_CONTEXT = 0x10
    PROPOSED_CONTEXT = 0x20
    JUDGED_CONTEXT = 0x21
    ABSTRACT_SYNTAX = 0x30
    TRANSFER_SYNTAX = 0x40
    USER_INFORMATION = 0x50
    MAXIMUM_LENGTH = 0x51
    IMPLEMENTATION_CLASS_UID = 0x52
    ASYNCHRONOUS_OPERATIONS_WINDOW = 0x53
    ROLE_SELECTION = 0x54
    IMPLEMENTATION_VERSION_NAME = 0x55


@dataclass(frozen=True, slots=True)
class ProposedContext:
    """A presentation context as its peer proposes it; the UIDs are kept as written, padding removed."""

    context_id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgedContext:
    """Our answer to a proposed context; `result` is that of PS3.8 Table 9-18."""

    context_id: int
    result: int
    transfer_syntax: str


@dataclass(slots=True)
class AssociateRequest:
    """What an A-ASSOCIATE-RQ says; items that this archive has no use for are passed over.

    Attributes
    ----------
    maximum_length
        Bytes of the longest P-DATA-TF that the peer takes; 0 is no limit.
    scu_roles
        By SOP class, whether the peer wishes to be its SCU.
    wishes_window
        Whether the peer asks for asynchronous operations.
    """

    titles: bytes
    application_context: str
    contexts: list[ProposedContext]
    maximum_length: int
    scu_roles: dict[str, bool]
    wishes_window: bool


@dataclass(frozen=True, slots=True)
class OurInformation:
    """What we say of ourselves in an A-ASSOCIATE-AC."""

    maximum_length: int
    implementation_class_uid: str
    implementation_version_name: str


def decode_request(body: bytes) -> AssociateRequest:
    """Read an A-ASSOCIATE-RQ without the header of its PDU.

    Raises
    ------
    ProtocolViolation
        An item runs over the end of what it lies in, or is shorter than it must be.
    """
    request = AssociateRequest(body[_TITLES], "", [], 0, {}, wishes_window=False)
    for kind, value in _items(body, _ITEMS_START):
        if kind == _Item.PROPOSED_CONTEXT:
            request.contexts.append(_proposed(value))
        elif kind == _Item.APPLICATION_CONTEXT:
            request.application_context = _uid(value)
        elif kind == _Item.USER_INFORMATION:
            _read_user_information(value, request)
    return request


def _proposed(item: bytes) -> ProposedContext:
    if len(item) < 4:
        raise _malformed()
    abstract_syntax, transfer_syntaxes = "", []
    for kind, value in _items(item, 4):
        if kind == _Item.TRANSFER_SYNTAX:
            transfer_syntaxes.append(_uid(value))
        elif kind == _Item.ABSTRACT_SYNTAX:
            abstract_syntax = _uid(value)
    return ProposedContext(item[0], abstract_syntax, tuple(transfer_syntaxes))


def _read_user_information(item: bytes, request: AssociateRequest) -> None:
    for kind, value in _items(item, 0):
        if kind == _Item.MAXIMUM_LENGTH:
            if len(value) != _LENGTH.size:
                raise _malformed()
            (request.maximum_length,) = _LENGTH.unpack(value)
        elif kind == _Item.ASYNCHRONOUS_OPERATIONS_WINDOW:
            request.wishes_window = True
        elif kind == _Item.ROLE_SELECTION:
            sop_class, scu = _read_role(value)
            if is_uid(sop_class):  # what names no SOP class is not given back
                request.scu_roles[sop_class] = scu


def _read_role(item: bytes) -> tuple[str, bool]:
    if len(item) < _UID_LENGTH.size:
        raise _malformed()
    end = _UID_LENGTH.size + _UID_LENGTH.unpack_from(item)[0]
    if end + 2 > len(item):
        raise _malformed()
    return _uid(item[_UID_LENGTH.size : end]), bool(item[end])


def _items(data: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    end = len(data)
    while start < end:
        if start + _ITEM.size > end:
            raise _malformed()
        kind, length = _ITEM.unpack_from(data, start)
        start += _ITEM.size
        if start + length > end:
            raise _malformed()
        yield kind, data[start : start + length]
        start += length


def _uid(value: bytes) -> str:
    return value.decode("latin-1").rstrip("\0 ")


def _malformed() -> ProtocolViolation:
    return ProtocolViolation("its A-ASSOCIATE-RQ cannot be decoded", AbortReason.INVALID_PARAMETER)


def encode_acceptance(
    request: AssociateRequest, contexts: Sequence[JudgedContext], ours: OurInformation
) -> bytes:
    """Write the A-ASSOCIATE-AC that answers `request`.

    The peer may be SCU where it wishes to and never SCP (PS3.7 D.3.3.4), and a wish for asynchronous
    operations is answered with one at a time (PS3.7 D.3.3.3).

    Raises
    ------
    ProtocolViolation
        What must be given back does not fit into an item.
    """
    parts = [b"\0\1\0\0", request.titles, _encode(_Item.APPLICATION_CONTEXT, APPLICATION_CONTEXT.encode())]
    parts += [_encode_judged(context) for context in contexts]
    information = [
        _encode(_Item.MAXIMUM_LENGTH, _LENGTH.pack(ours.maximum_length)),
        _encode(_Item.IMPLEMENTATION_CLASS_UID, ours.implementation_class_uid.encode("ascii")),
    ]
    if request.wishes_window:
        information.append(_encode(_Item.ASYNCHRONOUS_OPERATIONS_WINDOW, _ONE_AT_A_TIME))
    information += [_encode_role(sop_class, scu=scu) for sop_class, scu in request.scu_roles.items()]
    name = ours.implementation_version_name.encode("ascii")
    information.append(_encode(_Item.IMPLEMENTATION_VERSION_NAME, name))
    parts.append(_encode(_Item.USER_INFORMATION, b"".join(information)))
    body = b"".join(parts)
    return _PDU_HEADER.pack(PduType.A_ASSOCIATE_AC, len(body)) + body


def _encode_judged(context: JudgedContext) -> bytes:
    syntax = _encode(_Item.TRANSFER_SYNTAX, context.transfer_syntax.encode("latin-1"))
    return _encode(_Item.JUDGED_CONTEXT, bytes((context.context_id, 0, context.result, 0)) + syntax)


def _encode_role(sop_class: str, *, scu: bool) -> bytes:
    uid = sop_class.encode("latin-1")
    return _encode(_Item.ROLE_SELECTION, _UID_LENGTH.pack(len(uid)) + uid + bytes((scu, 0)))


def _encode(kind: _Item, value: bytes) -> bytes:
    if len(value) > _LONGEST_ITEM:  # what it repeats of the request is longer than an item may be
        raise _malformed()
    return _ITEM.pack(kind, len(value)) + value
