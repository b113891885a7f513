"""Command sets are read and written as pynetdicom's message classes do."""

from __future__ import annotations

from io import BytesIO
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.dimse_messages import C_ECHO_RQ, C_ECHO_RSP, C_STORE_RQ, C_STORE_RSP
from pynetdicom.dimse_primitives import C_ECHO, C_STORE
from pynetdicom.pdu_primitives import P_DATA

from archive.network.command_set import CommandSet, decode_command_set, encode_response
from archive.network.pdu import ProtocolViolation

uids = st.lists(st.integers(1, 9999), min_size=2, max_size=12).map(lambda parts: ".".join(map(str, parts)))


def encoded(message):
    values = [
        value for primitive in message.encode_msg(1, 0) for value in primitive.presentation_data_value_list
    ]
    return b"".join(value[1:] for _, value in values if value[0] & 1)


def decoded(message, command):
    primitive = P_DATA()
    primitive.presentation_data_value_list = [[1, b"\x03" + command]]
    assert message.decode_msg(primitive)
    return message.message_to_primitive()


@given(uids, uids, st.integers(0, 65_535))
def test_a_store_request_of_pynetdicom_is_read(sop_class, sop_instance, message_id):
    primitive = C_STORE()
    primitive.MessageID = message_id
    primitive.AffectedSOPClassUID = sop_class
    primitive.AffectedSOPInstanceUID = sop_instance
    primitive.Priority = 2
    primitive.DataSet = BytesIO(b"data")
    message = C_STORE_RQ()
    message.primitive_to_message(primitive)
    command = decode_command_set(encoded(message))
    assert command == CommandSet(1, message_id, sop_class, sop_instance, has_data_set=True)
    assert not command.is_response


def test_an_echo_request_of_pynetdicom_is_read():
    primitive = C_ECHO()
    primitive.MessageID = 7
    primitive.AffectedSOPClassUID = "1.2.840.10008.1.1"
    message = C_ECHO_RQ()
    message.primitive_to_message(primitive)
    assert decode_command_set(encoded(message)) == CommandSet(
        0x30, 7, "1.2.840.10008.1.1", "", has_data_set=False
    )


@given(uids, uids, st.integers(0, 65_535), st.sampled_from([0, 0xA700, 0xA900, 0xC000, 0x0122]))
def test_pynetdicom_reads_our_store_response(sop_class, sop_instance, message_id, status):
    request = CommandSet(1, message_id, sop_class, sop_instance, has_data_set=True)
    response = decoded(C_STORE_RSP(), encode_response(request, status, "comment" if status else ""))
    assert response.MessageIDBeingRespondedTo == message_id
    assert response.AffectedSOPClassUID == sop_class
    assert response.AffectedSOPInstanceUID == sop_instance
    assert response.Status == status
    assert (response.ErrorComment or "") == ("comment" if status else "")


def test_pynetdicom_reads_our_echo_response():
    request = CommandSet(0x30, 7, "1.2.840.10008.1.1", "", has_data_set=False)
    response = decoded(C_ECHO_RSP(), encode_response(request, 0))
    assert (response.MessageIDBeingRespondedTo, response.Status) == (7, 0)


def test_the_group_length_counts_the_bytes_after_it():
    answer = encode_response(CommandSet(1, 1, "1.2", "1.2.3", has_data_set=True), 0xC000, "x" * 99)
    assert int.from_bytes(answer[8:12], "little") == len(answer) - 12
    assert b"x" * 64 in answer
    assert b"x" * 65 not in answer


def element(number, value, group=0):
    return pack("<HHI", group, number, len(value)) + value


COMPLETE = element(0x0100, b"\x01\0") + element(0x0110, b"\x01\0") + element(0x0800, b"\0\0")


@pytest.mark.parametrize(
    "command",
    [
        b"",
        b"\0",
        COMPLETE[:-1],
        COMPLETE + b"\0\0",
        COMPLETE + pack("<HHI", 0, 0x1000, 0xFFFFFFFF),
        COMPLETE + element(0x0010, b"DOE^JANE", group=0x0010),
        COMPLETE.replace(element(0x0100, b"\x01\0"), b""),
        COMPLETE.replace(element(0x0100, b"\x01\0"), element(0x0100, b"\x01")),
        COMPLETE.replace(element(0x0800, b"\0\0"), b""),
        element(0x0100, b"\x01\0") + element(0x0800, b"\0\0"),
    ],
)
def test_a_malformed_command_set_is_refused(command):
    with pytest.raises(ProtocolViolation):
        decode_command_set(command)


@given(st.binary(max_size=200))
def test_noise_is_read_or_refused(noise):
    try:
        decode_command_set(noise)
    except ProtocolViolation:
        return


def test_the_least_that_a_request_needs():
    assert decode_command_set(COMPLETE) == CommandSet(1, 1, "", "", has_data_set=True)
    assert (
        decode_command_set(element(0x0100, b"\xff\x0f") + element(0x0800, b"\x01\x01")).command_field
        == 0x0FFF
    )
    assert decode_command_set(COMPLETE.replace(b"\x01\0", b"\x01\x80", 1)).is_response
