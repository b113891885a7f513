"""Recording what a person does with a study of the archive."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from archive.audit.messages import AuditEvent, EventType, Message, this_process, this_user
from archive.audit.trail import Trail
from archive.errors import NoctisError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archive.audit.messages import Participant
    from archive.local_archive import LocalArchive
    from archive.settings import AuditSettings
    from archive.storage.layout import Layout

LOGGER = logging.getLogger(__name__)


def trail_of(archive: LocalArchive) -> Trail | None:
    """Return the trail of an archive; None where it would end with the archive's handle."""
    return None if archive.is_temporary else Trail.of(archive.layout, archive.settings.audit)


def record_access(archive: LocalArchive, study_instance_uid: str) -> None:
    """Record that this user looks into a study; not for the event loop: it waits for the disk.

    A trail that cannot be written does not keep anybody from reading: the log says so.
    """
    message = Message(AuditEvent.INSTANCES_ACCESSED, _by_this_user(), study_instance_uid)
    _record(archive, [message])


def record_import(archive: LocalArchive, instances: Mapping[str, int]) -> None:
    """Record what was imported: how many instances by Study Instance UID; never from where.

    The names of files and media may be those of patients. A trail that cannot be written does not undo the
    import: the log says so.
    """
    participants = _by_this_user()
    messages = [
        Message(AuditEvent.IMPORTED, participants, study, details={"instances": count})
        for study, count in instances.items()
    ]
    _record(archive, messages)


def record_export(archive: LocalArchive, study_instance_uid: str, instances: int, what: str) -> None:
    """Record that this user wrote a study's instances as files; never where to.

    `what` is the format, and whether it was de-identified. A trail that cannot be written does not keep
    anybody from exporting: the log says so.
    """
    details = {"instances": instances, "format": what}
    _record(archive, [Message(AuditEvent.EXPORTED, _by_this_user(), study_instance_uid, details=details)])


def record_configuration(layout: Layout, settings: AuditSettings, what: str) -> None:
    """Record that this user changed who may speak to the archive; `what` is a sentence."""
    message = Message(
        AuditEvent.SECURITY_ALERT,
        _by_this_user(),
        event_type=EventType.SECURITY_CONFIGURATION,
        details={"reason": what},
    )
    _append(Trail.of(layout, settings), [message])


def _by_this_user() -> tuple[Participant, ...]:
    return (this_user(), this_process("noctis"))


def _record(archive: LocalArchive, messages: Sequence[Message]) -> None:
    trail = trail_of(archive)
    if trail is not None and messages:
        _append(trail, messages)


def _append(trail: Trail, messages: Sequence[Message]) -> None:
    try:
        trail.append(messages)
    except NoctisError as error:
        LOGGER.error("The audit cannot be written: %s", error)  # noqa: TRY400 - a sentence, no traceback
