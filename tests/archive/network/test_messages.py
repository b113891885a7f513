"""Messages are put together from fragments, and fragments that do not belong are refused."""

from __future__ import annotations

import pytest
from raw_peer import CT, command_set

from archive.network.messages import MessageReader
from archive.network.operation import AcceptedContext
from archive.network.pdu import ProtocolViolation

CONTEXTS = {1: AcceptedContext(1, CT, "1.2.840.10008.1.2"), 3: AcceptedContext(3, CT, "1.2.840.10008.1.2.1")}
STORE = command_set(1, CT, "1.2.3")
ECHO = command_set(0x30, CT, has_data_set=False)


class Operation:
    def __init__(self, command, context):
        self.command, self.context, self.data, self.ended = command, context, b"", False

    def receive(self, data):
        self.data += data

    def end(self):
        self.ended = True


@pytest.fixture
def reader():
    reader = MessageReader(CONTEXTS, 1_000, begin=lambda *what: _begin(reader, *what), end=Operation.end)
    reader.operations = []
    return reader


def _begin(reader, command, context):
    reader.operations.append(Operation(command, context))
    return reader.operations[-1]


def send(reader, *fragments):
    for context, control, data, ends in fragments:
        reader.fragment_received(context, control, memoryview(data), ends=ends)


def test_a_message_in_one_piece_each(reader):
    send(reader, (1, 3, STORE, True), (1, 2, b"data", True))
    (operation,) = reader.operations
    assert (operation.data, operation.ended, operation.context) == (b"data", True, CONTEXTS[1])


def test_values_may_come_in_pieces_and_messages_in_several_values(reader):
    send(reader, (1, 1, STORE[:9], False), (1, 1, STORE[9:20], True), (1, 3, STORE[20:], True))
    send(reader, (1, 0, b"da", False), (1, 0, b"ta", True), (1, 2, b"se", False))
    assert not reader.operations[0].ended
    assert not reader.between_messages
    send(reader, (1, 2, b"t", True))
    assert reader.operations[0].data == b"dataset"
    assert reader.operations[0].ended
    assert reader.between_messages


def test_a_message_without_a_data_set_ends_with_its_command(reader):
    send(reader, (3, 3, ECHO, True), (1, 3, ECHO, True))
    assert [each.ended for each in reader.operations] == [True, True]


def test_an_empty_data_set_ends_too(reader):
    send(reader, (1, 3, STORE, True), (1, 2, b"", True))
    assert reader.operations[0].ended


@pytest.mark.parametrize(
    "fragments",
    [
        [(5, 3, STORE, True)],
        [(0, 3, STORE, True)],
        [(1, 2, b"data", True)],
        [(1, 3, STORE, True), (3, 2, b"data", True)],
        [(1, 3, STORE, True), (1, 0, b"da", True), (1, 3, STORE, True)],
        [(1, 1, STORE[:9], True), (1, 2, b"data", True)],
        [(1, 3, STORE[:-1], True)],
        [(1, 1, b"\0" * 17_000, False)],
        [(1, 3, STORE, True), (1, 0, bytes(600), True), (1, 0, bytes(600), False)],
        [(1, 3, STORE.replace(b"\x00\x01\x02\0\0\0\x01\0", b"\x00\x01\x02\0\0\0\x01\x80"), True)],
    ],
)
def test_what_does_not_belong_is_refused(reader, fragments):
    with pytest.raises(ProtocolViolation):
        send(reader, *fragments)


def test_the_data_set_limit_counts_each_message_alone(reader):
    send(
        reader,
        (1, 3, STORE, True),
        (1, 2, bytes(1_000), True),
        (1, 3, STORE, True),
        (1, 2, bytes(1_000), True),
    )
    assert len(reader.operations) == 2
