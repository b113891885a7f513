"""A-ASSOCIATE PDUs are read and written as pynetdicom's codecs do."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom import build_context
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    AsynchronousOperationsWindowNegotiation,
    ImplementationClassUIDNotification,
    MaximumLengthNotification,
    SCP_SCU_RoleSelectionNegotiation,
)

from archive.network.associate_pdus import (
    JudgedContext,
    OurInformation,
    ProposedContext,
    decode_request,
    encode_acceptance,
)
from archive.network.pdu import ProtocolViolation

OURS = OurInformation(262_144, "1.2.3.4", "NOCTIS_1")
uids = st.lists(st.integers(1, 9_999), min_size=2, max_size=8).map(lambda parts: ".".join(map(str, parts)))
proposals = st.lists(st.tuples(uids, st.lists(uids, min_size=1, max_size=4)), min_size=1, max_size=128)


def request(contexts, *, roles=(), window=False, maximum=16_384):
    """Encode a request with pynetdicom; return it without the header of its PDU."""
    primitive = A_ASSOCIATE()
    primitive.application_context_name = "1.2.840.10008.3.1.1.1"
    primitive.calling_ae_title, primitive.called_ae_title = "CALLING", "CALLED"
    for number, (abstract_syntax, transfer_syntaxes) in enumerate(contexts):
        context = build_context(abstract_syntax, list(transfer_syntaxes))
        context.context_id = 2 * number + 1
        primitive.presentation_context_definition_list.append(context)
    length, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    length.maximum_length_received = maximum
    implementation.implementation_class_uid = "1.2.3.4"
    primitive.user_information = [length, implementation, *map(_role, roles)]
    if window:
        wish = AsynchronousOperationsWindowNegotiation()
        wish.maximum_number_operations_invoked = wish.maximum_number_operations_performed = 0
        primitive.user_information.append(wish)
    return A_ASSOCIATE_RQ(primitive).encode()[6:]


def _role(role):
    wish = SCP_SCU_RoleSelectionNegotiation()
    wish.sop_class_uid, wish.scu_role, wish.scp_role = role
    return wish


@given(proposals, st.integers(0, 2**32 - 1), st.booleans())
def test_a_request_of_pynetdicom_is_read(contexts, maximum, window):
    decoded = decode_request(request(contexts, maximum=maximum, window=window))
    assert decoded.contexts == [
        ProposedContext(2 * number + 1, abstract, tuple(dict.fromkeys(transfer)))
        for number, (abstract, transfer) in enumerate(contexts)
    ]
    assert decoded.application_context == "1.2.840.10008.3.1.1.1"
    assert (decoded.maximum_length, decoded.wishes_window) == (maximum, window)


@given(proposals, st.dictionaries(uids, st.booleans(), max_size=4), st.booleans(), st.data())
def test_pynetdicom_reads_our_answer(contexts, scu_roles, window, data):
    roles = [(uid, scu, not scu) for uid, scu in scu_roles.items()]
    asked = decode_request(request(contexts, roles=roles, window=window))
    assert asked.scu_roles == scu_roles
    results = data.draw(st.lists(st.integers(0, 4), min_size=len(contexts), max_size=len(contexts)))
    judged = [
        JudgedContext(context.context_id, result, context.transfer_syntaxes[0])
        for context, result in zip(asked.contexts, results, strict=True)
    ]
    answer = A_ASSOCIATE_AC()
    answer.decode(encode_acceptance(asked, judged, OURS))
    assert answer.application_context_name == "1.2.840.10008.3.1.1.1"
    assert (answer.calling_ae_title, answer.called_ae_title) == ("CALLING", "CALLED")
    read = [(each.context_id, each.result, each.transfer_syntax) for each in answer.presentation_context]
    assert read == [(each.context_id, each.result, each.transfer_syntax) for each in judged]
    information = answer.user_information
    assert information.maximum_length == 262_144
    assert information.implementation_class_uid == "1.2.3.4"
    assert information.implementation_version_name == "NOCTIS_1"
    assert bool(information.async_ops_window) is window
    if window:
        operations = information.async_ops_window
        assert (operations.max_operations_invoked, operations.max_operations_performed) == (1, 1)
    answered = {uid: (role.scu_role, role.scp_role) for uid, role in information.role_selection.items()}
    assert answered == {uid: (int(scu), 0) for uid, scu in scu_roles.items()}


BODY = request([("1.2.3", ["1.2.840.10008.1.2"])])
START = BODY[:68]


@pytest.mark.parametrize(
    "body",
    [
        BODY[:-1],
        BODY + b"\x50",
        START + b"\x20\0\0\2\1\0",
        START + b"\x20\0\0\x0a\1\0\0\0" + b"\x30\0\0\x09" + b"1.",
        START + b"\x50\0\0\6" + b"\x51\0\0\2\0\0",
        START + b"\x50\0\0\5" + b"\x54\0\0\1\0",
        START + b"\x50\0\0\x0a" + b"\x54\0\0\6\0\x08" + b"1.2.",
        START + b"\x50\0\xff\xff",
    ],
)
def test_what_does_not_fit_is_refused(body):
    with pytest.raises(ProtocolViolation):
        decode_request(body)


def test_items_that_nobody_knows_are_passed_over():
    decoded = decode_request(START + b"\x99\0\0\2xx" + BODY[68:] + b"\x50\0\0\6" + b"\x77\0\0\2yy")
    assert decoded.contexts == decode_request(BODY).contexts


def test_an_answer_that_is_longer_than_an_item_is_refused():
    roles = b"".join(
        b"\x54\0" + struct.pack(">HH", 12, 8) + f"1.{number:06d}".encode() + b"\1\0"
        for number in range(4_095)
    )
    asked = decode_request(START + b"\x50\0" + struct.pack(">H", len(roles)) + roles)
    with pytest.raises(ProtocolViolation):
        encode_acceptance(asked, [], OURS)


@given(st.binary(max_size=300))
def test_noise_is_read_or_refused(noise):
    try:
        decode_request(START + noise)
    except ProtocolViolation:
        return
