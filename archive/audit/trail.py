"""Appending to the trail, from any thread and any process.

The order of a group of records, and what each step rests on:

1. the lock: one appender at a time;
2. the head is read: it says where the last record ends. What lies behind it was written by somebody who died
   before step 4: whole records that fit the chain are kept, a torn rest is cut off;
3. the records are written and durable; a group that could not be written is cut off again, whole;
4. the head follows, durably, in one step (rename).

A crash between 3 and 4 leaves records behind the head, never a head without its records. When less is there
than the head says, somebody has removed records: the chain goes on from the head in a new file, so the gap
stays for `archive.audit.verification` to find.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from archive.audit.chain import read_record, record_line
from archive.audit.files import (
    Head,
    begin_segment,
    create,
    locked,
    read_head_file,
    segment_path,
    segments,
    write_head_file,
)
from archive.audit.key import create_key, read_key
from archive.errors import NotFound
from archive.storage.files import disk_errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archive.audit.messages import Message
    from archive.settings import AuditSettings
    from archive.storage.layout import Layout

LOGGER = logging.getLogger(__name__)
HEAD_LOST = "audit_head_lost"
"""The record that is written when the head is gone: records before it may have been cut off unseen."""


class Trail:
    """The audit of one archive.

    Parameters
    ----------
    folder
        Where the records lie; it exists.
    key_path
        The file of the key; made when there are no records yet.
    segment_bytes
        A segment of that size is followed by a new one.
    """

    def __init__(self, folder: Path, key_path: Path, segment_bytes: int) -> None:
        self.folder = folder
        self.key_path = key_path
        self._segment_bytes = segment_bytes
        self._key: bytes | None = None
        self._thread_lock = threading.Lock()

    @classmethod
    def of(cls, layout: Layout, settings: AuditSettings) -> Trail:
        """Return the trail of an archive."""
        key_path = layout.root / settings.key if settings.key else layout.audit / "key"
        return cls(layout.audit, key_path, settings.segment_bytes)

    def open(self) -> Head:
        """Begin the chain if need be, mend what a crash left, and return the head.

        Raises
        ------
        BadInput
            The key is missing though there are records, cannot be read, or is none.
        OutOfResources
            The trail cannot be written.
        """
        return self.append(())

    def append(self, messages: Sequence[Message]) -> Head:
        """Write records durably, all or none, and return the new head; raises as `open`."""
        with self._thread_lock, disk_errors(), locked(self.folder):
            key = self._open_key()
            head, lost = self._find_end(key)
            values = [message.values() for message in messages]
            return self._append(key, head, [_lost(), *values] if lost else values)

    def _open_key(self) -> bytes:
        if self._key is None:
            try:
                self._key = read_key(self.key_path)
            except NotFound:
                if segments(self.folder):
                    raise
                self._key = create_key(self.key_path)
        return self._key

    # Where the trail ends

    def _find_end(self, key: bytes) -> tuple[Head, bool]:
        """Return the last record that counts, and whether the head was lost."""
        head = read_head_file(self.folder, key)
        if head is not None:
            return self._adopt(key, head), False
        present = segments(self.folder)
        if not present:
            write_head_file(self.folder, key, Head())
            return Head(), False
        LOGGER.error("The head of the audit is missing; records may have been removed")
        return self._end_by_chain(key), True

    def _adopt(self, key: bytes, head: Head) -> Head:
        """Go on behind the head as far as whole records of a crashed appender reach; cut off a torn rest."""
        while True:
            path = segment_path(self.folder, head.segment)
            size = path.stat().st_size if path.exists() else 0
            short = size < head.end
            if short:
                LOGGER.error("Records of the audit are missing before record %d", head.sequence + 1)
            elif size > head.end:
                head = _read_on(key, head, path)
                if size > head.end:
                    os.truncate(path, head.end)
            following = head.sequence + 1
            if following == head.segment or not (short or segment_path(self.folder, following).exists()):
                return head
            head = replace(head, segment=following, end=0)

    def _end_by_chain(self, key: bytes) -> Head:
        """Return the last record that the chain leads to, from the beginning, without the help of a head."""
        head = Head()
        for first, path in segments(self.folder):
            if first != head.sequence + 1:
                break
            head = _read_on(key, replace(head, segment=first, end=0), path)
        # What follows may be anything: it stays where it is, and a new file begins behind the last name.
        last = max(head.sequence, *(first for first, _ in segments(self.folder)))
        return replace(head, sequence=last, segment=last + 1, end=0)

    # Writing

    def _append(self, key: bytes, head: Head, records: list[dict[str, Any]]) -> Head:
        if head.end >= self._segment_bytes:
            head = replace(head, segment=head.sequence + 1, end=0)
        if not records:
            return head
        lines, mac = [], head.mac
        for number, values in enumerate(records, head.sequence + 1):
            line, mac = record_line(key, mac, {"sequence": number} | values)
            lines.append(line + b"\n")
        group = b"".join(lines)
        self._write(head, group)
        after = Head(head.sequence + len(lines), mac.hex(), head.segment, head.end + len(group))
        try:
            write_head_file(self.folder, key, after)
        except OSError as error:  # the records are there: the next appender finds them behind the old head
            LOGGER.warning("The head of the audit cannot be written: %s", error.strerror)
        return after

    def _write(self, head: Head, lines: bytes) -> None:
        file = self._open_segment(head)
        try:
            try:
                written = os.pwrite(file, lines, head.end)
                while written < len(lines):  # a short write says nothing; the next one says why
                    written += os.pwrite(file, memoryview(lines)[written:], head.end + written)
                os.fdatasync(file)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(file, head.end)
                raise
        finally:
            os.close(file)

    def _open_segment(self, head: Head) -> int:
        if head.end:
            return create(segment_path(self.folder, head.segment))
        return begin_segment(self.folder, head.segment)


def _read_on(key: bytes, head: Head, path: Path) -> Head:
    with path.open("rb") as file:
        file.seek(head.end)
        for line in file:
            if not line.endswith(b"\n"):
                break
            values, mac = read_record(key, head.mac, line[:-1])
            if values is None or values["sequence"] != head.sequence + 1:
                break
            head = Head(head.sequence + 1, mac.hex(), head.segment, head.end + len(line))
    return head


def _lost() -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "event": HEAD_LOST,
        "reason": "The head of the audit was missing: records before this one may have been removed.",
    }
