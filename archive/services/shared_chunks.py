"""Memory that the receiver shares with the process that writes: what a peer sends is copied there once."""

from __future__ import annotations

import mmap
import os
import resource
import tempfile
from dataclasses import dataclass

from archive.errors import BadInput, OutOfResources

CHUNK_BYTES = 1 << 20
"""How much of a data set lies in memory in one piece: most images do whole."""
_CHUNKS = 2_048
"""As many as there are; the kernel finds memory for one when it is filled."""
_FEWEST_CHUNKS = 8
_SPARE = 8
"""How many keep their memory for the next instances."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """`CHUNK_BYTES` of the shared memory, from `start` on."""

    start: int
    memory: memoryview


class SharedChunks:
    """Chunks to fill on the event loop.

    Attributes
    ----------
    file
        Descriptor of the memory, for the other process.

    Raises
    ------
    BadInput
        The machine gives no shared memory.
    """

    def __init__(self) -> None:
        size = _permitted_bytes(_CHUNKS * CHUNK_BYTES)
        if size < _FEWEST_CHUNKS * CHUNK_BYTES:
            raise BadInput("The limit on the size of files (ulimit -f) leaves no room to receive.")
        try:
            self.file = _shared_memory(size)
            self._map = mmap.mmap(self.file, size)
        except OSError as error:
            raise BadInput(f"No memory can be shared with the process that writes: {error}.") from error
        memory = memoryview(self._map)
        starts = range(0, size, CHUNK_BYTES)
        self._empty = [Chunk(start, memory[start : start + CHUNK_BYTES]) for start in reversed(starts)]
        self._spare: list[Chunk] = []

    def take(self) -> Chunk:
        """Return a chunk that nobody else has.

        Raises
        ------
        OutOfResources
            There is none left.
        """
        if self._spare:
            return self._spare.pop()
        if not self._empty:
            raise OutOfResources("Too much arrives at once.")
        return self._empty.pop()

    def give_back(self, chunk: Chunk) -> None:
        """Take back a chunk of which nothing is needed any more."""
        if len(self._spare) < _SPARE:
            self._spare.append(chunk)
            return
        if hasattr(mmap, "MADV_REMOVE"):
            self._map.madvise(mmap.MADV_REMOVE, chunk.start, CHUNK_BYTES)
        self._empty.append(chunk)

    def close(self) -> None:
        """Close the descriptor; the memory goes with the last who knows of a chunk."""
        file, self.file = self.file, -1
        if file >= 0:
            os.close(file)


def _permitted_bytes(wanted: int) -> int:
    """Return how large a file may be, at most `wanted`, in whole chunks: shared memory is one, too."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    permitted = wanted if limit == resource.RLIM_INFINITY else min(wanted, limit)
    return permitted // CHUNK_BYTES * CHUNK_BYTES


def _shared_memory(size: int) -> int:
    """Return the descriptor of a file that only lives in memory, and has no name."""
    file = os.memfd_create("noctis-arriving") if hasattr(os, "memfd_create") else _nameless_file()
    os.ftruncate(file, size)
    return file


def _nameless_file() -> int:
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
