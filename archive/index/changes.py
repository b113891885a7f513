"""The change feed: what a study's row became since a sequence number, for any process, at once.

After each commit the writer sends an empty datagram to every follower's socket in the archive's ``run``
folder; who misses one finds out at the next poll.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from archive.index.models import Counter, QuietStudy, Study, Tombstone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from archive.index.database import Index, Query

_PREFIX = "follower-"


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened up to `sequence`.

    Attributes
    ----------
    study_ids
        Studies that are new, grew or went quiet.
    removed
        Study Instance UIDs that are gone.
    quiet
        Those of `study_ids` that went quiet.
    rebuilt
        The index was made again: every id that was read before means nothing any more.
    """

    sequence: int
    study_ids: tuple[int, ...]
    removed: tuple[str, ...]
    quiet: tuple[int, ...] = ()
    rebuilt: bool = False


class _Layout(Protocol):
    @property
    def run(self) -> Path: ...


class Followed(Protocol):
    """An archive, as far as following it goes."""

    @property
    def index(self) -> Index:
        """The index that changes."""

    @property
    def layout(self) -> _Layout:
        """Where the sockets live."""


def current_sequence(index: Index) -> int:
    """Return the number of the last change."""
    rows = index.rows(Counter.select(Counter.value).where(Counter.name == "change"))
    return int(rows[0][0]) if rows else 0


def changed_since(index: Index, sequence: int) -> Changes:
    """Return what changed after `sequence`."""
    # The bound is read first: a study that changes between the statements gets a number above it.
    last = current_sequence(index)
    if last <= sequence:
        return Changes(last, (), ())
    touched = Study.select(Study.id).where(Study.change_seq.between(sequence + 1, last))
    gone = Tombstone.select(Tombstone.study_uid).where(Tombstone.change_seq.between(sequence + 1, last))
    silent = QuietStudy.select(QuietStudy.study).where(QuietStudy.change_seq.between(sequence + 1, last))
    study_ids = _first_column(index, touched.order_by(Study.change_seq))
    quiet = _first_column(index, silent.order_by(QuietStudy.change_seq))
    return Changes(last, study_ids, _first_column(index, gone), quiet)


def _first_column(index: Index, query: Query) -> tuple[Any, ...]:
    return tuple(row[0] for row in index.rows(query))


async def follow(
    archive: Followed, since: int | None = None, poll_seconds: float = 1.0
) -> AsyncIterator[Changes]:
    """Yield what changes, as it is committed, until cancelled; queries run off the event loop.

    Parameters
    ----------
    since
        The last sequence number already known; None begins with what comes next. When the index has been
        replaced or could not be read, what comes next is told as `rebuilt`.
    poll_seconds
        How long a missed wake-up may stay unnoticed.
    """
    index = archive.index
    with listening(archive.layout.run) as bell:
        generation = index.generation
        sequence = await index.call(current_sequence, index) if since is None else since
        while True:
            changes = await index.call(changed_since, index, sequence)
            if index.generation != generation:
                generation, sequence = index.generation, changes.sequence
                yield Changes(sequence, (), (), rebuilt=True)
            elif changes.sequence > sequence:
                sequence = changes.sequence
                yield changes
            else:
                await rung(bell, poll_seconds)


def wake_followers(run: Path) -> None:
    """Ring every follower's bell; never blocks, never fails."""
    with contextlib.suppress(OSError), _folder(run) as folder, _datagram_socket() as sender:
        for name in os.listdir(folder):  # noqa: PTH208 - by descriptor
            if name.startswith(_PREFIX):
                _ring(sender, folder, name)


def _ring(sender: socket.socket, folder: int, name: str) -> None:
    try:
        sender.sendto(b"", _address(folder, name))
    except ConnectionRefusedError:  # its follower died without unlinking it
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=folder)
    except OSError:
        return  # full: it is awake already


async def rung(bell: socket.socket | None, seconds: float) -> None:
    """Wait until the bell rings, so many seconds at most; what rang before counts."""
    if bell is None:
        await asyncio.sleep(seconds)
        return
    loop = asyncio.get_running_loop()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(loop.sock_recv(bell, 1), seconds)
    with contextlib.suppress(BlockingIOError):
        while True:  # one look at the index answers everything that rang so far
            bell.recv(1)


@contextlib.contextmanager
def listening(run: Path) -> Iterator[socket.socket | None]:
    """Hang up a bell in an archive's run folder; None where that cannot be: who follows polls."""
    with contextlib.ExitStack() as held:
        try:
            folder = held.enter_context(_folder(run))
            bell = held.enter_context(_datagram_socket())
            name = f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
            bell.bind(_address(folder, name))
        except OSError:  # a read-only archive can still be polled
            yield None
            return
        held.callback(_unlink, folder, name)
        yield bell


def _unlink(folder: int, name: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=folder)


@contextlib.contextmanager
def _folder(path: Path) -> Iterator[int]:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


def _datagram_socket() -> socket.socket:
    datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    datagrams.setblocking(False)  # noqa: FBT003 - the socket's own signature
    return datagrams


def _address(folder: int, name: str) -> str:
    # An archive may lie deeper than the 108 bytes of a socket's address; its open folder never does.
    return f"/proc/self/fd/{folder}/{name}"
