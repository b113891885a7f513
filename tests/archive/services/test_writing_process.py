"""The life of the process that writes: killed, not to be started, stopped, orphaned, closed."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from arriving_parts import CONFIRMED, CONTENT, Arriving, assert_sealed, go_on, left_in, state_of, stop, stored

from archive.errors import OutOfResources
from archive.services import part_writer
from archive.services.part_writer import PartWriter
from archive.settings import StorageSettings


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


async def test_a_process_that_is_idle_dead_or_was_never_started_can_be_closed(start_writer, tmp_path, caplog):
    await asyncio.wait_for(PartWriter(tmp_path, StorageSettings()).close(), 10)
    idle, dead = start_writer(), start_writer()
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


async def test_a_part_fails_when_what_seals_it_meets_what_nobody_foresaw(start_writer, monkeypatch, capfd):
    broken = "from archive.storage.spool import Part; Part.seal = None; main("
    monkeypatch.setattr(part_writer, "_START", part_writer._START.replace("main(", broken))
    writer = start_writer(fsync=True)
    arriving = Arriving(writer)
    arriving.send(b"data")
    arriving.part.seal()
    assert isinstance(await arriving.hears(), OutOfResources)
    assert "TypeError" in capfd.readouterr().err
    monkeypatch.undo()
    await stored(writer)
