"""What the receiver counts and publishes, and when a published state counts as a live receiver's."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from dataclasses import asdict

import pytest

from archive.local_archive import LocalArchive
from archive.network.activity import read_activity
from archive.network.events import Event
from archive.network.receiver_record import RECORD_NAME, read_record
from archive.network.statistics import STATUS_NAME, Statistics, read_status
from archive.storage.layout import Layout


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path)
    layout.create()
    return layout


@pytest.fixture
def statistics():
    return Statistics("127.0.0.1", 11112, "NOCTIS_SCP", lambda: 3)


def test_events_are_counted(statistics):
    peer = {"peer": "127.0.0.1:5", "calling_ae_title": "CT01", "called_ae_title": "NOCTIS_SCP"}
    statistics.hear(Event("association_accepted", peer))
    statistics.hear(Event("instance_stored", {"bytes": 1_000}))
    statistics.hear(Event("instance_stored", {"bytes": 500}))
    statistics.hear(Event("instance_refused", {"reason": "The data set is empty."}))
    statistics.hear(Event("association_rejected", {"reason": "noise"}))
    statistics.hear(Event("association_ended", peer))
    status = statistics.status()
    assert (status.instances, status.bytes, status.refused, status.associations) == (2, 1_500, 2, 3)
    assert status.last_refusal == "noise"
    assert status.last_peer == "CT01 127.0.0.1:5"


def test_rates_are_of_the_last_seconds_and_fall_to_nothing(statistics, monkeypatch):
    now = 1_000.0
    monkeypatch.setattr("archive.network.statistics.time.monotonic", lambda: now)
    for _ in range(10):
        statistics.status()
        statistics.hear(Event("instance_stored", {"bytes": 100}))
        now += 0.5
    status = statistics.status()
    assert status.instances_per_second == pytest.approx(2)
    assert status.bytes_per_second == pytest.approx(200)
    now += 60
    statistics.status()
    now += 0.5
    assert statistics.status().instances_per_second == 0


async def test_what_is_published_is_read_and_removed_at_the_end(statistics, layout):
    publishing = asyncio.create_task(statistics.publish(layout))
    async with asyncio.timeout(10):
        while (status := read_status(layout)) is None:  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.01)
    assert status.pid == os.getpid()
    publishing.cancel()
    with suppress(asyncio.CancelledError):
        await publishing
    assert read_status(layout) is None
    assert [path.name for path in layout.run.iterdir()] == []


@pytest.mark.parametrize(
    "change",
    [
        {"pid": 2**22 + 1},
        {"updated_at": 0},
        {"pid": "1"},
        {"pid": -5},
        {"pid": 10**30},
    ],
)
def test_what_is_no_live_receivers_is_not_shown(statistics, layout, change):
    (layout.run / STATUS_NAME).write_text(json.dumps(asdict(statistics.status()) | change))
    assert read_status(layout) is None


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "noise", "null", "\udcff".encode("latin-1", "replace").decode()]
)
def test_a_damaged_status_is_none(layout, text):
    (layout.run / STATUS_NAME).write_text(text)
    assert read_status(layout) is None


def who(title="CT01", port=5):
    return {"peer": f"10.0.0.7:{port}", "calling_ae_title": title, "called_ae_title": "NOCTIS_SCP"}


def hear_some(statistics, title="CT01"):
    statistics.hear(Event("association_accepted", who(title)))
    for outcome in ("recorded", "duplicate", "variant"):
        statistics.hear(Event("instance_stored", who(title) | {"bytes": 1_000, "outcome": outcome}))
    statistics.hear(Event("instance_refused", who(title) | {"status": "C000", "reason": "empty"}))
    statistics.hear(Event("association_ended", who(title)))
    statistics.hear(Event("association_rejected", who(title) | {"factor": "address", "reason": "no"}))


def test_peers_and_refusals_are_told_apart(statistics):
    hear_some(statistics)
    hear_some(statistics, "MR01")
    record = statistics.record()
    counts = {peer.calling_ae_title: peer for peer in record.peers}
    assert counts.keys() == {"CT01", "MR01"}
    ct = counts["CT01"]
    assert (ct.address, ct.associations, ct.refused_associations) == ("10.0.0.7", 1, 1)
    assert (ct.instances, ct.bytes, ct.refused_instances) == (3, 3_000, 1)
    assert record.totals.refusals == {"C000": 2, "address": 2}
    assert (record.totals.instances, record.totals.bytes, record.totals.associations) == (6, 6_000, 2)
    assert list(record.days.values()) == [4_000]  # a duplicate fills no disk
    assert sum(record.minutes.instances) == 6
    assert statistics.record().totals.instances == 6  # nothing is counted twice


def test_that_the_disk_takes_nothing_is_said_until_it_takes_something(statistics):
    statistics.hear(Event("instance_refused", who() | {"status": "A700", "reason": "The disk is full."}))
    assert statistics.status().out_of_resources == "The disk is full."
    statistics.hear(Event("instance_refused", who() | {"status": "C000", "reason": "empty"}))
    assert statistics.status().out_of_resources == "The disk is full."
    statistics.hear(Event("instance_stored", who() | {"bytes": 1, "outcome": "recorded"}))
    assert statistics.status().out_of_resources == ""


async def published(statistics, layout, until):
    publishing = asyncio.create_task(statistics.publish(layout))
    async with asyncio.timeout(10):
        while not until():  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.01)
    return publishing


async def ended(publishing):
    publishing.cancel()
    with suppress(asyncio.CancelledError):
        await publishing


async def test_totals_outlive_the_process(layout):
    for round_ in (1, 2):
        again = Statistics("127.0.0.1", 11112, "NOCTIS_SCP", lambda: 0, record=read_record(layout))
        publishing = await published(again, layout, lambda: read_status(layout))
        hear_some(again)
        await ended(publishing)
        record = read_record(layout)
        assert record.totals.instances == 3 * round_
        assert record.peers[0].instances == 3 * round_
        assert sum(record.minutes.instances) == 3 * round_
        assert record.totals.refusals == {"C000": round_, "address": round_}


async def test_a_crash_costs_the_totals_seconds_at_most(statistics, layout, monkeypatch):
    monkeypatch.setattr("archive.network.statistics.PUBLISH_SECONDS", 0.01)
    hear_some(statistics)
    publishing = await published(statistics, layout, (layout.log / RECORD_NAME).exists)
    assert read_record(layout).totals.instances == 3  # while it runs: nothing more is written at a crash
    await ended(publishing)


@pytest.mark.parametrize("text", ["", "[]", '{"totals": {"instances": "many"}}', "\x00\x00"])
def test_a_damaged_record_counts_from_now_on(layout, text):
    (layout.log / RECORD_NAME).write_text(text)
    assert read_record(layout).totals.instances == 0


async def test_a_screen_finds_everything_while_a_receiver_runs_and_after(tmp_path):
    with LocalArchive.open(tmp_path) as archive:
        statistics = Statistics("127.0.0.1", 11112, "NOCTIS_SCP", lambda: 2, lambda: 7)
        hear_some(statistics, "HOST\x9bILE")
        publishing = await published(statistics, archive.layout, lambda: read_status(archive.layout))
        live = read_activity(archive)
        assert (live.status.waiting, live.totals.instances, sum(live.seconds.instances)) == (7, 3, 3)
        assert live.peers[0].calling_ae_title == "HOST\x9bILE"
        assert live.disk.free_bytes > 0
        await ended(publishing)
        after = read_activity(archive)
        assert (after.status, after.totals.instances, after.seconds.instances) == (None, 3, [])
        assert sum(after.minutes.instances) == 3


async def test_a_read_only_archive_ends_no_receiver(statistics, layout, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("archive.network.statistics.PUBLISH_SECONDS", 0.01)
    monkeypatch.setattr("archive.network.statistics.replace_file", refuse)
    monkeypatch.setattr("archive.network.statistics.write_record", refuse)
    hear_some(statistics)
    publishing = asyncio.create_task(statistics.publish(layout))
    await asyncio.sleep(0.1)
    assert not publishing.done()
    await ended(publishing)
