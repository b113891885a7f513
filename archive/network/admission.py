"""Who gets an association, and with which presentation contexts (PS3.8 7.1.1 and Annex D, PS3.7 Annex D).

pynetdicom's codecs read and write the PDUs. They need milliseconds for a long request, so `negotiate` belongs
into a thread; it shares nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
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

from archive.network import pdu
from archive.network.operation import AcceptedContext, Peer

if TYPE_CHECKING:
    from collections.abc import Callable

    from pynetdicom.pdu_items import PresentationContextItemRQ, SCP_SCU_RoleSelectionSubItem

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
IMPLEMENTATION_CLASS_UID = "2.25.261316914862513541373640146013180325497"
_IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"

_ACCEPTED, _USER_REJECTED, _NO_REASON, _NO_ABSTRACT_SYNTAX, _NO_TRANSFER_SYNTAX = range(5)
"""Result of a presentation context (PS3.8 Table 9-18)."""
_RESULTS = ("accepted", "role", "no reason", "abstract syntax", "transfer syntax")

LOCAL_LIMIT_EXCEEDED = pdu.rejection(2, 3, 2)
"""Rejected-transient, presentation related, local-limit-exceeded (PS3.8 Table 9-21)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What this archive offers to whoever asks."""

    ae_title: str
    require_called_ae_title: bool
    maximum_pdu_bytes: int
    accepts: Callable[[str], bool]
    """Whether an abstract syntax is served."""
    transfer_syntaxes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The association exists once `answer` is sent."""

    answer: bytes
    contexts: dict[int, AcceptedContext]
    peer_maximum_bytes: int
    """The longest P-DATA-TF that the peer takes; 0 is no limit."""
    refused_contexts: tuple[str, ...]
    """Abstract syntaxes that were not accepted, each with the reason in brackets."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """There is no association; `answer` tells the peer and `reason` a person."""

    answer: bytes
    reason: str


_OurInformation = tuple[
    MaximumLengthNotification, ImplementationClassUIDNotification, ImplementationVersionNameNotification
]


@dataclass(frozen=True, slots=True)
class _Judged:
    context: AcceptedContext
    result: int


def introduce(body: bytes, address: str) -> Peer:
    """Read who is calling whom from an A-ASSOCIATE-RQ without the header of its PDU."""
    called, calling = (body[start : start + 16].decode("latin-1").strip(" \0") for start in (4, 20))
    return Peer(calling, called, address)


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
    try:
        return _negotiate(body, policy)
    except pdu.ProtocolViolation:
        raise
    except Exception as error:  # the codecs raise whatever a malformed item provokes
        raise pdu.ProtocolViolation(
            "its A-ASSOCIATE-RQ cannot be decoded", pdu.AbortReason.INVALID_PARAMETER
        ) from error


def _negotiate(body: bytes, policy: Policy) -> Accepted | Rejected:
    request = A_ASSOCIATE_RQ()
    request.decode(b"\x01\x00" + len(body).to_bytes(4, "big") + body)
    if request.application_context_name != APPLICATION_CONTEXT:
        return Rejected(pdu.rejection(1, 1, 2), "its application context is not DICOM's")
    _check_context_ids(request.presentation_context)
    roles = _judge_roles(request)
    judged = [_judge(item, policy, roles) for item in request.presentation_context]
    return Accepted(
        _encode(request, judged, policy, roles),
        {item.context.context_id: item.context for item in judged if item.result == _ACCEPTED},
        _maximum_length(request),
        tuple(f"{item.context.abstract_syntax} ({_RESULTS[item.result]})" for item in judged if item.result),
    )


def _reject_titles(body: bytes, peer: Peer, policy: Policy) -> Rejected | None:
    if not body[1] & 1:
        return Rejected(pdu.rejection(1, 2, 2), "it does not speak version 1 of the protocol")
    if not is_ae_title(peer.calling_ae_title):
        return Rejected(pdu.rejection(1, 1, 3), "its calling AE title is not an AE title")
    called_us = peer.called_ae_title == policy.ae_title or not policy.require_called_ae_title
    if not is_ae_title(peer.called_ae_title) or not called_us:
        return Rejected(pdu.rejection(1, 1, 7), f"it does not call us {policy.ae_title}")
    return None


def is_ae_title(title: str) -> bool:
    """Tell whether a stripped text can be an AE title (PS3.5 6.2: no backslash, no control characters)."""
    return 0 < len(title) <= 16 and title.isascii() and title.isprintable() and "\\" not in title


def _check_context_ids(items: list[PresentationContextItemRQ]) -> None:
    ids = [item.context_id for item in items]
    if len(set(ids)) != len(ids) or any(context_id is None or context_id % 2 == 0 for context_id in ids):
        raise pdu.ProtocolViolation(
            "presentation context ids are even or given twice", pdu.AbortReason.INVALID_PARAMETER
        )


def _judge(
    item: PresentationContextItemRQ, policy: Policy, roles: list[SCP_SCU_RoleSelectionSubItem]
) -> _Judged:
    """Accept the first proposed transfer syntax that is known: it is what the sender has or likes best."""
    abstract_syntax = str(item.abstract_syntax or "")
    proposed = [str(syntax) for syntax in item.transfer_syntax if syntax]
    known = [syntax for syntax in proposed if syntax in policy.transfer_syntaxes]
    chosen = (known or proposed or [_IMPLICIT_VR_LITTLE_ENDIAN])[0]
    if not policy.accepts(abstract_syntax):
        result = _NO_ABSTRACT_SYNTAX
    elif not known:
        result = _NO_TRANSFER_SYNTAX
    else:
        barred = any(role.sop_class_uid == abstract_syntax and not role.scu_role for role in roles)
        result = _USER_REJECTED if barred else _ACCEPTED
    return _Judged(AcceptedContext(item.context_id or 0, abstract_syntax, chosen), result)


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
