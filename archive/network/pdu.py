"""Upper-layer PDUs as they come off the wire: framed only, bulk data is never gathered (PS3.8 9.3)."""

from __future__ import annotations

from enum import IntEnum
from struct import Struct
from typing import Protocol

MAXIMUM_ASSOCIATE_BYTES = 65_536
"""A longer A-ASSOCIATE-RQ is refused before its body is read: 128 honest contexts need a quarter of this."""

_PDU_HEADER = Struct(">BxI")
_PDV_HEADER = Struct(">IBB")
_TLS_HANDSHAKE = 0x16
"""The content type that a TLS client's first record has (RFC 8446 5.1)."""
_COMMAND_HEADERS = Struct(">BxIIBB")
_STEPS_A_FEED = 2_000
"""How many headers and fragments one call works through before the event loop gets its turn again."""


class PduType(IntEnum):
    """PDU-type field (PS3.8 Tables 9-11 to 9-26)."""

    A_ASSOCIATE_RQ = 1
    A_ASSOCIATE_AC = 2
    A_ASSOCIATE_RJ = 3
    P_DATA_TF = 4
    A_RELEASE_RQ = 5
    A_RELEASE_RP = 6
    A_ABORT = 7


_TYPES = {int(pdu_type): pdu_type for pdu_type in PduType}


class AbortReason(IntEnum):
    """Reason field of an A-ABORT that the service provider sends (PS3.8 Table 9-26)."""

    NOT_SPECIFIED = 0
    UNRECOGNIZED_PDU = 1
    UNEXPECTED_PDU = 2
    UNRECOGNIZED_PARAMETER = 4
    UNEXPECTED_PARAMETER = 5
    INVALID_PARAMETER = 6


class ProtocolViolation(Exception):
    """The peer broke PS3.7 or PS3.8; the association ends with an A-ABORT of this reason."""

    def __init__(self, sentence: str, reason: AbortReason) -> None:
        super().__init__(sentence)
        self.reason = reason


class TlsSpoken(ProtocolViolation):
    """The peer begins a TLS handshake where DICOM is spoken in the clear."""


class PduSink(Protocol):
    """Hears what a `PduReader` reads, while it reads it."""

    def pdu_started(self, pdu_type: PduType) -> None:
        """A header has come; raise `ProtocolViolation` when its PDU may not come now."""

    def pdu_received(self, pdu_type: PduType, body: bytes) -> None:
        """A whole PDU other than P-DATA-TF has come; `body` is what follows the six header bytes."""

    def fragment_received(self, context_id: int, control: int, data: memoryview, *, ends: bool) -> None:
        """Part of a presentation data value has come; `ends` says that nothing of the value is missing.

        `control` is the message control header (PS3.8 Annex E.2); `data` is only valid during the call.
        """


