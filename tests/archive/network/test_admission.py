"""What is offered, accepted and rejected in negotiation, read back with pynetdicom's codecs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom import build_context
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RJ, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    AsynchronousOperationsWindowNegotiation,
    ImplementationClassUIDNotification,
    MaximumLengthNotification,
    SCP_SCU_RoleSelectionNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)

from archive.facility import is_ae_title
from archive.network.admission import Accepted, Policy, introduce, negotiate
from archive.network.operation import Peer
from archive.network.pdu import ProtocolViolation
from archive.network.refusal import Rejected

CT, MR, FIND = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.2.1.1"
IMPLICIT, EXPLICIT, JPEG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.70"
POLICY = Policy(
    "NOCTIS_SCP",
    require_called_ae_title=False,
    maximum_pdu_bytes=262_144,
    accepts={CT, MR}.__contains__,
    transfer_syntaxes=frozenset({IMPLICIT, EXPLICIT, JPEG}),
)
STRICT = Policy(
    "NOCTIS_SCP",
    require_called_ae_title=True,
    maximum_pdu_bytes=262_144,
    accepts={CT}.__contains__,
    transfer_syntaxes=frozenset({IMPLICIT}),
)


def request(*contexts, items=(), calling="STORESCU", called="ANY-SCP", maximum=16_384):
    primitive = A_ASSOCIATE()
    primitive.application_context_name = "1.2.840.10008.3.1.1.1"
    primitive.calling_ae_title, primitive.called_ae_title = calling, called
    primitive.presentation_context_definition_list = list(contexts)
    length, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    length.maximum_length_received = maximum
    implementation.implementation_class_uid = "1.2.3.4"
    primitive.user_information = [length, implementation, *items]
    return bytearray(A_ASSOCIATE_RQ(primitive).encode()[6:])


def context(number, abstract_syntax, *transfer_syntaxes):
    built = build_context(abstract_syntax, list(transfer_syntaxes))
    built.context_id = number
    return built


def answer_to(body, policy=POLICY):
    return negotiate(bytes(body), introduce(bytes(body), Peer("", "", "127.0.0.1:1")), policy)


def accepted(body, policy=POLICY):
    answer = answer_to(body, policy)
    assert isinstance(answer, Accepted)
    decoded = A_ASSOCIATE_AC()
    decoded.decode(answer.answer)
    return answer, decoded


def test_the_first_proposed_syntax_that_is_known_is_accepted():
    answer, decoded = accepted(request(context(1, CT, "1.2.3.4.5", JPEG, EXPLICIT, IMPLICIT)))
    assert answer.contexts[1].transfer_syntax == JPEG
    assert decoded.presentation_context[0].transfer_syntax == JPEG
    assert decoded.presentation_context[0].result == 0


def test_each_context_has_its_own_result():
    answer, decoded = accepted(
        request(
            context(1, CT, IMPLICIT),
            context(3, FIND, IMPLICIT),
            context(5, MR, "1.2.3"),
            context(255, CT, JPEG),
        )
    )
    assert [(each.context_id, each.result) for each in decoded.presentation_context] == [
        (1, 0), (3, 3), (5, 4), (255, 0),
    ]  # fmt: skip
    assert set(answer.contexts) == {1, 255}
    assert answer.refused_contexts == (f"{FIND} (abstract syntax)", f"{MR} (transfer syntax)")


def test_an_association_without_any_accepted_context_is_still_answered():
    answer, _ = accepted(request(context(1, FIND, IMPLICIT)))
    assert answer.contexts == {}


def test_the_answer_introduces_us():
    answer, decoded = accepted(request(context(1, CT, IMPLICIT), maximum=4_096))
    assert decoded.user_information.maximum_length == 262_144
    assert decoded.user_information.implementation_class_uid.is_valid
    assert decoded.user_information.implementation_version_name
    assert answer.peer_maximum_bytes == 4_096
    assert (decoded.calling_ae_title, decoded.called_ae_title) == ("STORESCU", "ANY-SCP")


@pytest.mark.parametrize(
    ("wish", "role", "result"),
    [((True, False), (1, 0), 0), ((True, True), (1, 0), 0), ((False, True), (0, 0), 1)],
)
def test_the_peer_may_be_scu_and_never_scp(wish, role, result):
    wished = SCP_SCU_RoleSelectionNegotiation()
    wished.sop_class_uid = CT
    wished.scu_role, wished.scp_role = wish
    _, decoded = accepted(request(context(1, CT, IMPLICIT), items=[wished]))
    answer = decoded.user_information.role_selection[CT]
    assert (answer.scu_role, answer.scp_role) == role
    assert decoded.presentation_context[0].result == result


def test_text_that_is_no_uid_is_not_given_back():
    body = request(context(1, CT, "1.2.3.4"), context(3, FIND, "1.2.3.4")).replace(
        b"1.2.3.4", b"\x1b[31m\xff."
    )
    answer, decoded = accepted(body)
    assert [each.transfer_syntax for each in decoded.presentation_context] == [IMPLICIT, IMPLICIT]
    assert answer.contexts == {}


def test_the_same_request_gets_the_same_answer_without_being_read_again(monkeypatch):
    policy = replace(POLICY, remembered={})
    body = bytes(request(context(1, CT, IMPLICIT)))
    first = answer_to(body, policy)
    monkeypatch.setattr("archive.network.admission.decode_request", None)
    assert answer_to(body, policy) is first
    assert rejection(bytearray(body[:20] + b" " * 16 + body[36:]), policy) == (1, 1, 3)


def test_answers_to_many_requests_are_not_all_remembered():
    policy = replace(POLICY, remembered={})
    for number in range(200):
        answer_to(request(context(1, CT, IMPLICIT), calling=f"AE{number}"), policy)
    answer_to(request(*[context(2 * n + 1, CT, IMPLICIT, EXPLICIT, JPEG) for n in range(128)]), policy)
    assert 0 < len(policy.remembered) <= 64
    assert max(len(body) for body, _ in policy.remembered) <= 8_192


def test_asynchronous_operations_are_answered_with_one_at_a_time():
    window = AsynchronousOperationsWindowNegotiation()
    window.maximum_number_operations_invoked = 0
    window.maximum_number_operations_performed = 8
    _, decoded = accepted(request(context(1, CT, IMPLICIT), items=[window]))
    answer = decoded.user_information.async_ops_window
    assert (answer.max_operations_invoked, answer.max_operations_performed) == (1, 1)
    _, decoded = accepted(request(context(1, CT, IMPLICIT)))
    assert decoded.user_information.async_ops_window is None


def test_extended_negotiation_and_user_identity_are_tolerated():
    extended, identity = SOPClassExtendedNegotiation(), UserIdentityNegotiation()
    extended.sop_class_uid = CT
    extended.service_class_application_information = b"\x02\x00\x03\x00\x01\x00"
    identity.user_identity_type, identity.primary_field = 1, b"someone"
    identity.positive_response_requested = True
    answer, decoded = accepted(request(context(1, CT, IMPLICIT), items=[extended, identity]))
    assert set(answer.contexts) == {1}
    assert decoded.user_information.ext_neg == []
    assert decoded.user_information.user_identity is None


def rejection(body, policy=POLICY):
    answer = answer_to(body, policy)
    assert isinstance(answer, Rejected)
    decoded = A_ASSOCIATE_RJ()
    decoded.decode(answer.answer)
    return decoded.result, decoded.source, decoded.reason_diagnostic


def test_another_protocol_version_is_rejected():
    body = request(context(1, CT, IMPLICIT))
    body[0:2] = b"\0\x02"
    assert rejection(body) == (1, 2, 2)


def test_another_application_context_is_rejected():
    body = request(context(1, CT, IMPLICIT)).replace(b"1.2.840.10008.3.1.1.1", b"1.2.840.10008.3.1.1.9")
    assert rejection(body) == (1, 1, 2)


@pytest.mark.parametrize(
    "title", [b" " * 16, b"A\x1b]52;c;AAAA\x07   ", b"\xff" * 16, b"A\\B".ljust(16), b"\0" * 16]
)
def test_what_is_no_ae_title_is_rejected(title):
    body = request(context(1, CT, IMPLICIT))
    body[20:36] = title
    assert rejection(body) == (1, 1, 3)
    body = request(context(1, CT, IMPLICIT))
    body[4:20] = title
    assert rejection(body) == (1, 1, 7)


def test_the_called_ae_title_counts_only_where_the_site_says_so():
    assert rejection(request(context(1, CT, IMPLICIT)), STRICT) == (1, 1, 7)
    accepted(request(context(1, CT, IMPLICIT), called="NOCTIS_SCP"), STRICT)


@pytest.mark.parametrize("ids", [(1, 1), (0,), (2,), (1, 4)])
def test_bad_context_ids_end_the_connection(ids):
    body = request(*[context(2 * i + 1, CT, IMPLICIT) for i in range(len(ids))])
    position = 0
    for number in ids:
        position = body.index(b"\x20\x00", max(position, 68))
        body[position + 4] = number
        position += 5
    with pytest.raises(ProtocolViolation, match="ids"):
        answer_to(body)


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's about the damage
@given(st.data())
def test_a_damaged_request_is_answered_or_refused(data):
    body = request(context(1, CT, IMPLICIT, EXPLICIT), context(3, MR, JPEG))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(68, len(body)))
    try:
        assert isinstance(answer_to(body[:cut]), Accepted | Rejected)
    except ProtocolViolation:
        return


def test_ae_titles():
    assert is_ae_title("NOCTIS_SCP")
    assert not any(map(is_ae_title, ("", "A" * 17, "Ä", "A\\B", "A\nB")))
