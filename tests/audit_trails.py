"""Audit trails to be filled and looked into: for tests."""

from __future__ import annotations

from archive.audit.files import segments
from archive.audit.messages import AuditEvent, Message
from archive.audit.trail import Trail


def trail_in(folder, segment_bytes=1 << 20):
    return Trail(folder, folder / "key", segment_bytes)


def queried(number):
    return Message(AuditEvent.QUERIED, details={"number": number})


def fill(trail, count, first=1):
    for number in range(first, first + count):
        trail.append([queried(number)])


def lines(trail):
    return b"".join(path.read_bytes() for _, path in segments(trail.folder)).splitlines(keepends=True)


def only_segment(trail):
    ((_, path),) = segments(trail.folder)
    return path
