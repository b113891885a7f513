"""Why an association was refused: the factor that decided, the codes for the peer, the words for a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from archive.network import pdu


class Factor(StrEnum):
    """What a refusal turned on; the first eight can be answered by a `Facility` or a setting."""

    ADDRESS = "address"
    CALLING_AE_TITLE = "calling_ae_title"
    CALLED_AE_TITLE = "called_ae_title"
    CERTIFICATE = "certificate"
    OPERATION = "operation"
    SOP_CLASS = "sop_class"
    LIMIT = "limit"
    RATE = "rate"
    QUOTA = "quota"
    PROTOCOL = "protocol"
    """It does not speak DICOM as PS3.8 has it."""
    TLS = "tls"
    """It does not speak TLS where we do, or the other way round, or the handshake failed."""
    SILENCE = "silence"
    STOPPING = "stopping"
    """The receiver shuts down; nothing was wrong with the peer."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """There is no association; `answer` tells the peer and the rest tells people.

    Attributes
    ----------
    answer
        The A-ASSOCIATE-RJ or A-ABORT.
    reason
        In plain words, without the name of the peer; the text may hold what it sent.
    contexts
        The abstract syntaxes that the peer proposed, as far as they could be read.
    """

    answer: bytes
    reason: str
    factor: Factor
    contexts: tuple[str, ...] = ()


NO_REASON_GIVEN = pdu.rejection(1, 1, 1)
"""Rejected-permanent by the service user (PS3.8 Table 9-21): for what the standard has no word for."""
APPLICATION_CONTEXT_NOT_SUPPORTED = pdu.rejection(1, 1, 2)
CALLING_AE_TITLE_NOT_RECOGNIZED = pdu.rejection(1, 1, 3)
CALLED_AE_TITLE_NOT_RECOGNIZED = pdu.rejection(1, 1, 7)
PROTOCOL_VERSION_NOT_SUPPORTED = pdu.rejection(1, 2, 2)
LOCAL_LIMIT_EXCEEDED = pdu.rejection(2, 3, 2)
"""Rejected-transient by the service provider: the peer may try again later."""

_VARIABLE_ITEMS_START = 68
_CONTEXT_ITEM, _ABSTRACT_SYNTAX = 0x20, 0x30
_MOST_CONTEXTS = 128


def proposed_abstract_syntaxes(body: bytes) -> tuple[str, ...]:
    """Read which abstract syntaxes an A-ASSOCIATE-RQ proposes, each once, in order (PS3.8 9.3.2.2).

    `body` is what follows the header of the PDU. What is malformed is passed over: this is for people who ask
    why a peer was refused, never for a decision.
    """
    syntaxes = dict.fromkeys(
        value.decode("latin-1").strip(" \0")
        for kind, item in _items(body, _VARIABLE_ITEMS_START)
        if kind == _CONTEXT_ITEM
        for sub_kind, value in _items(item, 4)
        if sub_kind == _ABSTRACT_SYNTAX
    )
    return tuple(syntaxes)[:_MOST_CONTEXTS]


def _items(data: bytes, start: int) -> list[tuple[int, bytes]]:
    items = []
    while start + 4 <= len(data):
        end = start + 4 + int.from_bytes(data[start + 2 : start + 4], "big")
        items.append((data[start], data[start + 4 : end]))
        start = end
    return items
