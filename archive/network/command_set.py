"""Command sets of DIMSE messages (PS3.7 6.3 and Annex E).

They are always Implicit VR Little Endian and a dozen elements long. pynetdicom's message classes need 0.4 ms
for one request and its response, as long as everything else takes for a small image; so the few elements that
an acceptor needs are read and written here, and the tests hold them equal to pynetdicom's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

from archive.network.pdu import AbortReason, ProtocolViolation

MAXIMUM_COMMAND_BYTES = 16_384
"""A longer command set ends the association: the longest that PS3.7 defines has a few hundred bytes."""

NO_DATA_SET = 0x0101
"""Command Data Set Type of a message without a data set (PS3.7 E.1)."""

_ELEMENT = Struct("<HHI")
_US = Struct("<H")
_GROUP_LENGTH = Struct("<HHII")
_RESPONSE_NUMBERS = Struct("<" + 4 * "HHIH")

_AFFECTED_SOP_CLASS_UID = 0x0002
_COMMAND_FIELD = 0x0100
_MESSAGE_ID = 0x0110
_MESSAGE_ID_BEING_RESPONDED_TO = 0x0120
_COMMAND_DATA_SET_TYPE = 0x0800
_STATUS = 0x0900
_ERROR_COMMENT = 0x0902
_AFFECTED_SOP_INSTANCE_UID = 0x1000


class CommandField(IntEnum):
    """The requests that this archive knows by name (PS3.7 E.1)."""

    C_STORE_RQ = 0x0001
    C_ECHO_RQ = 0x0030
    C_CANCEL_RQ = 0x0FFF


@dataclass(frozen=True, slots=True)
class CommandSet:
    """What a request says; a UID is empty when absent and is kept as the peer wrote it otherwise."""

    command_field: int
    message_id: int
    affected_sop_class_uid: str
    affected_sop_instance_uid: str
    has_data_set: bool

    @property
    def is_response(self) -> bool:
        """Whether this answers a request (which an acceptor that never asks does not get)."""
        return bool(self.command_field & 0x8000)


def decode_command_set(encoded: bytes) -> CommandSet:
    """Decode a request's command set.

    Raises
    ------
    ProtocolViolation
        An element runs over the end, lies outside group 0000, or what every message has is missing.
    """
    elements = _elements(encoded)
    command_field = _number(elements, _COMMAND_FIELD)
    needs_message_id = command_field != CommandField.C_CANCEL_RQ and not command_field & 0x8000
    return CommandSet(
        command_field,
        _number(elements, _MESSAGE_ID) if needs_message_id else 0,
        _uid(elements, _AFFECTED_SOP_CLASS_UID),
        _uid(elements, _AFFECTED_SOP_INSTANCE_UID),
        _number(elements, _COMMAND_DATA_SET_TYPE) != NO_DATA_SET,
    )


def encode_response(request: CommandSet, status: int, error_comment: str = "") -> bytes:
    """Encode the response to `request`, with its UIDs given back (PS3.7 9.3.1.2, 9.3.5.2).

    `error_comment` is cut to the 64 characters of an LO; it must not name a patient.
    """
    numbers = _RESPONSE_NUMBERS.pack(
        *(0, _COMMAND_FIELD, 2, request.command_field | 0x8000),
        *(0, _MESSAGE_ID_BEING_RESPONDED_TO, 2, request.message_id),
        *(0, _COMMAND_DATA_SET_TYPE, 2, NO_DATA_SET),
        *(0, _STATUS, 2, status),
    )
    body = _text_element(_AFFECTED_SOP_CLASS_UID, request.affected_sop_class_uid, b"\0") + numbers
    body += _text_element(_ERROR_COMMENT, error_comment[:64], b" ")
    body += _text_element(_AFFECTED_SOP_INSTANCE_UID, request.affected_sop_instance_uid, b"\0")
    return _GROUP_LENGTH.pack(0, 0, 4, len(body)) + body


def _elements(encoded: bytes) -> dict[int, bytes]:
    elements = {}
    position, end, unpack = 0, len(encoded), _ELEMENT.unpack_from
    while position < end:
        value_start = position + 8
        if value_start > end:
            raise _malformed("ends inside an element")
        group, element, length = unpack(encoded, position)
        position = value_start + length
        if group or position > end:
            raise _malformed("has an element that does not belong or does not fit")
        elements[element] = encoded[value_start:position]
    return elements


def _number(elements: dict[int, bytes], element: int) -> int:
    value = elements.get(element, b"")
    if len(value) != _US.size:
        raise _malformed(f"lacks a proper (0000,{element:04X})")
    number: int = _US.unpack(value)[0]
    return number


def _uid(elements: dict[int, bytes], element: int) -> str:
    return elements.get(element, b"").decode("latin-1").rstrip("\0 ")


def _text_element(element: int, text: str, padding: bytes) -> bytes:
    if not text:
        return b""
    value = text.encode("latin-1", "replace")
    value += padding * (len(value) % 2)
    return _ELEMENT.pack(0, element, len(value)) + value


def _malformed(what: str) -> ProtocolViolation:
    return ProtocolViolation(f"a command set {what}", AbortReason.INVALID_PARAMETER)
