"""The receiver's events as messages of the audit (PS3.15 A.5.3): by association and study, not by instance.

A study's first instance over an association is told at once: should the machine fail before the association
ends, the audit still says who sent it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from archive.audit.messages import (
    MINOR_FAILURE,
    SERIOUS_FAILURE,
    SUCCESS,
    AuditEvent,
    EventType,
    Message,
    Participant,
    Role,
    this_process,
)
from archive.network.peer_counts import without_port

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.network.events import Event

MOST_STUDIES = 1_000
"""An association that brings more is told of in pieces."""
_STOPPING = "stopping"
"""The factor of who came while the receiver shut down: nothing was wrong with the peer."""
_AUTHENTICATING = frozenset({"tls", "certificate"})
"""Factors that fail before anybody knows who calls."""


@dataclass(slots=True)
class _Transfer:
    instances: int = 0
    bytes: int = 0


@dataclass(slots=True)
class _Association:
    participants: tuple[Participant, ...]
    studies: dict[str, _Transfer] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    """Instances that were not stored, by the status that told so."""


class AssociationAudit:
    """Hears events on the event loop and hands messages on.

    Parameters
    ----------
    record
        Takes messages from the event loop and returns at once.
    application
        The name of the process, such as ``noctis receive``.
    """

    def __init__(self, record: Callable[..., None], application: str) -> None:
        self._record = record
        self._application = application
        self._open: dict[str, _Association] = {}
        self._started = False
        self._hears: dict[str, Callable[[Event], None]] = {
            "instance_stored": self._stored,
            "instance_refused": self._instance_refused,
            "association_accepted": self._accepted,
            "association_ended": self._ended,
            "association_rejected": self._refused,
        }

    def hear(self, event: Event) -> None:
        """Count what belongs to an association; tell of it when it has ended."""
        hears = self._hears.get(event.name)
        if hears:
            hears(event)

    def started(self, host: str, port: int, ae_title: str) -> None:
        """Tell that the receiver accepts associations."""
        self._started = True
        self._of_the_application(
            AuditEvent.APPLICATION_STARTED,
            EventType.APPLICATION_START,
            {"host": host, "port": port, "ae_title": ae_title},
        )

    def stopped(self, failure: str) -> None:
        """Tell that the receiver ends, if it has begun; `failure` is why, when something has failed."""
        if not self._started:
            return
        self._of_the_application(
            AuditEvent.APPLICATION_STOPPED,
            EventType.APPLICATION_STOP,
            {"reason": failure} if failure else {},
            outcome=SERIOUS_FAILURE if failure else SUCCESS,
        )

    def configured(self, facilities: Sequence[str]) -> None:
        """Tell that from now on others may be let in: the settings were read again."""
        self._of_the_application(
            AuditEvent.SECURITY_ALERT,
            EventType.SECURITY_CONFIGURATION,
            {"reason": "The settings were read again.", "facilities": list(facilities)},
        )

    def _of_the_application(
        self, event: AuditEvent, event_type: EventType, details: dict[str, Any], outcome: int = SUCCESS
    ) -> None:
        participants = (this_process(self._application),)
        self._record(Message(event, participants, "", event_type, outcome, details))

    # Events

    def _accepted(self, event: Event) -> None:
        self._open[str(event.values["peer"])] = _Association(_participants(event))

    def _stored(self, event: Event) -> None:
        values = event.values
        peer, study = cast("str", values["peer"]), cast("str", values["study_instance_uid"])
        association = self._open.get(peer)
        if association is None:  # it was with the line when its association ended
            association = _Association(_participants(event))
        transfer = association.studies.get(study)
        if transfer is None:
            transfer = self._begin(association, study, event)
        transfer.instances += 1
        transfer.bytes += cast("int", values["bytes"])
        if peer not in self._open:
            self._tell(association, event)

    def _begin(self, association: _Association, study: str, event: Event) -> _Transfer:
        if len(association.studies) >= MOST_STUDIES:
            self._tell(association, event)
            association.studies.clear()
        transfer = association.studies[study] = _Transfer()
        message = Message(AuditEvent.BEGAN_TRANSFERRING, association.participants, study, at=_at(event))
        self._record(message)
        return transfer

    def _instance_refused(self, event: Event) -> None:
        association = self._open.get(str(event.values["peer"]))
        if association:
            association.refused[str(event.values.get("status"))] += 1

    def _ended(self, event: Event) -> None:
        association = self._open.pop(str(event.values["peer"]), None)
        if association:
            self._tell(association, event)

    def _tell(self, association: _Association, event: Event) -> None:
        ending = str(event.values.get("ending") or "")
        outcome = SUCCESS if ending in {"released", ""} else MINOR_FAILURE
        details: dict[str, Any] = {"ending": ending} if ending else {}
        self._record(
            *(
                _transferred(
                    association,
                    event,
                    outcome,
                    details | {"instances": transfer.instances, "bytes": transfer.bytes},
                    study,
                )
                for study, transfer in association.studies.items()
            )
        )
        if association.refused:  # of which study they were nobody can tell
            refused = association.refused
            said = details | {"refused": refused.total(), "refused_by_status": dict(refused)}
            self._record(_transferred(association, event, MINOR_FAILURE, said))
            association.refused = Counter()

    def _refused(self, event: Event) -> None:
        factor = str(event.values.get("factor") or "")
        if factor == _STOPPING:
            return
        authenticating = factor in _AUTHENTICATING
        details: dict[str, Any] = {"reason": str(event.values.get("reason") or "")}
        if factor:
            details["factor"] = factor
        self._record(
            Message(
                AuditEvent.SECURITY_ALERT,
                _participants(event),
                "",
                EventType.NODE_AUTHENTICATION if authenticating else EventType.USE_OF_RESTRICTED_FUNCTION,
                SERIOUS_FAILURE if authenticating else MINOR_FAILURE,
                details,
                _at(event),
            )
        )


def _transferred(
    association: _Association, event: Event, outcome: int, details: dict[str, Any], study: str = ""
) -> Message:
    participants = association.participants
    return Message(AuditEvent.INSTANCES_TRANSFERRED, participants, study, None, outcome, details, _at(event))


def _participants(event: Event) -> tuple[Participant, ...]:
    """Return who sends and who receives, as the A-ASSOCIATE-RQ named them."""
    values = event.values
    address = without_port(str(values["peer"]))
    calling, called = (str(values.get(name) or "") for name in ("calling_ae_title", "called_ae_title"))
    source = Participant(Role.SOURCE, calling, requestor=True, network_access_point=address)
    return source, Participant(Role.DESTINATION, called)


def _at(event: Event) -> datetime:
    return datetime.fromtimestamp(event.at, UTC)
