"""One index: a writer connection for who holds the lease, read-only connections for everybody else.

Every read fetches all its rows and ends its transaction: one left open lets the WAL grow without bound.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar
from urllib.parse import quote

import peewee

from archive.errors import (
    CannotRecord,
    FailingDisk,
    IndexDamaged,
    NoctisError,
    NotFound,
    OutOfResources,
)
from archive.index.remembered import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_P = ParamSpec("_P")
_R = TypeVar("_R")
Row = tuple[Any, ...]
BUSY_SECONDS = 5
_WRITER_PRAGMAS = {
    "journal_mode": "wal",
    # What is written together lies together: 4 MB hold the pages of any number of instances under way.
    "cache_size": -4 * 1024,
    # A commit that makes the WAL longer waits for the file system's journal, too: one that begins again at
    # its start does not (0.16 ms against 0.65 ms).
    "wal_autocheckpoint": 1000,
}
_READER_PRAGMAS = {"query_only": 1, "cache_size": -16 * 1024}
_ERRORS = (sqlite3.Error, peewee.PeeweeException)
_NOT_THE_DISK = (
    *(sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError),
    *(peewee.IntegrityError, peewee.DataError, peewee.InterfaceError, peewee.ProgrammingError),
)


_SENTENCES = {
    "unable to open": "The index cannot be opened.",
    "locked": "The index is locked by another process.",
    "full": "The archive's disk is full.",
    "readonly": "The index is read-only.",
}
_DAMAGED = (
    *("malformed", "not a database", "no such table", "no such column", "Could not decode"),
    *("unsupported file format", "error in"),
)
DAMAGED = "The index is damaged; the receiver, or noctis reindex, makes it again from the files."
_REBUILDING = "The index is being rebuilt from the files."
_Identity = tuple[int, int]
_GONE: _Identity = (0, 0)


class Query(Protocol):
    """What peewee builds: compiled by us, run by `Index`."""

    def sql(self) -> tuple[str, list[Any]]:
        """Return the statement and its bound values."""


class _Database(peewee.SqliteDatabase):
    """A peewee database that remembers its threads' connections, so that all can be closed at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - peewee's own signature
        self._opened: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._opening = threading.Lock()
        super().__init__(*args, **kwargs)

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._connect()  # type: ignore[misc]  # peewee's untyped hook
        with self._opening:
            self._close_abandoned()
            self._opened.append((threading.current_thread(), connection))
        return connection

    def _close_abandoned(self) -> None:
        for thread, connection in self._opened:
            if not thread.is_alive():
                connection.close()
        self._opened = [opened for opened in self._opened if opened[0].is_alive()]

    def close_all(self) -> None:
        with self._opening:
            for _, connection in self._opened:
                connection.close()
            self._opened.clear()


