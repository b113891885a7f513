"""Parts that arrive, in chunks their owner fills, and the process that writes them: for tests."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

from archive.services.shared_chunks import CHUNK_BYTES

PREFIX = b"preamble and file meta"
CONFIRMED = "confirmed"
NO_RESERVE = {"minimum_free_bytes": 0, "minimum_free_percent": 0}
CONTENT = random.Random(1).randbytes(6 * CHUNK_BYTES)


class Arriving:
    """A part and its owner, who fills chunks of its own.

    `heard` has what was not waited for yet; `log` may be shared by several and has (part, what it heard).
    """

    def __init__(self, writer, log=None):
        self.writer = writer
        self.log = [] if log is None else log
        self.heard = asyncio.Queue()
        self.part = writer.begin(PREFIX, self)
        self.path = writer.incoming / self.part.name
        self._chunk, self._filled = None, CHUNK_BYTES

    def send(self, data, *, confirm=False):
        data = memoryview(data)
        while data:
            if self._filled == CHUNK_BYTES:
                self._chunk, self._filled = self.writer.chunks.take(), 0
            begin, end = self._filled, min(CHUNK_BYTES, self._filled + len(data))
            self._chunk.memory[begin:end] = data[: end - begin]
            self.part.append(self._chunk, begin, end, confirm=confirm)
            data, self._filled = data[end - begin :], end

    def _hear(self, what):
        self.log.append((self, what))
        self.heard.put_nowait(what)

    def confirmed(self):
        self._hear(CONFIRMED)

    def sealed(self, entry):
        self._hear(entry)

    def failed(self, error):
        self._hear(error)

    async def hears(self):
        return await asyncio.wait_for(self.heard.get(), 20)


def stop(writer):
    """Stop the process and return when it has stopped."""
    os.kill(writer._process.pid, signal.SIGSTOP)
    while state_of(writer._process.pid) != "T":
        time.sleep(0.001)


def go_on(writer):
    os.kill(writer._process.pid, signal.SIGCONT)


def state_of(process):
    """Return the kernel's letter for what a process does, "" when there is no such process."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    return ""


def left_in(writer):
    return sorted(path.name for path in writer.incoming.iterdir())


async def assert_sealed(arriving, data):
    entry = await arriving.hears()
    file = arriving.writer.incoming / entry.name
    assert file.read_bytes() == PREFIX + data
    assert entry.digest == hashlib.sha256(data).digest()[:16]
    assert entry.size_bytes == len(PREFIX) + len(data)
    assert arriving.heard.empty()


async def stored(writer, data=b"the next one"):
    """Send a whole part and see that it is kept."""
    arriving = Arriving(writer)
    arriving.send(data)
    arriving.part.seal()
    await assert_sealed(arriving, data)
