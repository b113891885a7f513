"""The process that writes, as a thread of the test: what it makes of orders, and what it answers."""

from __future__ import annotations

import errno
import hashlib
import marshal
import os
import random
import socket
import subprocess
import sys
import threading

import pytest

from archive.storage.layout import Layout
from archive.storage.part_orders import MESSAGE_BYTES, Answer, Order
from archive.storage.part_worker import PartWorker
from archive.storage.spool import Part, next_part

MEMORY = random.Random(1).randbytes(300_000)
PREFIX = b"prefix"


class Worker:
    """Serves in a thread; what is ordered is one message, of which each order names its part."""

    def __init__(self, layout, durable):
        self.incoming = layout.incoming
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.settimeout(20)
        self._theirs = theirs
        worker = PartWorker(
            theirs, memoryview(MEMORY), layout.incoming, durable=durable, minimum_free=(0, 0.0)
        )
        self.wanted = True
        self._thread = threading.Thread(target=worker.serve, args=(lambda: self.wanted,), daemon=True)
        self._thread.start()

    def order(self, *orders):
        self._ours.send(marshal.dumps(tuple((int(kind), *rest) for kind, *rest in orders)))

    def answer(self):
        kind, *rest = marshal.loads(self._ours.recv(MESSAGE_BYTES))
        return Answer(kind), *rest

    def begin(self, number):
        """Begin a part; return the path of its file."""
        name = next_part()
        self.order((Order.BEGIN, number, name, PREFIX))
        return self.incoming / name

    def answers_until_all_is_done(self):
        """Return what is answered before a part of its own is confirmed."""
        self.begin(-1)
        self.order((Order.CONFIRM, -1), (Order.DISCARD, -1))
        answers = []
        while (answer := self.answer()) != (Answer.CONFIRMED, -1):
            answers.append(answer)
        return answers

    def end(self):
        """Say that nothing more is ordered; return whether it has ended then."""
        self._ours.shutdown(socket.SHUT_WR)
        self._thread.join(20)
        return not self._thread.is_alive()

    def left(self):
        return [path.name for path in self.incoming.iterdir()]


@pytest.fixture
def start(tmp_path):
    layout, workers = Layout(tmp_path / "archive"), []
    layout.create()

    def start(*, durable=True):
        workers.append(Worker(layout, durable))
        return workers[-1]

    yield start
    for worker in workers:
        assert worker.end()


@pytest.fixture
def worker(start):
    return start()


@pytest.mark.parametrize("durable", [True, False])
def test_a_part_is_made_of_the_memory_that_its_orders_name(start, durable):
    worker = start(durable=durable)
    path = worker.begin(7)
    worker.order((Order.APPEND, 7, 100, 50), (Order.APPEND, 7, 3, 0), (Order.APPEND, 7, 4_000, 96))
    worker.order((Order.APPEND, 7, 0, 1), (Order.CONFIRM, 7))
    assert worker.answer() == (Answer.CONFIRMED, 7)
    data = MEMORY[100:150] + MEMORY[4_000:4_096] + MEMORY[:1]
    assert path.read_bytes() == PREFIX + data
    worker.order((Order.SEAL, 7, 147))
    kind, number, name, digest, size, is_journalled = worker.answer()
    assert (kind, number, size, is_journalled) == (Answer.SEALED, 7, len(PREFIX) + len(data), durable)
    assert digest == hashlib.sha256(data).digest()[:16]
    assert worker.left() == [name]
    assert (worker.incoming / name).read_bytes() == PREFIX + data


@pytest.mark.parametrize("durable", [True, False])
def test_long_and_short_pieces_are_hashed_in_their_order(start, durable):
    worker, pieces = start(durable=durable), [(0, 9), (9, 100_000), (100_009, 5), (100_014, 40_000), (7, 3)]
    data = b"".join(MEMORY[begin : begin + length] for begin, length in pieces)
    for number in range(4):
        worker.begin(number)
    for number in range(4):
        worker.order(*((Order.APPEND, number, *piece) for piece in pieces), (Order.SEAL, number, len(data)))
    answers = [worker.answer() for _ in range(4)]
    assert {answer[:2] for answer in answers} == {(Answer.SEALED, number) for number in range(4)}
    assert {answer[3] for answer in answers} == {hashlib.sha256(data).digest()[:16]}
    assert all((worker.incoming / answer[2]).read_bytes() == PREFIX + data for answer in answers)


def test_memory_is_given_back_only_when_it_is_hashed(worker, monkeypatch):
    hashed, go_on = Part.digest_next, threading.Event()

    def late(part, data):
        go_on.wait(20)
        hashed(part, data)

    monkeypatch.setattr(Part, "digest_next", late)
    worker.begin(1)
    worker.order((Order.APPEND, 1, 0, 100_000), (Order.CONFIRM, 1))
    assert not worker.answers_until_all_is_done()
    go_on.set()
    assert worker.answer() == (Answer.CONFIRMED, 1)


def test_orders_for_a_part_that_is_unknown_or_over_are_ignored(worker):
    worker.begin(1)
    worker.order((Order.SEAL, 1, 0))
    assert worker.answer()[0] == Answer.SEALED
    worker.begin(2)
    worker.order((Order.DISCARD, 2))
    for number in (1, 2, 3):
        worker.order((Order.APPEND, number, 0, 9), (Order.CONFIRM, number), (Order.SEAL, number, 9))
        worker.order((Order.DISCARD, number))
    assert not worker.answers_until_all_is_done()
    assert sum(name.endswith(".sealed") for name in worker.left()) == 1


