"""What the receiver counts and publishes, and when a published state counts as a live receiver's."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from dataclasses import asdict

import pytest

from archive.network.events import Event
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
    statistics.hear(Event("association_refused", {"reason": "noise"}))
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
