"""C-ECHO as fast as a peer can: round trips in associations that stay, or associations one after the other.

    python benchmarks/echo_sender.py PORT --peers 4 --seconds 2 [--associate] [--contexts 64]

Prints one JSON object: how many round trips or associations, and in how many seconds.
"""

from __future__ import annotations

import argparse
import json
import socket
import struct
import threading
import time

from fast_sender import RELEASE, element, read_pdu, uid
from pynetdicom import build_context
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    ImplementationClassUIDNotification,
    MaximumLengthNotification,
)
from pynetdicom.presentation import StoragePresentationContexts

VERIFICATION, IMPLICIT = "1.2.840.10008.1.1", "1.2.840.10008.1.2"


def request_of(contexts):
    """Encode an A-ASSOCIATE-RQ with verification and so many storage contexts less one."""
    request = A_ASSOCIATE()
    request.application_context_name = "1.2.840.10008.3.1.1.1"
    request.calling_ae_title, request.called_ae_title = "ECHO", "ANY-SCP"
    classes = [VERIFICATION, *(each.abstract_syntax for each in StoragePresentationContexts)][:contexts]
    for number, abstract_syntax in enumerate(classes):
        context = build_context(abstract_syntax, [IMPLICIT])
        context.context_id = 2 * number + 1
        request.presentation_context_definition_list.append(context)
    length, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    length.maximum_length_received = 65_536
    implementation.implementation_class_uid = "1.2.3.4"
    request.user_information = [length, implementation]
    return A_ASSOCIATE_RQ(request).encode()


def echo_message():
    body = element(2, uid(VERIFICATION)) + element(0x100, b"\x30\0") + element(0x110, b"\1\0")
    body += element(0x800, b"\1\1")
    body = element(0, struct.pack("<I", len(body))) + body
    return struct.pack(">BxIIBB", 4, len(body) + 6, len(body) + 2, 1, 3) + body


def associate(port, request):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(request)
    kind, _ = read_pdu(connection)
    if kind != 2:
        raise ConnectionError(f"no association: PDU type {kind}")
    return connection


def release(connection):
    connection.sendall(RELEASE)
    read_pdu(connection)
    connection.close()


def echo(connection, message):
    connection.sendall(message)
    _, body = read_pdu(connection)
    if struct.unpack_from("<H", body, body.index(struct.pack("<HHI", 0, 0x0900, 2)) + 8)[0]:
        raise ConnectionError("no success")


def echoes(port, request, until):
    """Return the round trips of one association."""
    message, count = echo_message(), 0
    connection = associate(port, request)
    while time.perf_counter() < until:
        echo(connection, message)
        count += 1
    release(connection)
    return count


def associations(port, request, until):
    """Return how many associations were made, used for one round trip, and released."""
    message, count = echo_message(), 0
    while time.perf_counter() < until:
        connection = associate(port, request)
        echo(connection, message)
        release(connection)
        count += 1
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--peers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--associate", action="store_true")
    parser.add_argument("--contexts", type=int, default=1)
    arguments = parser.parse_args()
    request = request_of(arguments.contexts)
    work, counts = associations if arguments.associate else echoes, []

    def run(until):
        counts.append(work(arguments.port, request, until))

    work(arguments.port, request, time.perf_counter() + 0.2)  # what a receiver does once is not its rate
    begun = time.perf_counter()
    peers = [threading.Thread(target=run, args=(begun + arguments.seconds,)) for _ in range(arguments.peers)]
    for peer in peers:
        peer.start()
    for peer in peers:
        peer.join()
    print(json.dumps({"count": sum(counts), "seconds": time.perf_counter() - begun}))


if __name__ == "__main__":
    main()
