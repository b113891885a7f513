"""A DICOM peer on a plain socket: sends exactly the bytes it is told to, well formed or not."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

from pynetdicom import build_context
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    ImplementationClassUIDNotification,
    MaximumLengthNotification,
)

CT = "1.2.840.10008.5.1.4.1.1.2"
VERIFICATION = "1.2.840.10008.1.1"
IMPLICIT = "1.2.840.10008.1.2"
ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)
RELEASE = struct.pack(">BxI", RELEASE_RQ, 4) + bytes(4)
CONTEXTS = ((1, CT, (IMPLICIT,)), (3, VERIFICATION, (IMPLICIT,)))


def associate_request(contexts=CONTEXTS, calling="RAW_PEER", called="NOCTIS_SCP", maximum=16_384):
    """Encode an A-ASSOCIATE-RQ."""
    request = A_ASSOCIATE()
    request.application_context_name = "1.2.840.10008.3.1.1.1"
    request.calling_ae_title, request.called_ae_title = calling, called
    for number, abstract_syntax, transfer_syntaxes in contexts:
        built = build_context(abstract_syntax, list(transfer_syntaxes))
        built.context_id = number
        request.presentation_context_definition_list.append(built)
    length, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    length.maximum_length_received = maximum
    implementation.implementation_class_uid = "1.2.3.4"
    request.user_information = [length, implementation]
    return A_ASSOCIATE_RQ(request).encode()


def element(number, value):
    """Encode an element of a command set."""
    return struct.pack("<HHI", 0, number, len(value)) + value


def command_set(field, sop_class, sop_instance="", message_id=1, has_data_set=True):
    """Encode a request's command set."""
    body = element(0x0002, padded(sop_class)) + element(0x0100, struct.pack("<H", field))
    body += element(0x0110, struct.pack("<H", message_id)) + element(0x0700, b"\0\0")
    body += element(0x0800, b"\x01\x00" if has_data_set else b"\x01\x01")
    if sop_instance:
        body += element(0x1000, padded(sop_instance))
    return element(0, struct.pack("<I", len(body))) + body


def padded(uid):
    """Encode a UID."""
    return uid.encode("latin-1") + b"\0" * (len(uid) % 2)


def p_data(*values):
    """Encode one P-DATA-TF of (context id, message control header, data)."""
    items = b"".join(
        struct.pack(">IBB", len(data) + 2, context, control) + data for context, control, data in values
    )
    return struct.pack(">BxI", P_DATA, len(items)) + items


def store_request(sop_instance, data_set, context=1, sop_class=CT, pdu_bytes=16_384, message_id=1):
    """Encode a whole C-STORE-RQ message."""
    pdus = [p_data((context, 3, command_set(1, sop_class, sop_instance, message_id)))]
    room = pdu_bytes - 6
    for start in range(0, max(len(data_set), 1), room):
        last = start + room >= len(data_set)
        pdus.append(p_data((context, 2 if last else 0, data_set[start : start + room])))
    return b"".join(pdus)


def echo_request(context=3, message_id=1):
    """Encode a C-ECHO-RQ message."""
    return p_data((context, 3, command_set(0x30, VERIFICATION, message_id=message_id, has_data_set=False)))


class RawPeer:
    """One connection; a context manager."""

    def __init__(self, port, seconds=10):
        self.socket = socket.create_connection(("127.0.0.1", port), seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Send bytes as they are; a peer that closes meanwhile is no error here."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def read_pdu(self):
        """Return (type, body) of the next PDU, None when the connection ended."""
        header = self._read(6)
        if len(header) < 6:
            return None
        return header[0], self._read(int.from_bytes(header[2:6], "big"))

    def _read(self, size):
        while len(self._received) < size:
            try:
                data = self.socket.recv(65_536)
            except ConnectionResetError:
                data = b""
            if not data:
                break
            self._received += data
        taken, self._received = self._received[:size], self._received[size:]
        return taken

    def associate(self, **request):
        """Associate; return the type of the answer."""
        self.send(associate_request(**request))
        answer = self.read_pdu()
        return answer[0] if answer else None

    def status(self):
        """Read one response; return (message id responded to, status)."""
        answer = self.read_pdu()
        assert answer, "the connection ended instead of a response"
        assert answer[0] == P_DATA, answer
        elements = command_elements(answer[1][6:])
        return struct.unpack("<H", elements[0x0120])[0], struct.unpack("<H", elements[0x0900])[0]

    def store(self, sop_instance, data_set, **request):
        """Store; return the status."""
        self.send(store_request(sop_instance, data_set, **request))
        return self.status()[1]

    def echo(self):
        """Verify; return the status."""
        self.send(echo_request())
        return self.status()[1]

    def release(self):
        """Release; return the type of the answer."""
        self.send(RELEASE)
        answer = self.read_pdu()
        return answer[0] if answer else None

    def reset(self):
        """Drop the connection with a TCP RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def command_elements(encoded):
    """Decode a command set into values by element number."""
    elements, position = {}, 0
    while position < len(encoded):
        _, number, length = struct.unpack_from("<HHI", encoded, position)
        elements[number] = encoded[position + 8 : position + 8 + length]
        position += 8 + length
    return elements


def store_all(port, *instances, seconds=30):
    """Store instances over one association of its own; return the statuses."""
    with RawPeer(port, seconds) as peer:
        assert peer.associate() == ASSOCIATE_AC
        statuses = [peer.store(each.sop_uid, each.data_set) for each in instances]
        peer.release()
    return statuses