def test_what_is_not_as_long_as_what_came_is_never_sealed(worker):
    worker.begin(1)
    worker.order((Order.APPEND, 1, 0, 9), (Order.SEAL, 1, 10))
    assert worker.answer() == (Answer.FAILED, 1, "CannotRecord", "What was written is not what came.")
    assert not worker.left()


def test_an_append_that_fails_is_answered_once_and_what_follows_is_ignored(worker, monkeypatch):
    def full(part, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    first, second = worker.begin(1), worker.begin(2)
    worker.order((Order.APPEND, 1, 0, 9), (Order.CONFIRM, 1))
    assert worker.answer() == (Answer.CONFIRMED, 1)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        worker.order(
            (Order.APPEND, 1, 9, 9), (Order.APPEND, 1, 18, 9), (Order.CONFIRM, 1), (Order.SEAL, 1, 9)
        )
        assert worker.answer() == (Answer.FAILED, 1, "OutOfResources", "The archive's disk is full.")
    worker.order((Order.APPEND, 1, 9, 9), (Order.CONFIRM, 1), (Order.DISCARD, 1))
    assert not worker.answers_until_all_is_done()
    assert not first.exists()
    worker.order((Order.APPEND, 2, 0, 9), (Order.CONFIRM, 2))
    assert worker.answer() == (Answer.CONFIRMED, 2)
    assert second.read_bytes() == PREFIX + MEMORY[:9]


def test_a_part_that_cannot_be_begun_is_answered_once(worker):
    path = worker.begin(1)
    worker.order((Order.BEGIN, 2, path.name, PREFIX), (Order.APPEND, 2, 0, 9), (Order.SEAL, 2, 9))
    assert worker.answer() == (
        *(Answer.FAILED, 2, "OutOfResources"),
        "The archive cannot be written to: File exists.",
    )
    assert not worker.answers_until_all_is_done()
    assert path.read_bytes() == PREFIX


def test_a_sync_that_fails_is_a_failing_disk_and_leaves_no_entry(worker, monkeypatch):
    def fail(_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fail)
    worker.begin(1)
    worker.order((Order.APPEND, 1, 0, 9), (Order.SEAL, 1, 9))
    assert worker.answer() == (Answer.FAILED, 1, "FailingDisk", "The archive's disk is failing.")
    assert not worker.left()


def test_a_name_that_is_not_durable_is_a_failing_disk_and_leaves_no_entry(worker, monkeypatch):
    def fail(_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    for number in (1, 2):
        worker.begin(number)
        worker.order((Order.APPEND, number, 0, 9), (Order.SEAL, number, 9))
        failed = (Answer.FAILED, number, "FailingDisk", "The archive's disk is failing.")
        assert worker.answer() == failed
    assert not worker.left()


def test_a_name_is_synced_after_it_was_given_and_before_it_is_told(worker, monkeypatch):
    sync, seen = os.fsync, []

    def see(folder):
        seen.append(worker.left())
        sync(folder)

    monkeypatch.setattr(os, "fsync", see)
    for number in range(3):
        worker.begin(number)
        worker.order((Order.APPEND, number, 0, 9), (Order.SEAL, number, 9))
        name = worker.answer()[2]
        assert name in seen[-1]


def test_nothing_is_synced_where_the_site_does_not_want_it(start, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    monkeypatch.setattr(os, "fsync", synced.append)
    for durable in (False, True):
        worker = start(durable=durable)
        worker.begin(1)
        worker.order((Order.APPEND, 1, 0, 9), (Order.SEAL, 1, 9))
        assert worker.answer()[0] == Answer.SEALED
        assert len(synced) == 2 * durable


def test_a_part_that_waits_for_the_disk_does_not_hold_up_the_others(worker, monkeypatch):
    sync, hangs = os.fdatasync, threading.Event()

    def hang(file):
        hangs.wait(20)
        sync(file)

    monkeypatch.setattr(os, "fdatasync", hang)
    worker.begin(1)
    worker.order((Order.APPEND, 1, 0, 9), (Order.SEAL, 1, 9))
    path = worker.begin(2)
    worker.order((Order.APPEND, 2, 0, 9), (Order.CONFIRM, 2))
    assert worker.answer() == (Answer.CONFIRMED, 2)
    assert path.read_bytes() == PREFIX + MEMORY[:9]
    hangs.set()
    assert worker.answer()[:2] == (Answer.SEALED, 1)


def test_nothing_is_carried_out_when_nobody_hears_of_it(worker, monkeypatch):
    appended = []
    monkeypatch.setattr(Part, "append", lambda part, data: appended.append(data))
    path = worker.begin(1)
    worker.order((Order.CONFIRM, 1))
    worker.answer()
    worker.wanted = False
    worker.order((Order.APPEND, 1, 0, 9))
    worker.order((Order.APPEND, 1, 0, 9))
    assert worker.end()
    assert not appended
    assert not path.exists() or path.read_bytes() == PREFIX


def test_the_process_imports_next_to_nothing():
    script = (
        "import sys, archive.storage.part_worker; "
        "print(*{name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) - {"__main__", "__mp_main__"} == {"archive"}