class Index:
    """The index of one archive.

    Parameters
    ----------
    path
        The SQLite file, or None for an index in memory (one connection, one thread at a time).
    root
        The archive's root: what relative file names in the index are relative to.
    locate
        (study, series, SOP Instance UID) -> the path relative to `root` where the layout keeps an instance.
    quiet_seconds
        A study counts as receiving until nothing came for so long.
    durable
        Whether a commit survives a power failure; a crash of the process it survives either way.
    """

    def __init__(
        self,
        path: Path | None,
        root: Path,
        *,
        locate: Callable[[str, str, str], str],
        quiet_seconds: float = 60,
        durable: bool = True,
    ) -> None:
        self.path = path
        self.root = root
        self.locate = locate
        self.quiet_seconds = quiet_seconds
        self.durable = durable
        self.lock = threading.RLock()
        """Held while the writer connection (in memory: any connection) is in use."""
        self.damaged: Callable[[], None] = _nothing
        """Called, in whichever thread, when a read or a write finds that the index is damaged or gone."""
        self.generation = 0
        """Grows when the file has been replaced: ids that were read before mean nothing any more."""
        self._suspended = False
        self._writer = self._open_writer()
        self._synchronous = ""
        self.remembered = Remembered()
        self.writes = 0
        """How many transactions have begun."""
        self.is_lasting = True
        """Whether all that was committed outlasts a power failure, as far as the site wants that.

        It is for whoever made it so to say (`archive.index.recording.make_durable`): a commit syncs what was
        committed before it only when it changes something itself.
        """
        self._written: _Identity | None = None
        self._reader = self._writer if path is None else _open_reader(path)
        self._read: _Identity | None = None
        self._retired: list[_Database] = []
        self._executor: ThreadPoolExecutor | None = None
        self._gate = threading.Condition()
        self._readers = 0
        self._closed = False

    def _open_writer(self) -> _Database:
        shared = {"thread_safe": False, "check_same_thread": False, "lock_type": "IMMEDIATE"}
        name = os.fspath(self.path) if self.path else ":memory:"
        pragmas = _WRITER_PRAGMAS if self.path else {}
        return _Database(name, pragmas=pragmas, timeout=BUSY_SECONDS, **shared)

    @property
    def database(self) -> peewee.SqliteDatabase:
        """The writer's peewee database, connected; for the lease holder only, under `lock`.

        Raises
        ------
        IndexDamaged
            There is no file (SQLite would begin an empty one), or it is being rebuilt.
        """
        if self._suspended:
            raise IndexDamaged(_REBUILDING)
        if self._writer.is_closed():
            self._written = _identity(self.path)
            if self._written is None and self.path is not None:
                raise IndexDamaged("The index is gone.")
            self._writer.connect()
            self._synchronous = ""
            self.remembered.forget()
        return self._writer

    @contextlib.contextmanager
    def suspended(self) -> Iterator[None]:
        """Refuse to write, and to read as the writer, while the lease holder replaces the file."""
        self._suspended = True
        try:
            self.close_writer()
            yield
        finally:
            self._suspended = False

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        # A connection that is closed under its reader takes the process with it.
        with self._gate:
            if self._closed:
                raise NotFound("The archive is closed.")
            self._readers += 1
        try:
            yield
        finally:
            with self._gate:
                self._readers -= 1
                if not self._readers:
                    self._close_retired()
                self._gate.notify_all()

    def _close_retired(self) -> None:
        while self._retired:
            self._retired.pop().close_all()

    def _current_reader(self) -> _Database:
        """Return the reader of the file that has the name now: it may have been replaced."""
        if self.path is None:
            return self._reader
        identity = _identity(self.path) or _GONE
        if identity != self._read:
            with self._gate:
                if self._read not in {identity, None}:
                    self._retired.append(self._reader)
                    self._reader = _open_reader(self.path)
                    self.generation += 1
                self._read = identity
        return self._reader

    def rows(self, query: Query) -> list[Row]:
        """Return all rows of a query, from whichever thread."""
        return self.fetch(*query.sql())

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a statement that was built before.

        Raises
        ------
        NotFound
            There is no index to read.
        IndexDamaged
            The index is damaged.
        OutOfResources
            The index stays locked.
        """
        with self._reading(), self.lock if self.path is None else contextlib.nullcontext():
            try:
                rows: list[Row] = _cursor(self._current_reader()).execute(sql, parameters).fetchall()
            except _ERRORS as error:
                refusal = self._refusal(error)
                raise (NotFound("There is no index to read.") if _is_absent(error) else refusal) from error
        return rows

    @contextlib.contextmanager
    def transaction(self, *, journalled: bool = False) -> Iterator[sqlite3.Cursor]:
        """Write: yields a cursor inside one IMMEDIATE transaction, committed when the block ends well.

        Parameters
        ----------
        journalled
            What is written can be made again from the journal: the commit need not outlast a power failure
            before the next one that is not so.

        Raises
        ------
        OutOfResources
            The index stayed locked for five seconds, or the disk refused; nothing was written.
        IndexDamaged
            The index is damaged, or its file is gone; what was written into it is lost.
        CannotRecord
            A row is not what its table takes; nothing was written.
        """
        with self.lock:
            try:
                self._synchronize("FULL" if self.durable and not journalled else "NORMAL")
                self.writes += 1
                with self.database.atomic():
                    self.is_lasting = self.is_lasting and not (self.durable and journalled)
                    yield _cursor(self.database)
            except _ERRORS as error:
                raise self._refusal(error) from error
            self._require_in_place()

    def _synchronize(self, level: str) -> None:
        """Have the next commit wait for the disk (FULL), or not (NORMAL); SQLite says so outside of one."""
        database = self.database
        if level != self._synchronous and self.path is not None:
            _cursor(database).execute(f"PRAGMA synchronous = {level}")
            self._synchronous = level

    def _require_in_place(self) -> None:
        """Refuse a commit that went into a file which nobody will find."""
        if self.path is not None and _identity(self.path) != self._written:
            self.damaged()
            raise IndexDamaged("The index is gone.")

    def _refusal(self, error: Exception) -> NoctisError:
        refusal = _refusal(error)
        if isinstance(refusal, IndexDamaged):
            self.damaged()
        return refusal

    def peek(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return all rows as the writer sees them; for the lease holder only."""
        with self.lock:
            try:
                rows: list[Row] = _cursor(self.database).execute(sql, parameters).fetchall()
            except _ERRORS as error:
                raise self._refusal(error) from error
        return rows

    async def call(self, query: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run a query function off the event loop, in one of two threads that keep their connections."""
        if self._executor is None:
            self._executor = ThreadPoolExecutor(2, thread_name_prefix="index")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, partial(query, *args, **kwargs))

    def plan(self, query: Query) -> str:
        """Return how SQLite would answer the query, one step a line."""
        sql, parameters = query.sql()
        return "\n".join(row[3] for row in self.fetch(f"EXPLAIN QUERY PLAN {sql}", parameters))

    def close_writer(self) -> None:
        """Close the writer's connection (before the lease is given back); an index in memory stays."""
        if self.path is not None:
            with self.lock:
                self._writer.close()
                self._writer.close_all()

    def close(self) -> None:
        """Close every connection, once those who read are done; who comes later finds no index."""
        if self._executor is not None:
            self._executor.shutdown()
        with self._gate:
            self._closed = True
            self._gate.wait_for(lambda: self._readers == 0)
            self._close_retired()
        with self.lock:
            self._writer.close()
            self._writer.close_all()
            self._reader.close_all()


def _nothing() -> None:
    """Do nothing: nobody wants to hear of damage."""


def _identity(path: Path | None) -> _Identity | None:
    try:
        facts = os.stat(path) if path is not None else None  # noqa: PTH116 - a third of pathlib's time
    except OSError:
        return None
    return (facts.st_dev, facts.st_ino) if facts else None


def _open_reader(path: Path) -> _Database:
    # On a read-only disk SQLite cannot make the WAL's index; without a WAL it needs none, when told so.
    still = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    name = f"file:{quote(os.fsencode(path))}?mode=ro{'&immutable=1' if still else ''}"
    return _Database(name, pragmas=_READER_PRAGMAS, timeout=BUSY_SECONDS, uri=True, check_same_thread=False)


@contextlib.contextmanager
def index_errors() -> Iterator[None]:
    """Raise `OutOfResources`, or what else is meant, for whatever SQLite refuses inside the block."""
    try:
        yield
    except _ERRORS as error:
        raise _refusal(error) from error


def _cursor(database: peewee.SqliteDatabase) -> sqlite3.Cursor:
    cursor: sqlite3.Cursor = database.cursor()  # type: ignore[no-untyped-call]  # its stubs are silent
    return cursor


def _is_absent(error: Exception) -> bool:
    return "unable to open" in str(error)


def _refusal(error: Exception) -> NoctisError:
    # SQLite rolls back by itself when the disk is full; the rollback that then fails hides what happened.
    first: BaseException = error
    while isinstance(first.__context__, _ERRORS):
        first = first.__context__
    if isinstance(first, _NOT_THE_DISK):
        return CannotRecord("The index does not take a row.")
    text = str(first)
    if "disk I/O" in text:
        return FailingDisk("The disk of the index is failing.")
    if any(said in text for said in _DAMAGED):
        return IndexDamaged(DAMAGED)
    for said, sentence in _SENTENCES.items():
        if said in text:
            return OutOfResources(sentence)
    return OutOfResources(f"The index failed: {text}.")
