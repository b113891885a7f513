"""Who gets an association, and with which presentation contexts (PS3.8 7.1.1 and Annex D, PS3.7 Annex D).

pynetdicom's codecs read and write the PDUs. They need milliseconds for a long request, so `negotiate` belongs
into a thread; it shares nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    AsynchronousOperationsWindowNegotiation,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    MaximumLengthNotification,
)
from pynetdicom.presentation import PresentationContext

from archive.facility import is_ae_title
from archive.network import pdu, refusal
from archive.network.matching import Miss, find_facility, ip_address
from archive.network.operation import AcceptedContext, Peer
from archive.network.permission import may, may_store, operation_of
from archive.network.refusal import Factor, Rejected, proposed_abstract_syntaxes

if TYPE_CHECKING:
    from collections.abc import Callable

    from pynetdicom.pdu_items import PresentationContextItemRQ, SCP_SCU_RoleSelectionSubItem

    from archive.facility import Facility, PermittedOperation

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
IMPLEMENTATION_CLASS_UID = "2.25.261316914862513541373640146013180325497"
_IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"

_ACCEPTED, _USER_REJECTED, _NO_REASON, _NO_ABSTRACT_SYNTAX, _NO_TRANSFER_SYNTAX = range(5)
"""Result of a presentation context (PS3.8 Table 9-18)."""
_RESULTS = ("", "role", "no reason", "abstract syntax", "transfer syntax")
_OPERATION = "operation"
"""Why a context was not accepted, for people; the last, which the standard has no result for, is result 1."""

_ANSWERS = {
    Factor.CALLING_AE_TITLE: refusal.CALLING_AE_TITLE_NOT_RECOGNIZED,
    Factor.CALLED_AE_TITLE: refusal.CALLED_AE_TITLE_NOT_RECOGNIZED,
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What this archive offers to whoever asks."""

    ae_title: str
    require_called_ae_title: bool
    maximum_pdu_bytes: int
    accepts: Callable[[str], bool]
    """Whether an abstract syntax is served."""
    transfer_syntaxes: frozenset[str]
    facilities: tuple[Facility, ...] = ()
    admits_others: bool = True
    """Whether peers are admitted that no facility matches."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The association exists once `answer` is sent."""

    answer: bytes
    contexts: dict[int, AcceptedContext]
    peer_maximum_bytes: int
    """The longest P-DATA-TF that the peer takes; 0 is no limit."""
    refused_contexts: tuple[str, ...]
    """Abstract syntaxes that were not accepted, each with the reason in brackets."""
    proposed: tuple[str, ...]
    """The abstract syntaxes of all presentation contexts, each once."""
    facility: Facility | None = None
    """Whose peer it is; None when it is admitted though no facility matches."""


_OurInformation = tuple[
    MaximumLengthNotification, ImplementationClassUIDNotification, ImplementationVersionNameNotification
]


@dataclass(frozen=True, slots=True)
class _Judged:
    context: AcceptedContext
    result: int
    why: str
    """Empty when it is accepted."""


def introduce(body: bytes, peer: Peer) -> Peer:
    """Read who is calling whom from an A-ASSOCIATE-RQ without the header of its PDU."""
    called, calling = (body[start : start + 16].decode("latin-1").strip(" \0") for start in (4, 20))
    return replace(peer, calling_ae_title=calling, called_ae_title=called)


def negotiate(body: bytes, peer: Peer, policy: Policy) -> Accepted | Rejected:
    """Answer an A-ASSOCIATE-RQ, given without the header of its PDU.

    Raises
    ------
    pdu.ProtocolViolation
        The request cannot be decoded, or its presentation context ids are even, 0 or given twice.
    """
    rejected = _reject_titles(body, peer, policy)
    if rejected:
        return rejected
    facility = _find_facility(body, peer, policy)
    if isinstance(facility, Rejected):
        return facility
    try:
        return _negotiate(body, policy, facility)
    except pdu.ProtocolViolation:
        raise
    except Exception as error:  # the codecs raise whatever a malformed item provokes
        raise pdu.ProtocolViolation(
            "its A-ASSOCIATE-RQ cannot be decoded", pdu.AbortReason.INVALID_PARAMETER
        ) from error


