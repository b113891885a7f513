"""The whole way: bytes, line, index, feed."""

from __future__ import annotations

import asyncio

import pytest
from arrivals import data_set_bytes, sent, spooled

from archive.index import changes, worklist
from archive.ingest import Line, Outcome, accept
from archive.local_archive import LocalArchive


@pytest.fixture(params=["on disk", "temporary"])
def archive(request, tmp_path):
    opened = LocalArchive.temporary() if request.param == "temporary" else LocalArchive.open(tmp_path / "a")
    with opened:
        yield opened


def test_an_accepted_group_is_on_disk_and_in_the_worklist(archive):
    instances = [sent(sop=f"1.2.3.4.{number}", InstanceNumber=str(number)) for number in range(1, 6)]
    with archive.hold("test") as lease:
        results = accept(archive, lease, [spooled(archive, instance) for instance in instances])
    assert results == [Outcome.RECORDED] * 5
    (study,) = worklist.studies(archive.index)
    assert (study.patient_name, study.patient_id, study.modalities) == ("Doe^Jane", "P1", ("CT",))
    assert (study.series_count, study.instance_count, study.state) == (1, 5, "receiving")
    (series,) = worklist.series_of(archive.index, study.id)
    kept = worklist.instances_of(archive.index, series.id)
    assert [row.instance_number for row in kept] == [1, 2, 3, 4, 5]
    assert [data_set_bytes(row.path) for row in kept] == [instance.data_set for instance in instances]
    assert sum(row.size_bytes for row in kept) == series.size_bytes == study.size_bytes
    assert all(row.path.stat().st_size == row.size_bytes for row in kept)
    assert not list(archive.layout.incoming.iterdir())


async def test_followers_hear_of_a_commit_at_once(archive):
    heard: list[changes.Changes] = []

    async def listen():
        async for change in changes.follow(archive, poll_seconds=30):
            heard.append(change)
            return

    with archive.hold("test") as lease:
        line = Line(archive, lease)
        listener = asyncio.create_task(listen())
        await asyncio.sleep(0.1)
        outcome = await asyncio.wrap_future(line.submit(spooled(archive, sent())))
        await asyncio.wait_for(listener, 5)
        line.close()
    assert outcome is Outcome.RECORDED
    (study,) = worklist.studies(archive.index)
    assert heard[0].study_ids == (study.id,)
    assert not list(archive.layout.run.glob("follower-*"))
