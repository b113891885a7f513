"""The process that writes, as the receiver has to do with it: a real one in every test."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import FailingDisk, OutOfResources
from archive.services import part_writer
from archive.services.part_writer import PartWriter
from archive.services.shared_chunks import CHUNK_BYTES
from archive.settings import StorageSettings

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


@pytest.fixture
async def start(tmp_path):
    """Start a writer in a folder of its own, with its process; what still runs at the end is killed."""
    writers, numbers = [], count()

    def start(**changed):
        incoming = tmp_path / f"archive {next(numbers)}" / "incoming"
        incoming.mkdir(parents=True)
        writers.append(PartWriter(incoming, StorageSettings(**(NO_RESERVE | changed))))
        writers[-1].start()
        return writers[-1]

    yield start
    for writer in writers:
        if writer._process:
            writer._process.kill()
            writer._process.wait()
        writer._disconnect()


@pytest.fixture
async def writer(start):
    return start()


@pytest.mark.parametrize("fsync", [True, False], ids=["durable", "fast"])
async def test_what_is_sealed_has_the_bytes_digest_and_size_of_what_was_sent(start, fsync):
    writer = start(fsync=fsync)
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


async def test_every_open_part_fails_once_when_the_process_is_killed(writer, caplog):
    log = []
    sent = [Arriving(writer, log) for _ in range(4)]
    begun, waiting, unsent = sent[1:]
    begun.send(b"x")
    stop(writer)
    waiting.send(b"x", confirm=True)
    waiting.part.confirm()
    waiting.part.seal()
    for _ in range(2_000):
        unsent.send(b"x")
    killed = writer._process
    killed.kill()
    for each in sent:
        error = await each.hears()
        assert type(error) is OutOfResources
        assert str(error) == "The process that writes has died."
    begun.send(b"what its sender still sends")
    begun.part.discard()
    assert killed.returncode == -signal.SIGKILL
    await stored(writer)
    assert writer._process.pid != killed.pid
    assert len(log) == len(sent)
    assert writer.stuck_seconds == 0
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]


async def test_the_process_dies_between_two_parts_and_the_next_is_written_by_another(writer):
    for _ in range(3):
        await stored(writer)
        writer._process.kill()
        async with asyncio.timeout(10):
            while writer._channel:  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.001)
    assert len(left_in(writer)) == 3


async def test_what_a_part_orders_that_was_not_begun_yet_when_the_process_died_goes_nowhere(writer):
    killed, arriving = writer._process, Arriving(writer)
    killed.kill()
    killed.wait()
    arriving.send(b"x", confirm=True)  # nobody has heard of the death
    assert isinstance(await arriving.hears(), OutOfResources)
    await stored(writer)


async def test_a_process_that_cannot_be_started_is_out_of_resources_until_it_can(writer, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    writer._process.kill()
    opened = Arriving(writer)
    assert isinstance(await opened.hears(), OutOfResources)
    with monkeypatch.context() as patch:
        patch.setattr(part_writer, "start_process", refuse)
        with pytest.raises(OutOfResources, match=r"cannot be started: Resource temporarily unavailable\.$"):
            Arriving(writer)
    await stored(writer)
    await asyncio.wait_for(writer.close(), 10)


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


async def test_a_disk_that_is_nearly_full_is_said(start):
    writer = start(minimum_free_bytes=2**62)
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


async def test_close_waits_for_what_is_under_way_and_ends_the_process(writer):
    process, arriving = writer._process, Arriving(writer)
    stop(writer)
    arriving.send(CONTENT)
    for _ in range(3_000):
        arriving.send(b"more")
    arriving.part.seal()
    closing = asyncio.create_task(writer.close())
    await asyncio.sleep(0.02)
    assert not closing.done()
    go_on(writer)
    await asyncio.wait_for(closing, 20)
    await assert_sealed(arriving, CONTENT + b"more" * 3_000)
    assert process.returncode == 0


async def test_close_has_what_was_discarded_but_not_sent_yet_discarded_too(writer):
    process, arriving = writer._process, Arriving(writer)
    stop(writer)
    for _ in range(3_000):
        arriving.send(b"x")
    arriving.part.discard()
    closing = asyncio.create_task(writer.close())
    await asyncio.sleep(0)
    assert writer._unsent
    go_on(writer)
    await asyncio.wait_for(closing, 20)
    assert process.returncode == 0
    assert not left_in(writer)


async def test_a_process_that_is_idle_dead_or_was_never_started_can_be_closed(start, tmp_path, caplog):
    await asyncio.wait_for(PartWriter(tmp_path, StorageSettings()).close(), 10)
    idle, dead = start(), start()
    dead._process.kill()
    for writer in (idle, dead):
        await asyncio.wait_for(writer.close(), 10)
    assert idle._process.returncode == 0


ORPHAN = """
import asyncio, os, pathlib, signal, sys
from archive.services.part_writer import PartWriter
from archive.settings import StorageSettings

