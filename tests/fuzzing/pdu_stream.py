"""Any bytes at all into the readers of PDUs and of DIMSE messages: read alike however they are cut."""

from __future__ import annotations

import struct
from pathlib import Path

from fuzzing.pieces import pieces_of
from pydicom.data import get_testdata_file
from raw_peer import CT, RELEASE, command_set, echo_request, p_data, store_request

from archive.network.messages import MessageReader
from archive.network.operation import AcceptedContext
from archive.network.pdu import PduReader, PduType, ProtocolViolation

MAXIMUM_PDU_BYTES = 4_096
MAXIMUM_DATA_SET_BYTES = 8_192
CONTEXTS = {
    1: AcceptedContext(1, CT, "1.2.840.10008.1.2"),
    3: AcceptedContext(3, "1.2.840.10008.1.1", "1.2.840.10008.1.2"),
}


def seeds():
    """Give conversations after the negotiation, each behind the byte that says how it is cut."""
    data_set = Path(get_testdata_file("CT_small.dcm")).read_bytes()[-700:]
    abort = struct.pack(">BxI", 7, 4) + bytes(4)
    for number, stream in enumerate(
        (
            echo_request() * 3 + RELEASE,
            store_request("1.2.3", data_set, pdu_bytes=200) + echo_request() + RELEASE,
            store_request("1.2.3", b"data", pdu_bytes=8) + abort,
            p_data((1, 1, command_set(1, CT, "1.2.3")[:20]), (1, 3, command_set(1, CT, "1.2.3")[20:])),
            p_data((1, 3, command_set(1, CT, "1.2.3")), (1, 0, b"da"), (1, 0, b""), (1, 2, b"ta")),
            p_data((1, 3, command_set(0x0FFF, CT, has_data_set=False))) + p_data((1, 2, b"x")),
            b"GET / HTTP/1.1\r\n\r\n",
        )
    ):
        yield bytes([number]) + stream


def check(data):
    """Read the stream whole and cut; fail when that makes a difference, or anything but a violation comes."""
    stream = data[1:]
    whole, cut = transcript(stream, 0), transcript(stream, data[0] if data else 0)
    assert whole == cut, (whole, cut)


def transcript(stream, seed):
    """Return everything that was heard, and how it ended."""
    heard = _Heard()
    reader = PduReader(heard, MAXIMUM_PDU_BYTES)
    heard.reader = reader
    heard.messages = MessageReader(CONTEXTS, MAXIMUM_DATA_SET_BYTES, heard.begin, heard.end)
    try:
        for piece in pieces_of(stream, seed):
            _feed(reader, piece)
    except ProtocolViolation as violation:
        heard.said.append((str(violation), violation.reason))
    else:
        heard.said.append((reader.between_pdus, reader.pdus_started, heard.messages.between_messages))
    return heard.said


def _feed(reader, piece):
    while piece:
        used = reader.feed(piece)
        assert used > 0 or reader.halted, "the reader does not move on"
        piece = piece[used:]
        reader.halted = False


class _Heard:
    """Sink of the PDUs and service of the messages; notes what it hears, fragments joined."""

    def __init__(self):
        self.said = []
        self.data = bytearray()
        self.reader = self.messages = None

    def pdu_started(self, pdu_type):
        if pdu_type is PduType.A_ASSOCIATE_RQ:
            self.said.append("associate")

    def pdu_received(self, pdu_type, body):
        self.said.append((pdu_type, bytes(body)))

    def fragment_received(self, context_id, control, data, *, ends):
        self.messages.fragment_received(context_id, control, data, ends=ends)

    def begin(self, command, context):
        self.said.append((command, context.context_id))
        self.data.clear()
        return self

    def receive(self, data):
        self.data += data
        assert len(self.data) <= MAXIMUM_DATA_SET_BYTES

    def end(self, operation):
        assert operation is self
        self.said.append(bytes(self.data))
        self.reader.halted = True
