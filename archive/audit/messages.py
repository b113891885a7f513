"""What is recorded: the messages of PS3.15 A.5.3 that an archive has to say.

Codes are DCM's (PS3.16 CID 400 for the event, CID 401 for its type). `action` and `outcome` are those of
RFC 3881: C, R, U, D or E, and 0 success, 4 minor failure, 8 serious failure.
"""

from __future__ import annotations

import functools
import os
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from archive.login import login_name


class AuditEvent(StrEnum):
    """The event, as `noctis audit` names it."""

    APPLICATION_STARTED = "application_started"
    APPLICATION_STOPPED = "application_stopped"
    BEGAN_TRANSFERRING = "began_transferring"
    INSTANCES_TRANSFERRED = "instances_transferred"
    INSTANCES_ACCESSED = "instances_accessed"
    STUDY_DELETED = "study_deleted"
    EXPORTED = "exported"
    IMPORTED = "imported"
    QUERIED = "queried"
    SECURITY_ALERT = "security_alert"


_CODES: dict[AuditEvent, tuple[str, str]] = {
    AuditEvent.APPLICATION_STARTED: ("110100", "E"),
    AuditEvent.APPLICATION_STOPPED: ("110100", "E"),
    AuditEvent.BEGAN_TRANSFERRING: ("110102", "E"),
    AuditEvent.INSTANCES_TRANSFERRED: ("110104", "C"),
    AuditEvent.INSTANCES_ACCESSED: ("110103", "R"),
    AuditEvent.STUDY_DELETED: ("110105", "D"),
    AuditEvent.EXPORTED: ("110106", "R"),
    AuditEvent.IMPORTED: ("110107", "C"),
    AuditEvent.QUERIED: ("110112", "E"),
    AuditEvent.SECURITY_ALERT: ("110113", "E"),
}


class EventType(StrEnum):
    """What kind of application activity or security alert (PS3.16 CID 401)."""

    APPLICATION_START = "110120"
    APPLICATION_STOP = "110121"
    NODE_AUTHENTICATION = "110126"
    SECURITY_CONFIGURATION = "110129"
    USE_OF_RESTRICTED_FUNCTION = "110132"
    AUDIT_RECORDING_STOPPED = "110133"


SUCCESS, MINOR_FAILURE, SERIOUS_FAILURE = 0, 4, 8


class Role(StrEnum):
    """Who took part (PS3.16 CID 402)."""

    APPLICATION = "application"
    SOURCE = "source"
    DESTINATION = "destination"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Participant:
    """A person, process or application entity that took part (PS3.15 A.5.2, ActiveParticipant).

    Attributes
    ----------
    user_id
        An AE title, a user of this machine, or a process.
    network_access_point
        The address of another machine, empty for this one.
    """

    role: Role
    user_id: str
    requestor: bool = False
    network_access_point: str = ""

    def values(self) -> dict[str, Any]:
        """Return what is recorded of it."""
        said: dict[str, Any] = {"role": self.role.value, "user_id": self.user_id, "requestor": self.requestor}
        if self.network_access_point:
            said["network_access_point"] = self.network_access_point
        return said


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `details` are what belongs to its event, and name no patient."""

    event: AuditEvent
    participants: tuple[Participant, ...] = ()
    study_instance_uid: str = ""
    event_type: EventType | None = None
    outcome: int = SUCCESS
    details: dict[str, Any] = field(default_factory=dict)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def values(self) -> dict[str, Any]:
        """Return the message as it is recorded."""
        code, action = _CODES[self.event]
        said: dict[str, Any] = {
            "at": self.at.isoformat(timespec="milliseconds"),
            "event": self.event.value,
            "event_id": code,
        }
        if self.event_type is not None:
            said["event_type"] = self.event_type.value
        said |= {"action": action, "outcome": self.outcome, "source": _machine()}
        said["participants"] = [each.values() for each in self.participants]
        if self.study_instance_uid:
            said["study_instance_uid"] = self.study_instance_uid
        return said | self.details


def this_process(name: str) -> Participant:
    """Return the application that records (PS3.15 A.5.3.1: the process that starts or stops)."""
    return Participant(Role.APPLICATION, f"{name}, process {os.getpid()}")


def this_user() -> Participant:
    """Return the user of this machine who asked."""
    return Participant(Role.USER, login_name(), requestor=True)


@functools.cache
def _machine() -> str:
    return socket.gethostname()
