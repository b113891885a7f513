from __future__ import annotations

import asyncio
from pathlib import Path

from archive.services import disk_space
from archive.services.disk_space import DiskSpaceWatch
from archive.settings import StorageSettings

GB = 10**9


async def test_it_tells_once_each_time_that_the_disk_is_nearly_full(monkeypatch):
    free = iter([10, 4.1, 3.9, 3.5, 4.2, 3.0, 4.5, 3.9, 1])
    told, looked = [], asyncio.Event()

    def look(*_):
        try:
            return int(next(free) * GB), 2 * GB
        except StopIteration:
            looked.set()
            return 10 * GB, 2 * GB

    monkeypatch.setattr(disk_space, "free_and_reserve", look)
    monkeypatch.setattr(disk_space, "LOOK_SECONDS", 0)
    watching = asyncio.create_task(DiskSpaceWatch(Path(), StorageSettings(), told.append).watch())
    await asyncio.wait_for(looked.wait(), 10)
    watching.cancel()
    assert [event.values["free_bytes"] / GB for event in told] == [3.9, 3.9]
    assert {event.name for event in told} == {"disk_nearly_full"}


async def test_a_real_disk_is_asked(tmp_path):
    told = []
    watch = DiskSpaceWatch(tmp_path, StorageSettings(minimum_free_bytes=2**60), told.append)
    watching = asyncio.create_task(watch.watch())
    async with asyncio.timeout(10):
        while not told:  # noqa: ASYNC110 - what is waited for happens in the code under test
            await asyncio.sleep(0.01)
    watching.cancel()
    assert told[0].values["reserve_bytes"] == 2**60
    assert told[0].values["free_bytes"] > 0
