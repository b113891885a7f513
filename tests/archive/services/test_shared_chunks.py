from __future__ import annotations

import mmap
import os
import subprocess
import sys

import pytest

from archive.errors import OutOfResources
from archive.services.shared_chunks import _CHUNKS, _SPARE, CHUNK_BYTES, SharedChunks


@pytest.fixture
def chunks():
    chunks = SharedChunks()
    yield chunks
    os.close(chunks.file)


def held_bytes(chunks):
    """Return how much memory the kernel has given for the chunks."""
    return os.fstat(chunks.file).st_blocks * 512


def fill(chunk, byte):
    chunk.memory[:] = byte * CHUNK_BYTES


def test_chunks_lie_apart_where_they_say(chunks):
    taken = [chunks.take() for _ in range(5)]
    for number, chunk in enumerate(taken):
        fill(chunk, bytes([number + 1]))
    with mmap.mmap(chunks.file, 0, prot=mmap.PROT_READ) as as_the_process_sees_it:
        for number, chunk in enumerate(taken):
            seen = as_the_process_sees_it[chunk.start : chunk.start + CHUNK_BYTES]
            assert seen == bytes([number + 1]) * CHUNK_BYTES


def test_what_was_given_back_is_taken_again(chunks):
    first = chunks.take()
    chunks.give_back(first)
    assert chunks.take() is first
    assert chunks.take() is not first


def test_there_are_no_more_chunks_than_there_are(chunks):
    taken = [chunks.take() for _ in range(_CHUNKS)]
    assert len({chunk.start for chunk in taken}) == _CHUNKS
    for _ in range(2):
        with pytest.raises(OutOfResources, match=r"^Too much arrives at once\.$"):
            chunks.take()
    for chunk in taken[:20]:
        chunks.give_back(chunk)
    assert {chunks.take().start for _ in range(20)} == {chunk.start for chunk in taken[:20]}
    with pytest.raises(OutOfResources):
        chunks.take()


def test_memory_is_taken_when_it_is_filled_and_goes_back_beyond_the_spare_chunks(chunks):
    assert held_bytes(chunks) == 0
    taken = [chunks.take() for _ in range(_SPARE + 12)]
    for chunk in taken:
        fill(chunk, b"x")
    assert held_bytes(chunks) >= (_SPARE + 12) * CHUNK_BYTES
    for chunk in taken:
        chunks.give_back(chunk)
    assert 0 < held_bytes(chunks) <= _SPARE * CHUNK_BYTES


def test_a_chunk_whose_memory_went_back_can_be_filled_again(chunks):
    for round_ in (b"a", b"b"):
        taken = [chunks.take() for _ in range(_SPARE + 4)]
        for chunk in taken:
            fill(chunk, round_)
        assert all(chunk.memory == round_ * CHUNK_BYTES for chunk in taken)
        for chunk in taken:
            chunks.give_back(chunk)


LIMITED = """
import resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
from archive.errors import BadInput, OutOfResources
from archive.services.shared_chunks import CHUNK_BYTES, SharedChunks
try:
    chunks, count = SharedChunks(), 0
    while True:
        chunks.take().memory[:] = b"x" * CHUNK_BYTES
        count += 1
except OutOfResources:
    print(count)
except BadInput as error:
    print(error)
"""
NO_ROOM = "The limit on the size of files (ulimit -f) leaves no room to receive."


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (20_000_000, "19"),
        (8 * CHUNK_BYTES, "8"),
        (8 * CHUNK_BYTES - 1, NO_ROOM),
        (0, NO_ROOM),
    ],
)
def test_a_limit_on_the_size_of_files_leaves_fewer_chunks_or_is_said(limit, said):
    command = [sys.executable, "-c", LIMITED, str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (done.stdout.strip(), done.stderr) == (said, "")
