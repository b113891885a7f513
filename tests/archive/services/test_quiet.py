"""The quiet-study event, from real associations over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time

import pytest
from raw_peer import ASSOCIATE_AC, RawPeer, store_request
from receiver_process import ReceiverProcess
from senders import instance

from archive.index.quiet import PendingStudy
from archive.local_archive import LocalArchive
from archive.services import quiet
from archive.services.receiver import Receiver

QUIET_SECONDS = 0.4


class Running:
    def __init__(self, archive, receiver, events, port):
        self.archive, self.receiver, self.events, self.port = archive, receiver, events, port

    def quiet(self):
        return [event.values for event in self.events if event.name == "study_quiet"]

    async def until_quiet(self, count):
        async with asyncio.timeout(20):
            while len(self.quiet()) < count:  # noqa: ASYNC110 - what is waited for happens in the code under test
                await asyncio.sleep(0.02)
        return self.quiet()


@contextlib.asynccontextmanager
async def receiving(root, quiet_seconds=QUIET_SECONDS):
    root.mkdir(exist_ok=True)
    (root / "noctis.toml").write_text(f"[worklist]\nquiet_seconds = {quiet_seconds}\n")
    with LocalArchive.open(root) as archive, archive.hold("test") as lease:
        events = []
        settings = archive.settings.receiver.model_copy(update={"port": 0})
        receiver = Receiver(archive, lease, settings, [events.append])
        _, port = await receiver.start()
        try:
            yield Running(archive, receiver, events, port)
        finally:
            await receiver.stop(0)


def _store(port, *instances, calling="RAW_PEER"):
    with RawPeer(port) as peer:
        assert peer.associate(calling=calling) == ASSOCIATE_AC
        statuses = [peer.store(each.sop_uid, each.data_set) for each in instances]
        peer.release()
    assert statuses == [0] * len(instances)


async def store(running, *instances, **peer):
    await asyncio.to_thread(_store, running.port, *instances, **peer)


async def test_a_study_is_announced_once_each_time_it_goes_quiet(tmp_path):
    first = instance(PatientName="Secret^Name", PatientID="SECRET")
    second = instance(first.study_uid, PatientName="Secret^Name", PatientID="SECRET")
    async with receiving(tmp_path) as running:
        await store(running, first, second)
        (told,) = await running.until_quiet(1)
        assert told == {
            "study_instance_uid": first.study_uid,
            "series": 2,
            "instances": 2,
            "bytes": told["bytes"],
            "modalities": ("CT",),
            "calling_ae_titles": ("RAW_PEER",),
        }
        assert told["bytes"] > len(first.data_set) + len(second.data_set)
        await asyncio.sleep(3 * QUIET_SECONDS)
        assert len(running.quiet()) == 1
        third = instance(first.study_uid, first.series_uid)
        await store(running, third, calling="LATER")
        assert (await running.until_quiet(2))[1]["instances"] == 3
        assert not [event for event in running.events if "ecret" in event.to_json().lower()]


async def test_a_study_that_grows_stays_receiving(tmp_path):
    study = instance()
    async with receiving(tmp_path, 1.0) as running:
        for _ in range(5):
            await store(running, instance(study.study_uid))
            await asyncio.sleep(0.4)
            assert running.quiet() == []
        assert (await running.until_quiet(1))[0]["instances"] == 5


async def test_an_association_in_the_middle_of_an_instance_holds_its_studies_and_no_others(tmp_path):
    slow, large, other = instance(), instance(pixel_bytes=60_000), instance()
    async with receiving(tmp_path) as running:
        with RawPeer(running.port) as peer:
            await asyncio.to_thread(peer.associate)
            assert await asyncio.to_thread(peer.store, slow.sop_uid, slow.data_set) == 0
            begun = store_request(large.sop_uid, large.data_set)
            await asyncio.to_thread(peer.send, begun[:30_000])
            await store(running, other)
            await running.until_quiet(1)
            await asyncio.sleep(4 * QUIET_SECONDS)
            assert [told["study_instance_uid"] for told in running.quiet()] == [other.study_uid]
            await asyncio.to_thread(peer.send, begun[30_000:])
            assert (await asyncio.to_thread(peer.status))[1] == 0
            told = await running.until_quiet(3)  # now idle, it holds nothing
            assert {each["study_instance_uid"] for each in told[1:]} == {slow.study_uid, large.study_uid}


async def test_a_sender_that_is_lost_holds_nothing(tmp_path):
    stored, begun = instance(), instance(pixel_bytes=60_000)
    async with receiving(tmp_path) as running:
        with RawPeer(running.port) as peer:
            await asyncio.to_thread(peer.associate)
            await asyncio.to_thread(peer.store, stored.sop_uid, stored.data_set)
            await asyncio.to_thread(peer.send, store_request(begun.sop_uid, begun.data_set)[:30_000])
            await asyncio.to_thread(peer.reset)
        await running.until_quiet(1)
        assert running.receiver._quiet.senders._studies == {}


async def test_many_studies_that_go_quiet_together_are_all_told(tmp_path, monkeypatch):
    monkeypatch.setattr(quiet, "BATCH", 7)
    sent = [instance() for _ in range(40)]
    async with receiving(tmp_path) as running:
        await store(running, *sent)
        told = await running.until_quiet(40)
        await asyncio.sleep(3 * QUIET_SECONDS)
    assert sorted(each["study_instance_uid"] for each in told) == sorted(each.study_uid for each in sent)
    assert len(running.quiet()) == 40


async def test_an_index_that_is_locked_delays_the_event_and_loses_none(tmp_path, monkeypatch):
    from archive.errors import OutOfResources

    refusals = iter([OutOfResources("The index is locked by another process.")] * 2)
    mark = quiet.mark_quiet

    def refusing(*arguments):
        if refusal := next(refusals, None):
            raise refusal
        return mark(*arguments)

    monkeypatch.setattr(quiet, "mark_quiet", refusing)
    async with receiving(tmp_path) as running:
        await store(running, instance())
        await running.until_quiet(1)
    assert len(running.quiet()) == 1


async def test_a_disk_that_fails_under_a_mark_ends_the_receiver(tmp_path, monkeypatch):
    from archive.errors import FailingDisk

    def failing(*_):
        raise FailingDisk("The disk of the index is failing.")

    async with receiving(tmp_path) as running:
        await store(running, instance())
        monkeypatch.setattr(quiet, "mark_quiet", failing)
        async with asyncio.timeout(10):
            await running.receiver.stopped.wait()
        assert isinstance(running.receiver.failure, FailingDisk)
        assert [event.values for event in running.events if event.name == "receiver_unhealthy"] == [
            {"reason": "The disk of the index is failing."}
        ]


def quiet_events(events):
    return [event["study_instance_uid"] for event in events if event["event"] == "study_quiet"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_what_went_quiet_while_no_receiver_ran_is_told_once_by_the_next(tmp_path, how):
    (tmp_path / "noctis.toml").write_text("[worklist]\nquiet_seconds = 1.5\n")
    sent = instance()
    with ReceiverProcess(tmp_path, "--jsonl") as receiver:
        _store(receiver.port, sent)
        assert quiet_events(receiver.end(how)[1]) == []
    time.sleep(1.6)
    with ReceiverProcess(tmp_path, "--jsonl") as receiver:
        time.sleep(1)
        assert quiet_events(receiver.end()[1]) == [sent.study_uid]
    with ReceiverProcess(tmp_path, "--jsonl") as receiver:
        time.sleep(1)
        assert quiet_events(receiver.end()[1]) == []


def pending(study_id, last_received_at):
    return PendingStudy(study_id, f"1.{study_id}", study_id, last_received_at)


class Clocks:
    def __init__(self, monkeypatch):
        self.monotonic, self.wall = 100.0, 1_000_000.0
        monkeypatch.setattr(quiet.time, "monotonic", lambda: self.monotonic)
        monkeypatch.setattr(quiet.time, "time", lambda: self.wall)

    def pass_by(self, seconds, jump=0.0):
        self.monotonic += seconds
        self.wall += seconds + jump


@pytest.mark.parametrize("jump", [0, 86_400, -86_400])
def test_a_clock_that_jumps_a_day_makes_nothing_quiet_and_keeps_nothing_from_it(monkeypatch, jump):
    clocks, silence = Clocks(monkeypatch), quiet.Silence()
    silence.due([], 60)
    clocks.pass_by(1)
    study = pending(1, clocks.wall)
    assert silence.due([study], 60) == []
    clocks.pass_by(1, jump)
    assert silence.due([study], 60) == []
    clocks.pass_by(1)
    late = pending(2, clocks.wall - jump)  # stamped before the jump, seen after it
    assert silence.due([study, late], 60) == []
    clocks.pass_by(58)
    assert silence.due([study, late], 60) == [study]
    clocks.pass_by(2)
    assert silence.due([late], 60) == [late]


def test_the_wall_clock_counts_once_at_the_start(monkeypatch):
    clocks, silence = Clocks(monkeypatch), quiet.Silence()
    old, young, future = (pending(number, clocks.wall - age) for number, age in enumerate((61, 40, -500)))
    assert silence.due([old, young, future], 60) == [old]
    clocks.pass_by(20)
    assert silence.due([young, future], 60) == [young]
    clocks.pass_by(40)
    assert silence.due([future], 60) == [future]