class Owner:
    def confirmed(self):
        die()

def die():
    writing = writer._process.pid
    if at_once == "running":
        os.kill(writing, signal.SIGSTOP)
    for number in range(100):
        part.append(chunk, 10, 20)
    part.seal()
    print(writing, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    global writer, part, chunk
    settings = StorageSettings(minimum_free_bytes=0, minimum_free_percent=0)
    writer = PartWriter(pathlib.Path(incoming), settings)
    part = writer.begin(b"prefix", Owner())
    chunk = writer.chunks.take()
    part.append(chunk, 0, 10, confirm=True)
    if at_once == "starting":
        die()
    await asyncio.sleep(60)

incoming, at_once = sys.argv[1:]
asyncio.run(main())
"""


@pytest.mark.parametrize(("when", "left"), [("running", [16]), ("starting", [])])
def test_the_process_ends_with_its_parent_and_carries_out_nothing_more(tmp_path, when, left):
    command = [sys.executable, "-c", ORPHAN, tmp_path, when]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        process = int(parent.stdout.readline())
        assert parent.wait(20) == -signal.SIGKILL
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGCONT)
    deadline = time.monotonic() + 20
    while state_of(process) not in {"", "Z"}:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert [path.stat().st_size for path in tmp_path.iterdir()] == left
    assert all(path.suffix == ".part" for path in tmp_path.iterdir())


async def test_signals_that_end_the_receiver_leave_the_process_to_it(writer):
    process = writer._process.pid
    await stored(writer)
    arriving = Arriving(writer)
    arriving.send(b"before ")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(process, number)
    arriving.send(b"and after")
    arriving.part.seal()
    await assert_sealed(arriving, b"before and after")
    await stored(writer)
    assert writer._process.pid == process


async def test_an_answer_that_does_not_come_is_counted_until_it_comes(writer):
    arriving, other = Arriving(writer), Arriving(writer)
    other.send(b"nothing is asked for")
    assert writer.stuck_seconds == 0
    stop(writer)
    arriving.send(b"x", confirm=True)
    arriving.part.confirm()
    seen = [writer.stuck_seconds]
    async with asyncio.timeout(10):
        while len(seen) < 5:
            await asyncio.sleep(0.005)
            seen.append(writer.stuck_seconds)
    assert seen == sorted(set(seen))
    go_on(writer)
    assert [await arriving.hears(), await arriving.hears()] == [CONFIRMED] * 2
    assert writer.stuck_seconds == 0
    arriving.part.seal()
    await assert_sealed(arriving, b"x")
    assert writer.stuck_seconds == 0


async def test_a_part_fails_when_what_seals_it_meets_what_nobody_foresaw(start, monkeypatch, capfd):
    broken = "from archive.storage.spool import Part; Part.seal = None; main("
    monkeypatch.setattr(part_writer, "_START", part_writer._START.replace("main(", broken))
    writer = start(fsync=True)
    arriving = Arriving(writer)
    arriving.send(b"data")
    arriving.part.seal()
    assert isinstance(await arriving.hears(), OutOfResources)
    assert "TypeError" in capfd.readouterr().err
    monkeypatch.undo()
    await stored(writer)


async def test_the_shared_memory_is_closed_at_the_end(writer):
    file = writer.chunks.file
    await stored(writer)
    await writer.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(file)
