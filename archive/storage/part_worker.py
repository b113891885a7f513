"""The process that writes, hashes and syncs what arrives, so that the receiver never waits for the disk.

It takes orders through a socket and bytes from shared memory, imports next to nothing, and ends when the
receiver does: what it was at is a part or a journal entry then, as after any crash.
"""

from __future__ import annotations

import marshal
import mmap
import os
import signal
import socket
import sys
import threading
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, NoReturn

from archive.errors import CannotRecord, NoctisError
from archive.storage.files import require_free_space
from archive.storage.folder_sync import FolderSync
from archive.storage.part_orders import MESSAGE_BYTES, Answer, Order
from archive.storage.spool import Folder, Part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.storage.part_orders import Detail

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Meant for the receiver, which finishes what is under way."""
_SYNCERS = 8
"""How many parts are synced at once; the disk merges what waits together."""
_ASIDE_BYTES = 65_536
"""Fewer are hashed sooner than another thread would have begun."""


class PartWorker:
    """Carries out orders, one after the other; hashing and syncing are left to other threads.

    Parameters
    ----------
    channel
        Where the orders come from, with message boundaries; answers go back there.
    memory
        Where the bytes of `Order.APPEND` lie.
    durable
        Whether a part's bytes are synced before its answer (settings.storage.fsync).
    minimum_free
        Bytes and percent below which a part is refused.
    """

    def __init__(
        self,
        channel: socket.socket,
        memory: memoryview,
        incoming: Path,
        *,
        durable: bool,
        minimum_free: tuple[int, float],
    ) -> None:
        self._channel = channel
        self._memory = memory
        self._incoming = incoming
        self._folder: Folder | None = None
        self._names: FolderSync | None = None
        self._durable = durable
        self._minimum_free = minimum_free
        self._parts: dict[int, Part] = {}
        self._hashed_aside: set[int] = set()
        self._aside: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._to_seal: SimpleQueue[tuple[int, Part]] = SimpleQueue()
        threading.Thread(target=self._hash_aside, daemon=True).start()
        for _ in range(_SYNCERS if durable else 0):
            threading.Thread(target=self._seal_waiting, daemon=True).start()

    def serve(self, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Carry out orders until nobody sends any more, or `is_wanted` says that nobody hears of it."""
        while (message := self._channel.recv(MESSAGE_BYTES)) and is_wanted():
            for kind, number, *details in marshal.loads(message):  # noqa: S302 - from our own process
                self._carry_out(kind, number, details)

    def _carry_out(self, kind: int, number: int, details: Sequence[Detail]) -> None:
        try:
            _STEPS[kind](self, number, *details)
        except NoctisError as error:
            self._fail(number, self._forget(number), error)

    def _begin(self, number: int, name: str, prefix: bytes) -> None:
        require_free_space(self._incoming.parent, *self._minimum_free)
        self._parts[number] = Part(self._folder or self._open_folder(), prefix, name)

    def _open_folder(self) -> Folder:
        self._folder = Folder(self._incoming)
        self._names = FolderSync(self._folder) if self._durable else None
        return self._folder

    def _append(self, number: int, start: int, length: int) -> None:
        part = self._parts.get(number)
        if not part:
            return  # it has failed, and its sender has not heard of it yet
        data = self._memory[start : start + length]
        if length >= _ASIDE_BYTES:
            self._hashed_aside.add(number)
        self._when_hashed(number, partial(part.digest_next, data))
        part.append(data)
        if self._durable:
            part.begin_writeback()

    def _confirm(self, number: int) -> None:
        if number in self._parts:
            self._when_hashed(number, partial(self._answer, Answer.CONFIRMED, number))

    def _seal(self, number: int, size: int) -> None:
        part = self._parts.get(number)
        if not part:
            return
        if part.size != size:
            raise CannotRecord("What was written is not what came.")
        # Syncing waits for the disk, and others are written meanwhile.
        seal = (
            partial(self._to_seal.put, (number, part))
            if self._durable
            else partial(self._seal_now, number, part)
        )
        self._when_hashed(number, seal)
        self._forget(number)

    def _when_hashed(self, number: int, step: Callable[[], None]) -> None:
        """Take a step after all of a part's bytes that were hashed aside; now, if none were."""
        if number in self._hashed_aside:
            self._aside.put(step)
        else:
            step()

    def _hash_aside(self) -> None:
        while True:
            self._aside.get()()

    def _forget(self, number: int) -> Part | None:
        self._hashed_aside.discard(number)
        return self._parts.pop(number, None)

    def _seal_waiting(self) -> None:
        while True:
            self._seal_now(*self._to_seal.get())

    def _seal_now(self, number: int, part: Part) -> None:
        size, digest = part.file_size, part.digest
        try:
            name = part.seal(durable=self._durable, names=self._names)
        except NoctisError as error:
            self._fail(number, part, error)
        else:
            self._answer(Answer.SEALED, number, name, digest, size, int(self._durable))

    def _discard(self, number: int) -> None:
        part = self._forget(number)
        if part:
            part.discard()

    def _fail(self, number: int, part: Part | None, error: NoctisError) -> None:
        if part:
            part.discard()
        self._answer(Answer.FAILED, number, type(error).__name__, str(error))

    def _answer(self, kind: Answer, number: int, *details: Detail) -> None:
        self._channel.send(marshal.dumps((int(kind), number, *details)))


_STEPS: dict[int, Callable[..., None]] = {
    Order.BEGIN: PartWorker._begin,  # noqa: SLF001 - its own steps
    Order.APPEND: PartWorker._append,  # noqa: SLF001
    Order.CONFIRM: PartWorker._confirm,  # noqa: SLF001
    Order.SEAL: PartWorker._seal,  # noqa: SLF001
    Order.DISCARD: PartWorker._discard,  # noqa: SLF001
}


def serve(arguments: Sequence[str], is_wanted: Callable[[], bool] = lambda: True) -> None:
    """Serve the receiver that gave these arguments.

    Parameters
    ----------
    arguments
        Descriptors of the socket and of the shared memory; the folder ``incoming``; "durable" or not;
        the minimum of free bytes and of free percent.
    """
    channel, memory, incoming, durable, free_bytes, free_percent = arguments
    worker = PartWorker(
        socket.socket(fileno=int(channel)),
        memoryview(mmap.mmap(int(memory), 0)),
        Path(incoming),
        durable=durable == "durable",
        minimum_free=(int(free_bytes), float(free_percent)),
    )
    worker.serve(is_wanted)


def main(arguments: Sequence[str]) -> None:
    """Be the process: signals are the receiver's, which finishes what is under way.

    Parameters
    ----------
    arguments
        The receiver's process id, then what `serve` takes.
    """
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    threading.excepthook = _end_of_thread
    parent = int(arguments[0])  # who that is now would not tell: the receiver may have died meanwhile
    try:
        serve(arguments[1:], lambda: os.getppid() == parent)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the end
        _end(error)
    _end(None)


def _end_of_thread(ended: threading.ExceptHookArgs) -> None:
    _end(ended.exc_value)  # what it was at would be waited for in vain


def _end(error: BaseException | None) -> NoReturn:
    """End at once; parts that are open stay as they are."""
    if error and not isinstance(error, ConnectionError):  # that one: nobody is there to hear an answer
        sys.excepthook(type(error), error, error.__traceback__)
    sys.stderr.flush()
    os._exit(1 if error else 0)