def _negotiate(body: bytes, policy: Policy, facility: Facility | None) -> Accepted | Rejected:
    request = A_ASSOCIATE_RQ()
    request.decode(b"\x01\x00" + len(body).to_bytes(4, "big") + body)
    if request.application_context_name != APPLICATION_CONTEXT:
        return Rejected(
            refusal.APPLICATION_CONTEXT_NOT_SUPPORTED,
            "its application context is not DICOM's",
            Factor.PROTOCOL,
            proposed_abstract_syntaxes(body),
        )
    _check_context_ids(request.presentation_context)
    roles = _judge_roles(request)
    judged = [_judge(item, policy, roles, facility) for item in request.presentation_context]
    if facility and not any(item.result == _ACCEPTED for item in judged):
        barred = {operation_of(each.context.abstract_syntax) for each in judged if each.why == _OPERATION}
        if barred:
            return _not_allowed(facility, sorted(barred), proposed_abstract_syntaxes(body))
    return Accepted(
        _encode(request, judged, policy, roles),
        {item.context.context_id: item.context for item in judged if item.result == _ACCEPTED},
        _maximum_length(request),
        tuple(f"{item.context.abstract_syntax} ({item.why})" for item in judged if item.why),
        tuple(dict.fromkeys(item.context.abstract_syntax for item in judged)),
        facility,
    )


def _not_allowed(facility: Facility, barred: list[PermittedOperation], contexts: tuple[str, ...]) -> Rejected:
    allowed = ", ".join(facility.operations)
    reason = f"{facility.name} may only {allowed}, and it asks to {' and '.join(barred)}"
    return Rejected(refusal.NO_REASON_GIVEN, reason, Factor.OPERATION, contexts)


def _reject_titles(body: bytes, peer: Peer, policy: Policy) -> Rejected | None:
    found = _judge_titles(body, peer, policy)
    if found is None:
        return None
    answer, reason, factor = found
    return Rejected(answer, reason, factor, proposed_abstract_syntaxes(body))


def _find_facility(body: bytes, peer: Peer, policy: Policy) -> Rejected | Facility | None:
    """Return whose peer it is, None when others are admitted too, or why it is not admitted."""
    found = find_facility(peer, policy.facilities)
    if not isinstance(found, Miss):
        return found
    if policy.admits_others:
        return None
    answer = _ANSWERS.get(found.factor, refusal.NO_REASON_GIVEN)
    return Rejected(answer, _explain(found, peer), found.factor, proposed_abstract_syntaxes(body))


def _explain(miss: Miss, peer: Peer) -> str:
    name, facility = miss.facility.name, miss.facility
    host = ip_address(peer.address)
    shown = f"certificate {peer.certificate}" if peer.certificate else "no certificate"
    reasons = {
        Factor.ADDRESS: f"its address {host} is not one of {name}'s ({', '.join(facility.addresses)})",
        Factor.CALLING_AE_TITLE: f"no facility has the calling AE title {peer.calling_ae_title}",
        Factor.CALLED_AE_TITLE: f"it calls us {peer.called_ae_title}, and {name} may only call "
        f"{', '.join(facility.called_ae_titles)}",
        Factor.CERTIFICATE: f"it showed {shown}, which is not one of {name}'s",
    }
    return reasons[miss.factor]


def _judge_titles(body: bytes, peer: Peer, policy: Policy) -> tuple[bytes, str, Factor] | None:
    if not body[1] & 1:
        reason = "it does not speak version 1 of the protocol"
        return refusal.PROTOCOL_VERSION_NOT_SUPPORTED, reason, Factor.PROTOCOL
    if not is_ae_title(peer.calling_ae_title):
        reason = "its calling AE title is not an AE title"
        return refusal.CALLING_AE_TITLE_NOT_RECOGNIZED, reason, Factor.CALLING_AE_TITLE
    called_us = peer.called_ae_title == policy.ae_title or not policy.require_called_ae_title
    if not is_ae_title(peer.called_ae_title) or not called_us:
        reason = f"it does not call us {policy.ae_title}"
        return refusal.CALLED_AE_TITLE_NOT_RECOGNIZED, reason, Factor.CALLED_AE_TITLE
    return None


