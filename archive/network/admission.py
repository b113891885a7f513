"""Who gets an association, and with which presentation contexts (PS3.8 7.1.1 and Annex D, PS3.7 Annex D).

A long request takes milliseconds, so `negotiate` then belongs into a thread; it shares nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from archive.dicom.uids import is_uid
from archive.facility import is_ae_title
from archive.network import pdu, refusal
from archive.network.associate_pdus import (
    APPLICATION_CONTEXT,
    AssociateRequest,
    JudgedContext,
    OurInformation,
    ProposedContext,
    decode_request,
    encode_acceptance,
)
from archive.network.matching import Miss, find_facility, ip_address
from archive.network.operation import AcceptedContext, Peer
from archive.network.permission import may, may_store, operation_of
from archive.network.refusal import Factor, Rejected, proposed_abstract_syntaxes

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.facility import Facility, PermittedOperation

IMPLEMENTATION_CLASS_UID = "2.25.261316914862513541373640146013180325497"
_IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"

_ACCEPTED, _USER_REJECTED, _NO_REASON, _NO_ABSTRACT_SYNTAX, _NO_TRANSFER_SYNTAX = range(5)
"""Result of a presentation context (PS3.8 Table 9-18)."""
_RESULTS = ("", "role", "no reason", "abstract syntax", "transfer syntax")
_OPERATION = "operation"
"""Why a context was not accepted, for people; the last, which the standard has no result for, is result 1."""

_REMEMBERED_REQUESTS, _REMEMBERED_BYTES = 64, 8_192
"""How many answers are remembered, and to requests of which length."""
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
    remembered: dict[tuple[bytes, str], Accepted | Rejected] = field(default_factory=dict, compare=False)
    """What the last requests were answered, with the facility's name: a sender asks alike each time."""


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
    key = body, facility.name if facility else ""
    answer = policy.remembered.get(key)
    if answer is None:
        answer = _negotiate(body, policy, facility)
        _remember(key, answer, policy)
    return answer


def _remember(key: tuple[bytes, str], answer: Accepted | Rejected, policy: Policy) -> None:
    if len(key[0]) <= _REMEMBERED_BYTES:
        if len(policy.remembered) >= _REMEMBERED_REQUESTS:
            policy.remembered.clear()
        policy.remembered[key] = answer


def _negotiate(body: bytes, policy: Policy, facility: Facility | None) -> Accepted | Rejected:
    request = decode_request(body)
    if request.application_context != APPLICATION_CONTEXT:
        return Rejected(
            refusal.APPLICATION_CONTEXT_NOT_SUPPORTED,
            "its application context is not DICOM's",
            Factor.PROTOCOL,
            proposed_abstract_syntaxes(body),
        )
    _check_context_ids(request.contexts)
    judged = [_judge(context, policy, request.scu_roles, facility) for context in request.contexts]
    if facility and not any(item.result == _ACCEPTED for item in judged):
        barred = {operation_of(each.context.abstract_syntax) for each in judged if each.why == _OPERATION}
        if barred:
            return _not_allowed(facility, sorted(barred), proposed_abstract_syntaxes(body))
    return Accepted(
        _encode(request, judged, policy),
        {item.context.context_id: item.context for item in judged if item.result == _ACCEPTED},
        request.maximum_length,
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


def _check_context_ids(contexts: list[ProposedContext]) -> None:
    ids = [context.context_id for context in contexts]
    if len(set(ids)) != len(ids) or any(context_id % 2 == 0 for context_id in ids):
        raise pdu.ProtocolViolation(
            "presentation context ids are even or given twice", pdu.AbortReason.INVALID_PARAMETER
        )


def _judge(
    proposed: ProposedContext,
    policy: Policy,
    scu_roles: dict[str, bool],
    facility: Facility | None,
) -> _Judged:
    """Accept the first proposed transfer syntax that is known: it is what the sender has or likes best."""
    abstract_syntax = proposed.abstract_syntax
    known = [syntax for syntax in proposed.transfer_syntaxes if syntax in policy.transfer_syntaxes]
    offered = filter(is_uid, (*known, *proposed.transfer_syntaxes))  # nothing else is ever given back
    chosen = next(offered, _IMPLICIT_VR_LITTLE_ENDIAN)
    why = ""
    if not policy.accepts(abstract_syntax):
        result = _NO_ABSTRACT_SYNTAX
    elif not known:
        result = _NO_TRANSFER_SYNTAX
    elif not may(facility, operation_of(abstract_syntax)):
        result, why = _USER_REJECTED, _OPERATION
    else:
        result = _ACCEPTED if scu_roles.get(abstract_syntax, True) else _USER_REJECTED
    authorized = operation_of(abstract_syntax) != "store" or may_store(facility, abstract_syntax)
    context = AcceptedContext(proposed.context_id, abstract_syntax, chosen, authorized)
    return _Judged(context, result, why or _RESULTS[result])


def _encode(request: AssociateRequest, judged: list[_Judged], policy: Policy) -> bytes:
    contexts = [
        JudgedContext(item.context.context_id, item.result, item.context.transfer_syntax) for item in judged
    ]
    ours = OurInformation(policy.maximum_pdu_bytes, IMPLEMENTATION_CLASS_UID, _implementation_version_name())
    return encode_acceptance(request, contexts, ours)


@cache
def _implementation_version_name() -> str:
    return f"NOCTIS_{version('noctis-tui')}"[:16]
