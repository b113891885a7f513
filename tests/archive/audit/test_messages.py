"""The codes are the standard's."""

from __future__ import annotations

from pydicom.sr.codedict import codes

from archive.audit.messages import _CODES, AuditEvent, EventType

MEANINGS = {
    AuditEvent.APPLICATION_STARTED: "Application Activity",
    AuditEvent.APPLICATION_STOPPED: "Application Activity",
    AuditEvent.BEGAN_TRANSFERRING: "Begin Transferring DICOM Instances",
    AuditEvent.INSTANCES_TRANSFERRED: "DICOM Instances Transferred",
    AuditEvent.INSTANCES_ACCESSED: "DICOM Instances Accessed",
    AuditEvent.STUDY_DELETED: "DICOM Study Deleted",
    AuditEvent.EXPORTED: "Export",
    AuditEvent.IMPORTED: "Import",
    AuditEvent.QUERIED: "Query",
    AuditEvent.SECURITY_ALERT: "Security Alert",
}


def meaning(code):
    (found,) = [
        concept for name in codes.DCM.dir() for concept in [getattr(codes.DCM, name)] if concept.value == code
    ]
    return found.meaning


def test_every_event_has_the_code_that_the_standard_gives_it():
    assert {event: meaning(code).casefold() for event, (code, _) in _CODES.items()} == {
        event: text.casefold() for event, text in MEANINGS.items()
    }


def test_so_has_every_type():
    for event_type in EventType:
        assert meaning(event_type.value).casefold() == event_type.name.replace("_", " ").casefold()
