"""The receiver's side of the process that writes what arrives (`archive.storage.part_worker`)."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import marshal
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import archive
from archive import errors
from archive.errors import NoctisError, OutOfResources
from archive.services.shared_chunks import SharedChunks
from archive.storage.part_orders import MESSAGE_BYTES, Answer, Order
from archive.storage.part_worker import ENDING_SIGNALS
from archive.storage.placement import Sealed
from archive.storage.spool import next_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.services.shared_chunks import Chunk
    from archive.settings import StorageSettings
    from archive.storage.part_orders import Detail

LOGGER = logging.getLogger(__name__)
_PACKAGES = str(Path(archive.__file__).parents[1])
_BEGIN, _APPEND, _CONFIRM, _SEAL, _DISCARD = map(int, Order)  # marshal writes plain integers only
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from archive.storage.part_worker import main; main(sys.argv[1:])"
)


class PartOwner(Protocol):
    """Who has a part written, and hears on the event loop what becomes of it."""

    def confirmed(self) -> None:
        """All is done that was ordered before a `WritingPart.confirm`."""

    def sealed(self, entry: Sealed) -> None:
        """It is in the journal, and durable if the site wants that."""

    def failed(self, error: NoctisError) -> None:
        """It is gone."""


class PartWriter:
    """Has parts written by another process; to be used on one event loop.

    The process is started when the first part begins, and again after it has died.

    Attributes
    ----------
    chunks
        Where what is to be written must lie.
    """

    def __init__(self, incoming: Path, settings: StorageSettings) -> None:
        self.chunks = SharedChunks()
        self.incoming = incoming
        self._settings = settings
        self._numbers = itertools.count()
        self._open: dict[int, WritingPart] = {}
        self._unsent: deque[bytes] = deque()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._closing = False
        self._at_rest = asyncio.Event()
        self._at_rest.set()

    def start(self) -> None:
        """Start the process, unless it runs.

        Raises
        ------
        OutOfResources
            The machine has no room for it.
        """
        if self._channel:
            return
        try:
            self._channel = self._connected_process()
        except OSError as error:
            sentence = f"The process that writes cannot be started: {error.strerror or error}."
            raise OutOfResources(sentence) from error
        asyncio.get_running_loop().add_reader(self._channel.fileno(), self._hear)

    def _connected_process(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, contextlib.ExitStack() as unless_started:
            unless_started.enter_context(ours)
            ours.settimeout(0)
            files = (theirs.fileno(), self.chunks.file)
            self._process = start_process(files, self._arguments(files))
            unless_started.pop_all()
        return ours

    def _arguments(self, files: tuple[int, int]) -> list[str]:
        storage = self._settings
        durable = "durable" if storage.fsync else "fast"
        minimum = (storage.minimum_free_bytes, storage.minimum_free_percent)
        return [*map(str, files), str(self.incoming), durable, *map(str, minimum)]

    def begin(self, prefix: bytes, owner: PartOwner) -> WritingPart:
        """Begin a part with the bytes before its data set; it is made with its first bytes.

        Raises
        ------
        OutOfResources
            There is no process, and none can be started.
        """
        self.start()
        number = next(self._numbers)
        part = self._open[number] = WritingPart(self, number, prefix, owner)
        self._at_rest.clear()
        return part

    @property
    def stuck_seconds(self) -> float:
        """How long an answer has been waited for, at the worst."""
        since = [part.waiting_since for part in self._open.values() if part.waiting_since is not None]
        return time.monotonic() - min(since) if since else 0.0

    async def close(self) -> None:
        """Wait for what is under way, then for the process to end."""
        await self._at_rest.wait()
        self._closing = True
        if not self._unsent:
            self._say_goodbye()
        if self._process:
            await asyncio.to_thread(self._process.wait)
        self._disconnect()
        self.chunks.close()

    def _say_goodbye(self) -> None:
        if self._channel:
            self._channel.shutdown(socket.SHUT_WR)  # the process ends when it has done what was ordered

    def _disconnect(self) -> None:
        if self._channel:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._channel.fileno())
            loop.remove_writer(self._channel.fileno())
            self._channel.close()
            self._channel = None
            self._unsent.clear()

    # For parts

    def order(self, *orders: tuple[Detail, ...]) -> None:
        """Send orders, or keep them until the process takes more."""
        if not self._channel:
            return  # it has died, and every part that was open has failed
        message = marshal.dumps(orders)
        if not self._unsent and self._sent(message):
            return
        if not self._unsent:
            asyncio.get_running_loop().add_writer(self._channel.fileno(), self._send_on)
        self._unsent.append(message)

    def forget(self, number: int) -> None:
        """Hear nothing more of a part."""
        self._open.pop(number, None)
        if not self._open:
            self._at_rest.set()

    def _send_on(self) -> None:
        while self._unsent and self._sent(self._unsent[0]):
            self._unsent.popleft()
        if not self._unsent and self._channel:
            asyncio.get_running_loop().remove_writer(self._channel.fileno())
            if self._closing:
                self._say_goodbye()

    def _sent(self, message: bytes) -> bool:
        assert self._channel
        try:
            self._channel.send(message)
        except ConnectionError:
            return True  # it has died: reading tells
        except OSError:
            return False  # its buffer is full, or the kernel has no memory for the message yet
        return True

    def _hear(self) -> None:
        try:
            while self._channel:
                self._answered(self._channel.recv(MESSAGE_BYTES))
        except BlockingIOError:
            return
        except OSError:
            self._died()

    def _answered(self, message: bytes) -> None:
        if not message:
            self._died()
            return
        kind, number, *details = marshal.loads(message)  # noqa: S302 - from our own process
        part = self._open.get(number)
        if part:
            part.answered(kind, details)

    def _died(self) -> None:
        """Fail what is under way: its senders come again, and what it left is for the next start to judge."""
        self._disconnect()
        if self._closing:
            return
        LOGGER.critical("The process that writes what arrives has died; another one is started")
        if self._process:
            self._process.wait()
        for part in tuple(self._open.values()):
            part.answered(Answer.FAILED, (OutOfResources.__name__, "The process that writes has died."))


class WritingPart:
    """One part in the hands of the other process.

    Attributes
    ----------
    name
        Of its file in ``incoming``, until it is sealed.
    prefix_size
        Bytes before the data set.
    size
        Bytes of the data set so far.
    waiting_since
        Since when an answer is waited for (monotonic clock, seconds); None when none is.
    """

    def __init__(self, writer: PartWriter, number: int, prefix: bytes, owner: PartOwner) -> None:
        self.name = next_part()
        self.prefix_size = len(prefix)
        self.size = 0
        self.waiting_since: float | None = None
        self._writer = writer
        self._number = number
        self._owner = owner
        self._beginning: tuple[tuple[Detail, ...], ...] = ((_BEGIN, number, self.name, prefix),)
        self._awaited = 0

    def append(self, chunk: Chunk, begin: int, end: int, *, confirm: bool = False) -> None:
        """Have bytes of a chunk written; with `confirm` the owner hears when they are."""
        orders = self._appending(chunk, begin, end)
        if confirm:
            orders = (*orders, (_CONFIRM, self._number))
            self._await()
        self._writer.order(*orders)

    def _appending(self, chunk: Chunk, begin: int, end: int) -> tuple[tuple[Detail, ...], ...]:
        self.size += end - begin
        beginning, self._beginning = self._beginning, ()
        return (*beginning, (_APPEND, self._number, chunk.start + begin, end - begin))

    def confirm(self) -> None:
        """Have the owner told when all is done that was ordered before."""
        self._await()
        self._writer.order((_CONFIRM, self._number))

    def seal(self, chunk: Chunk | None = None, begin: int = 0, end: int = 0) -> None:
        """Have the last bytes written, if there are any, and all put into the journal: it was understood."""
        self._await()
        last = self._appending(chunk, begin, end) if chunk and end > begin else ()
        self._writer.order(*last, (_SEAL, self._number, self.size))

    def discard(self) -> None:
        """Leave no trace of it; its owner hears nothing more."""
        self._writer.order((_DISCARD, self._number))
        self._writer.forget(self._number)

    def _await(self) -> None:
        self._awaited += 1
        if self.waiting_since is None:
            self.waiting_since = time.monotonic()

    def answered(self, kind: int, details: Sequence[Detail]) -> None:
        """Pass an answer on to the owner."""
        self._awaited -= 1
        self.waiting_since = time.monotonic() if self._awaited else None
        if kind == Answer.CONFIRMED:
            self._owner.confirmed()
            return
        self._writer.forget(self._number)
        if kind == Answer.SEALED:
            self._owner.sealed(_entry(*details))
        else:
            self._owner.failed(_error(*details))


def start_process(files: Sequence[int], arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the process that writes, with these descriptors of ours.

    Raises
    ------
    OSError
        There is no memory for it, or there are too many processes.
    """
    # Until the process ignores them itself, what tells a whole group to stop must not stop it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
    try:
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", "-c", _START, _PACKAGES, str(os.getpid()), *arguments],
            pass_fds=files,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # ours ends with us, for whoever reads it
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _entry(*details: Detail) -> Sealed:
    name, digest, size_bytes, is_journalled = details
    assert isinstance(name, str)
    assert isinstance(digest, bytes)
    assert isinstance(size_bytes, int)
    return Sealed(name, digest, size_bytes, bool(is_journalled))


def _error(*details: Detail) -> NoctisError:
    name, sentence = details
    error: NoctisError = getattr(errors, str(name))(sentence)
    return error
