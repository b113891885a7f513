"""What waits to be sent: a small database of its own, bounded, that survives the process.

Beside the index and not in it: an index can be rebuilt, and this must hold what to say about a failing one.
What waits holds no patient data: that is looked up when a message is written.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

LOGGER = logging.getLogger(__name__)
OUTBOX_NAME = "notifications.sqlite"
MOST_WAITING = 1_000
"""Events of one kind that wait for one target; of more, the oldest are left out and counted."""
OLDEST_SECONDS = 86_400.0
"""What could not be sent for so long is no news any more."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (
    id INTEGER PRIMARY KEY, target TEXT NOT NULL, event TEXT NOT NULL, at REAL NOT NULL, words TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS waiting_target ON waiting (target, event, id);
CREATE TABLE IF NOT EXISTS number (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One event that waits for one target; `at` in Unix seconds."""

    id: int
    target: str
    event: str
    at: float
    words: dict[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """An event to be told to those who wish for it."""

    event: str
    at: float
    words: dict[str, str]


class Outbox:
    """The queue; used by one thread at a time. A disk that takes nothing turns it into one in memory.

    Attributes
    ----------
    quiet_sequence
        How far the marks of quiet studies were read, None at first.
    """

    def __init__(self, path: Path) -> None:
        self.quiet_sequence: int | None = None
        try:
            self._database = _open(path)
            self.quiet_sequence = self._number("quiet")
        except (OSError, sqlite3.Error) as error:
            self._database = _in_memory(error)

    def add(
        self, items: Iterable[Item], wishes: Collection[tuple[str, str]], quiet_sequence: int | None
    ) -> None:
        """Queue events for the (target, event) pairs that wish for them.

        How far the marks were read is remembered in the same transaction: no crash loses or doubles a study.
        """
        rows = [
            (target, item.event, item.at, json.dumps(item.words))
            for item in items
            for target, event in wishes
            if event == item.event
        ]
        try:
            self._add(rows, quiet_sequence)
        except sqlite3.Error as error:
            self._database.close()
            self._database = _in_memory(error)
            self._add(rows, quiet_sequence)
        if quiet_sequence is not None:
            self.quiet_sequence = quiet_sequence

    def _add(self, rows: list[tuple[str, str, float, str]], quiet_sequence: int | None) -> None:
        with self._database as database:
            database.executemany("INSERT INTO waiting (target, event, at, words) VALUES (?, ?, ?, ?)", rows)
            for target, event in {row[:2] for row in rows}:
                self._leave_out(target, event)
            if quiet_sequence is not None:
                self._set("quiet", quiet_sequence)

    def _leave_out(self, target: str, event: str) -> None:
        newest = "SELECT id FROM waiting WHERE target = ? AND event = ? ORDER BY id DESC LIMIT -1 OFFSET ?"
        gone = self._database.execute(
            f"DELETE FROM waiting WHERE id IN ({newest})",  # noqa: S608 - our own words
            (target, event, MOST_WAITING),
        ).rowcount
        if gone:
            self._set(_left_out(target, event), self.left_out(target, event) + gone)

    def _set(self, name: str, value: int) -> None:
        self._database.execute("INSERT OR REPLACE INTO number VALUES (?, ?)", (name, value))

    def _number(self, name: str) -> int | None:
        rows = self._database.execute("SELECT value FROM number WHERE name = ?", (name,)).fetchall()
        return int(rows[0][0]) if rows else None

    def left_out(self, target: str, event: str) -> int:
        """Return how many events of that kind were left out since the last message."""
        return self._number(_left_out(target, event)) or 0

    def any_waiting(self, target: str) -> bool:
        """Whether anything waits for a target."""
        rows = self._database.execute("SELECT 1 FROM waiting WHERE target = ? LIMIT 1", (target,))
        return rows.fetchone() is not None

    def waiting(self, target: str) -> list[Waiting]:
        """Return what waits for a target, the oldest first."""
        rows = self._database.execute(
            "SELECT id, target, event, at, words FROM waiting WHERE target = ? ORDER BY id", (target,)
        )
        return [Waiting(*[*row[:4], json.loads(row[4])]) for row in rows]

    def remove(self, sent: Collection[Waiting]) -> None:
        """Forget what has been sent."""
        with contextlib.suppress(sqlite3.Error), self._database as database:
            database.executemany("DELETE FROM waiting WHERE id = ?", [(each.id,) for each in sent])
            for target, event in {(each.target, each.event) for each in sent}:
                database.execute("DELETE FROM number WHERE name = ?", (_left_out(target, event),))

    def tidy(self, targets: Collection[str]) -> int:
        """Forget what is too old or for targets that are no more; return how many were."""
        marks = ", ".join("?" * len(targets))
        with contextlib.suppress(sqlite3.Error), self._database as database:
            return database.execute(
                f"DELETE FROM waiting WHERE at < ? OR target NOT IN ({marks})",  # noqa: S608 - question marks
                (time.time() - OLDEST_SECONDS, *targets),
            ).rowcount
        return 0

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def _left_out(target: str, event: str) -> str:
    return f"left out: {target}: {event}"


def _in_memory(error: Exception) -> sqlite3.Connection:
    LOGGER.warning("What waits to be sent is kept in memory only: %s", error)
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.executescript(_SCHEMA)
    return database


def _open(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE))
    database = sqlite3.connect(path, timeout=5, check_same_thread=False)
    database.executescript(_SCHEMA)
    return database