class PduReader:
    """Cuts a stream of bytes into PDUs and hands P-DATA on as it arrives, in whatever pieces it arrives.

    Attributes
    ----------
    halted
        Set by the sink to stop reading after the piece being handed over; `feed` then returns early.
    pdus_started
        How many PDU headers were begun; together with `between_pdus` this dates a PDU for its deadline.
    """

    def __init__(self, sink: PduSink, maximum_pdu_bytes: int) -> None:
        self.halted = False
        self.pdus_started = 0
        self._sink = sink
        self._maximum_pdu_bytes = maximum_pdu_bytes
        self._step = self._read_header
        self._gathered = bytearray()
        self._pdu_type = PduType.A_ABORT
        self._pdu_missing = 0
        self._pdv_missing = 0
        self._context_id = 0
        self._control = 0

    @property
    def between_pdus(self) -> bool:
        """Whether no byte of the next PDU has come yet."""
        return self._step == self._read_header and not self._gathered

    def feed(self, data: memoryview) -> int:
        """Read from `data`; return how many bytes were used up.

        Fewer than all are used when the sink halted the reader, or when so many tiny pieces came that the
        event loop must have its turn first.

        Raises
        ------
        ProtocolViolation
            The bytes are not what PS3.8 allows here.
        """
        used, end = 0, len(data)
        steps = _STEPS_A_FEED
        while used < end and steps and not self.halted:
            used += self._step(data[used:])
            steps -= 1
        return used

    def _gather(self, data: memoryview, wanted: int) -> int:
        taken = min(wanted - len(self._gathered), len(data))
        self._gathered += data[:taken]
        return taken

    def _read_header(self, data: memoryview) -> int:
        if not self._gathered:
            self.pdus_started += 1
            _recognize(data[0])
            if len(data) >= _PDU_HEADER.size:
                self._begin_pdu(*_PDU_HEADER.unpack_from(data))
                return _PDU_HEADER.size
        taken = self._gather(data, _PDU_HEADER.size)
        if len(self._gathered) == _PDU_HEADER.size:
            type_number, length = _PDU_HEADER.unpack(self._gathered)
            self._gathered.clear()
            self._begin_pdu(type_number, length)
        return taken

    def _begin_pdu(self, type_number: int, length: int) -> None:
        pdu_type = _TYPES[type_number]
        self._sink.pdu_started(pdu_type)
        self._check_length(pdu_type, length)
        self._pdu_type = pdu_type
        self._pdu_missing = length
        self._step = self._read_pdv_header if pdu_type is PduType.P_DATA_TF else self._read_body

    def _check_length(self, pdu_type: PduType, length: int) -> None:
        if pdu_type is PduType.P_DATA_TF:
            limits = (_PDV_HEADER.size, self._maximum_pdu_bytes)
        elif pdu_type is PduType.A_ASSOCIATE_RQ:
            limits = (68, MAXIMUM_ASSOCIATE_BYTES)
        else:
            limits = (4, 4)
        if not limits[0] <= length <= limits[1]:
            raise ProtocolViolation(
                f"a PDU of type {pdu_type:02X}H announces {length} bytes, not {limits[0]} to {limits[1]}",
                AbortReason.INVALID_PARAMETER,
            )

    def _read_body(self, data: memoryview) -> int:
        taken = self._gather(data, self._pdu_missing)
        if len(self._gathered) == self._pdu_missing:
            body = bytes(self._gathered)
            self._gathered = bytearray()
            self._step = self._read_header
            self._sink.pdu_received(self._pdu_type, body)
        return taken

    def _read_pdv_header(self, data: memoryview) -> int:
        if not self._gathered and len(data) >= _PDV_HEADER.size:
            length, self._context_id, self._control = _PDV_HEADER.unpack_from(data)
            self._begin_pdv(length)
            return _PDV_HEADER.size
        taken = self._gather(data, _PDV_HEADER.size)
        if len(self._gathered) == _PDV_HEADER.size:
            length, self._context_id, self._control = _PDV_HEADER.unpack(self._gathered)
            self._gathered.clear()
            self._begin_pdv(length)
        return taken

    def _begin_pdv(self, length: int) -> None:
        # The item length counts the context id and the control header, but not itself (PS3.8 Table 9-23).
        if length < 2 or length + 4 > self._pdu_missing:
            raise ProtocolViolation(
                f"a presentation data value of {length} bytes does not fit into the {self._pdu_missing} "
                "bytes that its PDU has left",
                AbortReason.INVALID_PARAMETER,
            )
        self._pdu_missing -= length + 4
        self._pdv_missing = length - 2
        if 0 < self._pdu_missing < _PDV_HEADER.size:
            raise ProtocolViolation(
                f"a P-DATA PDU ends with {self._pdu_missing} bytes that are no data value",
                AbortReason.INVALID_PARAMETER,
            )
        self._step = self._read_pdv
        if not self._pdv_missing:
            self._end_pdv(memoryview(b""))

    def _read_pdv(self, data: memoryview) -> int:
        taken = min(self._pdv_missing, len(data))
        self._pdv_missing -= taken
        if self._pdv_missing:
            self._sink.fragment_received(self._context_id, self._control, data[:taken], ends=False)
        else:
            self._end_pdv(data[:taken])
        return taken

    def _end_pdv(self, data: memoryview) -> None:
        self._step = self._read_pdv_header if self._pdu_missing else self._read_header
        self._sink.fragment_received(self._context_id, self._control, data, ends=True)


def _recognize(type_number: int) -> None:
    if type_number in _TYPES:
        return
    if type_number == _TLS_HANDSHAKE:
        raise TlsSpoken(
            "it speaks TLS (the first byte is 16H), and this port does not", AbortReason.UNRECOGNIZED_PDU
        )
    raise ProtocolViolation(
        f"the first byte of a PDU is {type_number:02X}H, which no DICOM peer sends",
        AbortReason.UNRECOGNIZED_PDU,
    )


def release_reply() -> bytes:
    """Encode an A-RELEASE-RP (PS3.8 Table 9-25)."""
    return _PDU_HEADER.pack(PduType.A_RELEASE_RP, 4) + bytes(4)


def abort(reason: AbortReason) -> bytes:
    """Encode an A-ABORT by the service provider (PS3.8 Table 9-26)."""
    return _PDU_HEADER.pack(PduType.A_ABORT, 4) + bytes((0, 0, 2, reason))


def rejection(result: int, source: int, reason: int) -> bytes:
    """Encode an A-ASSOCIATE-RJ (PS3.8 Table 9-21)."""
    return _PDU_HEADER.pack(PduType.A_ASSOCIATE_RJ, 4) + bytes((0, result, source, reason))


def command_pdus(context_id: int, command_set: bytes, peer_maximum_bytes: int) -> bytes:
    """Encode a command set as P-DATA-TF PDUs that the peer takes (0 is no limit; PS3.8 D.1.1)."""
    length = len(command_set)
    if not peer_maximum_bytes or length + _PDV_HEADER.size <= peer_maximum_bytes:
        headers = _COMMAND_HEADERS.pack(
            PduType.P_DATA_TF, length + _PDV_HEADER.size, length + 2, context_id, 3
        )
        return headers + command_set
    room = max(peer_maximum_bytes - _PDV_HEADER.size, 1)
    pieces = []
    for start in range(0, len(command_set), room):
        piece = command_set[start : start + room]
        control = 3 if start + room >= len(command_set) else 1
        pieces.append(_PDU_HEADER.pack(PduType.P_DATA_TF, len(piece) + _PDV_HEADER.size))
        pieces.append(_PDV_HEADER.pack(len(piece) + 2, context_id, control) + piece)
    return b"".join(pieces)
