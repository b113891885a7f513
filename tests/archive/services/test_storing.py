"""One C-STORE and its chunks: sizes around them, long headers, and what holds peers back."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from data_sets import BIG_ENDIAN, EXPLICIT, element, smallest
from raw_peer import ASSOCIATE_AC, CT, RawPeer, store_request
from running_receiver import emptied, store, talk, until, writing_process
from senders import Sent, data_set_bytes, instance

from archive.services import part_writer, storing
from archive.services.shared_chunks import CHUNK_BYTES

LONG_HEADER = {"TextValue": "c" * 80_000}


def of_size(size, **attributes):
    """Return an instance whose data set has so many bytes; the last one is odd if they are."""
    sent = instance("1.2", "1.2.3", "1.2.3.4", pixel_bytes=2_048, **attributes)
    before = sent.data_set[:-2_052]
    pixels = size - len(before) - 4
    assert before.endswith(b"\xe0\x7f\x10\x00")
    return replace(sent, data_set=before + pixels.to_bytes(4, "little") + os.urandom(pixels))


def taken(running):
    """Return how many chunks are not there to be taken."""
    chunks = running.receiver._writer.chunks
    return len(chunks._map) // CHUNK_BYTES - len(chunks._spare) - len(chunks._empty)


def associations(running):
    return running.receiver._listener.associations


@contextmanager
def stopped(running):
    """Stop the process that writes; it goes on in the end."""
    process = writing_process(running)
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@pytest.fixture
def readers(monkeypatch):
    """Names of the threads in which headers are read."""
    parse, names = storing.parse_data_set, []

    def noticed(*arguments):
        names.append(threading.current_thread().name.partition("_")[0])
        return parse(*arguments)

    monkeypatch.setattr(storing, "parse_data_set", noticed)
    return names


async def assert_kept(running, sent):
    (row,) = running.instances()
    assert row.sop_instance_uid == sent.sop_uid
    assert data_set_bytes(row.path) == sent.data_set
    await emptied(running)
    assert not taken(running)


@pytest.mark.parametrize(
    ("size", "reader"),
    [
        (CHUNK_BYTES - 1, "MainThread"),
        (CHUNK_BYTES, "read"),
        (CHUNK_BYTES + 1, "read"),
        (2 * CHUNK_BYTES, "read"),
        (2 * CHUNK_BYTES + 1, "read"),
        (3 * CHUNK_BYTES, "read"),
    ],
)
async def test_an_instance_that_just_fits_its_chunks_is_kept_whole(start, readers, size, reader):
    running, sent = await start(), of_size(size)
    assert len(sent.data_set) == size
    assert await store(running, sent) == [0]
    assert readers == [reader]
    await assert_kept(running, sent)


@pytest.mark.parametrize("size", [150_000, 5 * CHUNK_BYTES])
async def test_a_long_header_is_read_in_another_thread(start, readers, size):
    running, sent = await start(), of_size(size, **LONG_HEADER)
    assert await store(running, sent) == [0]
    assert readers == ["read"]
    await assert_kept(running, sent)


@pytest.mark.parametrize("pixels", [2_000, 200_000, 3 * CHUNK_BYTES])
@pytest.mark.parametrize(
    ("syntax", "order"), [(BIG_ENDIAN, ">"), (EXPLICIT, "<")], ids=["big endian", "explicit"]
)
async def test_other_encodings_are_kept_whole(start, syntax, order, pixels):
    running = await start()
    data_set = smallest(order=order) + element(0x7FE00010, b"OW", os.urandom(pixels), order=order)
    sent = Sent("1.2", "1.2.4", "1.2.3", data_set)

    def conversation(peer):
        assert peer.associate(contexts=((1, CT, (syntax,)),)) == ASSOCIATE_AC
        return peer.store(sent.sop_uid, sent.data_set)

    assert await talk(running, conversation) == 0
    assert running.instances()[0].transfer_syntax_uid == syntax
    await assert_kept(running, sent)


@pytest.mark.parametrize("size", [150_000, CHUNK_BYTES, 5 * CHUNK_BYTES - 7])
@pytest.mark.parametrize("attributes", [{}, LONG_HEADER], ids=["short", "long"])
async def test_a_large_instance_of_another_command_is_in_quarantine_whole(start, size, attributes):
    running, sent = await start(), of_size(size, **attributes)
    assert await store(running, replace(sent, sop_uid="1.2.3.9")) == [0xA900]
    (kept,) = running.archive.layout.quarantine.glob("*.dcm")
    assert data_set_bytes(kept) == sent.data_set
    assert not running.instances()
    await emptied(running)
    await until(lambda: not taken(running))


@pytest.mark.parametrize("size", [150_000, CHUNK_BYTES, 3 * CHUNK_BYTES + 5])
@pytest.mark.parametrize("attributes", [{}, LONG_HEADER], ids=["short", "long"])
async def test_a_large_instance_that_is_cut_short_is_refused_and_leaves_nothing(start, size, attributes):
    running, sent = await start(), of_size(size, **attributes)
    cut = replace(sent, data_set=sent.data_set[:-3])
    assert await store(running, cut, sent) == [0xC000, 0]
    await assert_kept(running, sent)


async def test_peers_are_held_back_while_the_process_is_stopped_and_let_go_afterwards(start):
    running = await start()
    sent = [instance("1.2", "1.2.3", pixel_bytes=6 * CHUNK_BYTES) for _ in range(3)]
    with stopped(running):
        sending = [asyncio.create_task(store(running, each)) for each in sent]
        await until(
            lambda: len(associations(running)) == 3 and all(each._holds for each in associations(running))
        )
        assert 2 * 3 <= taken(running) <= 3 * 3
        await asyncio.sleep(0.05)  # whoever was not held back would have sent on
        assert taken(running) <= 3 * 3
        assert not any(sender.done() for sender in sending)
    assert await asyncio.gather(*sending) == [[0]] * 3
    assert {data_set_bytes(row.path) for row in running.instances()} == {each.data_set for each in sent}
    assert not taken(running)


@pytest.mark.parametrize("running_on", [True, False], ids=["running", "stopped"])
async def test_associations_that_all_break_half_way_give_every_chunk_back(start, running_on):
    running, sent = await start(), instance(pixel_bytes=3 * CHUNK_BYTES // 2)
    half = store_request(sent.sop_uid, sent.data_set)[: CHUNK_BYTES * 2 // 3]
    peers = []

    def connect():
        for _ in range(64):
            peers.append(RawPeer(running.port))
            assert peers[-1].associate() == ASSOCIATE_AC
            peers[-1].send(half)

    def reset():
        for peer in peers:
            peer.reset()

    if running_on:
        await asyncio.to_thread(connect)
        await until(lambda: taken(running) == 64)
        await asyncio.to_thread(reset)
        await until(lambda: not associations(running))
    else:
        with stopped(running):
            await asyncio.to_thread(connect)
            await until(lambda: taken(running) == 64)
            await asyncio.to_thread(reset)
            await until(lambda: not associations(running))
            assert not taken(running)
    assert not taken(running)
    await until(lambda: not running.receiver._writer._unsent)
    assert await store(running, sent) == [0]  # by then the process has discarded what came before it
    await assert_kept(running, sent)


async def test_a_peer_that_is_held_back_when_no_chunk_is_left_is_refused_and_goes_on(start):
    running = await start()
    large, small = (instance(pixel_bytes=size) for size in (5 * CHUNK_BYTES, 2_048))
    chunks = running.receiver._writer.chunks
    with stopped(running):
        others, chunks._empty[:-2] = chunks._empty[:-2], []
        assert await store(running, large, large) == [0xA700, 0xA700]
        chunks._empty += others
    assert await store(running, small) == [0]
    await assert_kept(running, small)


async def test_a_peer_is_refused_while_the_process_cannot_be_started(start, monkeypatch):
    running, sent = await start(), instance(pixel_bytes=2 * CHUNK_BYTES)

    def refuse(*_):
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    def conversation(peer):
        assert peer.associate() == ASSOCIATE_AC
        request = store_request(sent.sop_uid, sent.data_set)
        peer.send(request[:CHUNK_BYTES])
        monkeypatch.setattr(part_writer, "start_process", refuse)
        os.kill(writing_process(running), signal.SIGKILL)
        peer.send(request[CHUNK_BYTES:])
        statuses = [peer.status()[1], peer.store(sent.sop_uid, sent.data_set)]
        monkeypatch.undo()
        return [*statuses, peer.store(sent.sop_uid, sent.data_set)]

    assert await talk(running, conversation) == [0xA700, 0xA700, 0]
    assert [event["reason"] for event in running.named("instance_refused")] == [
        "The process that writes has died.",
        "The process that writes cannot be started: Cannot allocate memory.",
    ]
    assert not taken(running)


async def test_a_process_that_dies_while_peers_are_held_back_lets_them_all_go(start):
    running = await start()
    sent = [instance(pixel_bytes=4 * CHUNK_BYTES) for _ in range(4)]
    process = writing_process(running)
    os.kill(process, signal.SIGSTOP)
    sending = [asyncio.create_task(store(running, each, each)) for each in sent]
    await until(
        lambda: len(associations(running)) == 4 and all(each._holds for each in associations(running))
    )
    os.kill(process, signal.SIGKILL)
    assert await asyncio.gather(*sending) == [[0xA700, 0]] * 4
    assert len(running.instances()) == 4
    assert not taken(running)


async def test_an_instance_is_stored_though_its_peer_leaves_after_its_last_byte(start):
    running, sent = await start(), instance(pixel_bytes=2 * CHUNK_BYTES)

    def conversation(peer):
        assert peer.associate() == ASSOCIATE_AC
        peer.send(store_request(sent.sop_uid, sent.data_set))
        peer.socket.close()

    await talk(running, conversation)
    await until(lambda: running.named("instance_stored"))
    await assert_kept(running, sent)
