"""A C-STORE sender that costs next to nothing and waits for nothing but responses: no Nagle, quick ACKs.

    python benchmarks/fast_sender.py PORT FOLDER --associations 4

Prints one JSON object: instances, seconds from the first connection to the last response, and the statuses.
"""

from __future__ import annotations

import argparse
import json
import socket
import struct
import threading
import time
from collections import Counter
from pathlib import Path

import pydicom
from pynetdicom import build_context
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    ImplementationClassUIDNotification,
    MaximumLengthNotification,
)

PARTS_A_CALL = 512
"""The kernel takes no more than 1024 at once."""
RELEASE = struct.pack(">BxI", 5, 4) + bytes(4)


def data_set_of(path):
    """Return (SOP class, SOP instance, transfer syntax, data set bytes) of a Part 10 file."""
    with path.open("rb") as file:
        meta = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=[]).file_meta
    raw = path.read_bytes()
    start = 132 + 12 + meta.FileMetaInformationGroupLength
    return (
        str(meta.MediaStorageSOPClassUID),
        str(meta.MediaStorageSOPInstanceUID),
        str(meta.TransferSyntaxUID),
        raw[start:],
    )


def element(number, value):
    return struct.pack("<HHI", 0, number, len(value)) + value


def uid(text):
    return text.encode() + b"\0" * (len(text) % 2)


def message(context_id, sop_class, sop_instance, data_set, pdu_bytes, message_id):
    """Return the pieces of a C-STORE-RQ; those of the data set are views, for the kernel alone to copy."""
    body = (
        element(2, uid(sop_class)) + element(0x100, b"\1\0") + element(0x110, struct.pack("<H", message_id))
    )
    body += element(0x700, b"\0\0") + element(0x800, b"\0\0") + element(0x1000, uid(sop_instance))
    body = element(0, struct.pack("<I", len(body))) + body
    parts = [struct.pack(">BxIIBB", 4, len(body) + 6, len(body) + 2, context_id, 3), body]
    room, data_set = pdu_bytes - 6, memoryview(data_set)
    for start in range(0, len(data_set), room):
        piece = data_set[start : start + room]
        last = 2 if start + room >= len(data_set) else 0
        parts += [struct.pack(">BxIIBB", 4, len(piece) + 6, len(piece) + 2, context_id, last), piece]
    return parts


def send_parts(connection, parts):
    for first in range(0, len(parts), PARTS_A_CALL):
        some = parts[first : first + PARTS_A_CALL]
        sent, size = connection.sendmsg(some), sum(map(len, some))
        if sent < size:
            connection.sendall(memoryview(b"".join(some))[sent:])


def read_pdu(connection):
    header = _read(connection, 6)
    return header[0], _read(connection, int.from_bytes(header[2:6], "big"))


def status_of(body):
    """Return the status of a response; looked for from its end: a message id can look like its tag."""
    return struct.unpack_from("<H", body, body.rindex(struct.pack("<HHI", 0, 0x0900, 2)) + 8)[0]


def _read(connection, size):
    data = b""
    while len(data) < size:
        data += connection.recv(size - len(data)) or _closed()
        # Receivers write a response in pieces, and their Nagle waits for our acknowledgement of the first.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    return data


def _closed():
    raise ConnectionError("the receiver closed the connection")


def associate(port, called, contexts):
    request = A_ASSOCIATE()
    request.application_context_name = "1.2.840.10008.3.1.1.1"
    request.calling_ae_title, request.called_ae_title = "FAST", called
    for number, (sop_class, syntax) in contexts.items():
        context = build_context(sop_class, syntax)
        context.context_id = number
        request.presentation_context_definition_list.append(context)
    length, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    length.maximum_length_received = 65_536
    implementation.implementation_class_uid = "1.2.3.4"
    request.user_information = [length, implementation]
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(A_ASSOCIATE_RQ(request).encode())
    kind, body = read_pdu(connection)
    if kind != 2:
        raise ConnectionError(f"no association: PDU type {kind}")
    answer = A_ASSOCIATE_AC()
    answer.decode(struct.pack(">BxI", 2, len(body)) + body)
    return connection, answer.user_information.maximum_length or 1 << 20


def send(port, called, contexts, share, statuses):
    connection, pdu_bytes = associate(port, called, contexts)
    number_of = {kind: number for number, kind in contexts.items()}
    for message_id, (sop_class, sop_instance, syntax, data_set) in enumerate(share):
        number = number_of[sop_class, syntax]
        pdu_limit = min(pdu_bytes, 262_144)
        send_parts(
            connection, message(number, sop_class, sop_instance, data_set, pdu_limit, message_id % 65_536)
        )
        _, body = read_pdu(connection)
        statuses[f"{status_of(body):04X}"] += 1
    connection.sendall(RELEASE)
    read_pdu(connection)
    connection.close()


def run(port, called, instances, associations):
    kinds = sorted({each[:1] + each[2:3] for each in instances})
    contexts = {2 * number + 1: kind for number, kind in enumerate(kinds)}
    statuses = Counter()
    threads = [
        threading.Thread(target=send, args=(port, called, contexts, instances[n::associations], statuses))
        for n in range(associations)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "instances": len(instances),
        "seconds": time.perf_counter() - started,
        "statuses": statuses,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--associations", type=int, default=1)
    parser.add_argument("--called", default="NOCTIS_SCP")
    arguments = parser.parse_args()
    instances = [data_set_of(path) for path in sorted(arguments.folder.rglob("*")) if path.is_file()]
    print(json.dumps(run(arguments.port, arguments.called, instances, arguments.associations)))


if __name__ == "__main__":
    main()