def _check_context_ids(items: list[PresentationContextItemRQ]) -> None:
    ids = [item.context_id for item in items]
    if len(set(ids)) != len(ids) or any(context_id is None or context_id % 2 == 0 for context_id in ids):
        raise pdu.ProtocolViolation(
            "presentation context ids are even or given twice", pdu.AbortReason.INVALID_PARAMETER
        )


def _judge(
    item: PresentationContextItemRQ,
    policy: Policy,
    roles: list[SCP_SCU_RoleSelectionSubItem],
    facility: Facility | None,
) -> _Judged:
    """Accept the first proposed transfer syntax that is known: it is what the sender has or likes best."""
    abstract_syntax = str(item.abstract_syntax or "")
    proposed = [str(syntax) for syntax in item.transfer_syntax if syntax]
    known = [syntax for syntax in proposed if syntax in policy.transfer_syntaxes]
    chosen = (known or proposed or [_IMPLICIT_VR_LITTLE_ENDIAN])[0]
    why = ""
    if not policy.accepts(abstract_syntax):
        result = _NO_ABSTRACT_SYNTAX
    elif not known:
        result = _NO_TRANSFER_SYNTAX
    elif not may(facility, operation_of(abstract_syntax)):
        result, why = _USER_REJECTED, _OPERATION
    else:
        barred = any(role.sop_class_uid == abstract_syntax and not role.scu_role for role in roles)
        result = _USER_REJECTED if barred else _ACCEPTED
    authorized = operation_of(abstract_syntax) != "store" or may_store(facility, abstract_syntax)
    context = AcceptedContext(item.context_id or 0, abstract_syntax, chosen, authorized)
    return _Judged(context, result, why or _RESULTS[result])


def _judge_roles(request: A_ASSOCIATE_RQ) -> list[SCP_SCU_RoleSelectionSubItem]:
    """Let the peer be SCU where it wishes to, and never SCP: we ask for nothing (PS3.7 D.3.3.4)."""
    information = request.user_information
    roles = list(information.role_selection.values()) if information else []
    for role in roles:
        role.scp_role = 0
    return roles


def _maximum_length(request: A_ASSOCIATE_RQ) -> int:
    information = request.user_information
    return (information.maximum_length or 0) if information else 0


def _encode(
    request: A_ASSOCIATE_RQ, judged: list[_Judged], policy: Policy, roles: list[SCP_SCU_RoleSelectionSubItem]
) -> bytes:
    answer = A_ASSOCIATE()
    answer.application_context_name = APPLICATION_CONTEXT
    answer.calling_ae_title = request.calling_ae_title
    answer.called_ae_title = request.called_ae_title
    answer.result = 0
    answer.presentation_context_definition_results_list = [_result(item) for item in judged]
    answer.user_information = [*_our_information(policy), *_window(request)]
    encoder = A_ASSOCIATE_AC(answer)
    assert encoder.user_information
    encoder.user_information.user_data.extend(roles)
    return encoder.encode()


def _result(judged: _Judged) -> PresentationContext:
    context = PresentationContext()
    context.context_id = judged.context.context_id
    context.add_transfer_syntax(judged.context.transfer_syntax)
    context.result = judged.result
    return context


def _our_information(policy: Policy) -> _OurInformation:
    length = MaximumLengthNotification()
    length.maximum_length_received = policy.maximum_pdu_bytes
    class_uid = ImplementationClassUIDNotification()
    class_uid.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    version_name = ImplementationVersionNameNotification()
    version_name.implementation_version_name = f"NOCTIS_{version('noctis-tui')}"[:16]
    return length, class_uid, version_name


def _window(request: A_ASSOCIATE_RQ) -> list[AsynchronousOperationsWindowNegotiation]:
    """Answer a wish for asynchronous operations with one at a time (PS3.7 D.3.3.3)."""
    if not request.user_information or not request.user_information.async_ops_window:
        return []
    window = AsynchronousOperationsWindowNegotiation()
    window.maximum_number_operations_invoked = 1
    window.maximum_number_operations_performed = 1
    return [window]
