"""Any bytes at all as an A-ASSOCIATE-RQ: refused, or answered with what pynetdicom reads as an answer."""

from __future__ import annotations

from pynetdicom.pdu import A_ASSOCIATE_AC
from raw_peer import CT, associate_request

from archive.dicom.sop_classes import transfer_syntaxes
from archive.network.admission import Accepted, Policy, introduce, negotiate
from archive.network.operation import Peer
from archive.network.pdu import ProtocolViolation

_POLICY = Policy(
    "NOCTIS_SCP",
    require_called_ae_title=False,
    maximum_pdu_bytes=262_144,
    accepts={CT, "1.2.840.10008.1.1"}.__contains__,
    transfer_syntaxes=frozenset(transfer_syntaxes()),
)


def seeds():
    """Give requests without the header of their PDU."""
    yield associate_request()[6:]
    yield associate_request(contexts=[(2 * n + 1, CT, ("1.2.840.10008.1.2",)) for n in range(4)])[6:]
    yield associate_request(calling="A" * 16)[6:].replace(b"NOCTIS_SCP", b"\x1b[31mSCP__")


def check(data):
    """Judge the request; fail when anything but a decision or a violation comes."""
    body = data.ljust(68, b"\0")
    try:
        judged = negotiate(body, introduce(body, Peer("", "", "127.0.0.1:1")), _POLICY)
    except ProtocolViolation:
        return
    assert judged.answer
    if isinstance(judged, Accepted):
        answer = A_ASSOCIATE_AC()
        answer.decode(judged.answer)
        accepted = {each.context_id for each in answer.presentation_context if each.result == 0}
        assert accepted == set(judged.contexts)
