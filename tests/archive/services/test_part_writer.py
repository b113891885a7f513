"""Parts that a process writes, as the receiver has to do with them: a real process in every test."""

from __future__ import annotations

import asyncio
import errno
import os
import resource

import pytest
from arriving_parts import (
    CONFIRMED,
    CONTENT,
    NO_RESERVE,
    PREFIX,
    Arriving,
    assert_sealed,
    go_on,
    left_in,
    stop,
    stored,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import FailingDisk, OutOfResources
from archive.services.part_writer import PartWriter
from archive.services.shared_chunks import CHUNK_BYTES
from archive.settings import StorageSettings


@pytest.mark.parametrize("fsync", [True, False], ids=["durable", "fast"])
async def test_what_is_sealed_has_the_bytes_digest_and_size_of_what_was_sent(start_writer, fsync):
    writer = start_writer(fsync=fsync)
    for size in (1, 700, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, len(CONTENT)):
        await stored(writer, CONTENT[-size:])
    assert len(left_in(writer)) == 6


def test_pieces_of_any_size_are_written_in_their_order(tmp_path):
    with asyncio.Runner() as runner:

        async def writer():
            return PartWriter(tmp_path, StorageSettings(**NO_RESERVE, fsync=False))

        writer = runner.run(writer())

        async def sent(sizes):
            arriving, position = Arriving(writer), 0
            taken = len(writer.chunks._empty)
            for size in sizes:
                arriving.send(CONTENT[position : position + size])
                position += size
            arriving.part.seal()
            await assert_sealed(arriving, CONTENT[:position])
            return taken

        @settings(max_examples=40)
        @given(st.lists(st.integers(1, 400_000) | st.just(CHUNK_BYTES) | st.integers(1, 9), max_size=6))
        def example(sizes):
            if sizes:
                runner.run(sent(sizes))

        example()
        runner.run(writer.close())


async def test_a_confirmation_comes_when_all_before_it_is_written_and_in_the_order_asked_for(writer):
    log = []
    first, second = Arriving(writer, log), Arriving(writer, log)
    stop(writer)
    first.send(b"a" * 1_000)
    second.send(b"b", confirm=True)
    first.part.confirm()
    first.send(b"c" * 500, confirm=True)
    second.part.confirm()
    assert first.heard.empty()
    go_on(writer)
    await first.hears()
    assert len(first.path.read_bytes()) >= len(PREFIX) + 1_000
    for owner in (first, second, second):
        await owner.hears()
    assert log == [(second, CONFIRMED), (first, CONFIRMED), (first, CONFIRMED), (second, CONFIRMED)]
    assert first.path.read_bytes() == PREFIX + b"a" * 1_000 + b"c" * 500
    assert second.path.read_bytes() == PREFIX + b"b"


async def test_a_part_is_there_with_its_prefix_from_its_first_bytes_on(writer):
    arriving = Arriving(writer)
    arriving.send(b"x", confirm=True)
    assert await arriving.hears() == CONFIRMED
    assert arriving.path.read_bytes() == PREFIX + b"x"
    assert arriving.path.stat().st_mode & 0o777 == 0o600
    assert (arriving.part.prefix_size, arriving.part.size) == (len(PREFIX), 1)


async def test_a_discarded_part_leaves_nothing_and_its_owner_hears_nothing(writer):
    untouched, begun, asked = (Arriving(writer) for _ in range(3))
    begun.send(CONTENT)
    asked.send(b"x", confirm=True)
    asked.part.seal()
    for each in (untouched, begun, asked):
        each.part.discard()
    await stored(writer)
    assert len(left_in(writer)) <= 2  # who had it sealed may leave an entry, if the process was faster
    assert not [name for name in left_in(writer) if name.endswith(".part")]
    assert all(each.heard.empty() for each in (untouched, begun, asked))
    assert writer.stuck_seconds == 0


async def test_orders_beyond_what_the_socket_takes_arrive_in_their_order(writer):
    stop(writer)
    sent = [Arriving(writer) for _ in range(3)]
    for number in range(9_000):
        sent[number % 3].send(b"%07d," % number)
    assert len(writer._unsent) > 5_000
    for each in sent:
        each.part.seal()
    go_on(writer)
    for first, each in enumerate(sent):
        await assert_sealed(each, b"".join(b"%07d," % number for number in range(first, 9_000, 3)))
    assert not writer._unsent
    await stored(writer)


async def test_an_order_for_which_the_kernel_has_no_memory_just_now_is_not_lost(writer):
    class Short:
        """The channel, where every third order finds no memory."""

        def __init__(self, channel):
            self._channel, self._calls = channel, 0

        def send(self, message):
            self._calls += 1
            if self._calls % 3 == 2:
                raise OSError(errno.ENOBUFS, "No buffer space available")
            return self._channel.send(message)

        def __getattr__(self, name):
            return getattr(self._channel, name)

    writer._channel = Short(writer._channel)
    await stored(writer, CONTENT)


async def test_a_folder_that_is_gone_is_said_while_the_process_runs_and_when_it_starts(writer):
    sentence = "The archive cannot be written to: No such file or directory."
    await stored(writer)
    (file,) = writer.incoming.iterdir()
    file.unlink()
    writer.incoming.rmdir()
    for kill in (False, True):
        if kill:
            writer._process.kill()
            assert "died" in str(await Arriving(writer).hears())
        arriving = Arriving(writer)
        arriving.send(b"x")
        arriving.part.seal()
        error = await arriving.hears()
        assert (type(error), str(error)) == (OutOfResources, sentence)
    writer.incoming.mkdir()
    await stored(writer)


async def test_a_folder_that_may_not_be_written_to_is_said(writer):
    arriving = Arriving(writer)
    writer.incoming.chmod(0o500)
    if os.access(writer.incoming, os.W_OK):  # root may do everything
        writer.incoming.rmdir()
        writer.incoming.symlink_to(writer.incoming.parent)
    arriving.send(b"x")
    error = await arriving.hears()
    assert type(error) is OutOfResources
    assert str(error).startswith("The archive cannot be written to: ")


@pytest.mark.parametrize(
    ("limit", "value", "sentence"),
    [
        (resource.RLIMIT_FSIZE, 100_000, "The archive's disk is full."),
        (resource.RLIMIT_NOFILE, 3, "The archive cannot be written to: Too many open files."),
    ],
    ids=["full", "descriptors"],
)
async def test_what_the_disk_refuses_is_said_once_and_leaves_nothing(writer, limit, value, sentence):
    await stored(writer)
    (kept,) = left_in(writer)
    _, hard = before = resource.prlimit(writer._process.pid, limit)
    resource.prlimit(writer._process.pid, limit, (value, hard))
    arriving = Arriving(writer)
    arriving.send(CONTENT, confirm=True)
    arriving.part.seal()
    error = await arriving.hears()
    assert (type(error), str(error)) == (OutOfResources, sentence)
    resource.prlimit(writer._process.pid, limit, before)
    process = writer._process.pid
    await stored(writer)
    assert writer._process.pid == process
    assert arriving.heard.empty()
    assert len(left_in(writer)) == 2
    assert kept in left_in(writer)


async def test_a_disk_that_is_nearly_full_is_said(start_writer):
    writer = start_writer(minimum_free_bytes=2**62)
    arriving = Arriving(writer)
    arriving.send(b"x")
    error = await arriving.hears()
    assert (type(error), str(error)) == (OutOfResources, "The archive's disk is nearly full.")
    assert not left_in(writer)


async def test_a_part_that_cannot_be_sealed_fails(writer):
    arriving = Arriving(writer)
    arriving.send(b"x", confirm=True)
    await arriving.hears()
    arriving.path.unlink()
    arriving.part.seal()
    error = await arriving.hears()
    assert isinstance(error, OutOfResources)
    assert not isinstance(error, FailingDisk)
    await stored(writer)


async def test_the_shared_memory_is_closed_at_the_end(writer):
    file = writer.chunks.file
    await stored(writer)
    await writer.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(file)
