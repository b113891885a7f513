"""A receiver on the test's own event loop, and peers that talk to it from threads."""

from __future__ import annotations

import asyncio

from raw_peer import ASSOCIATE_AC, RawPeer

from archive.index.worklist import instances_of, series_of, studies


class Running:
    def __init__(self, archive, receiver, port, events):
        self.archive, self.receiver, self.port, self.events = archive, receiver, port, events

    def instances(self):
        index = self.archive.index
        all_series = [series for study in studies(index) for series in series_of(index, study.id)]
        return [row for series in all_series for row in instances_of(index, series.id)]

    def incoming(self):
        return [path.name for path in self.archive.layout.incoming.iterdir()]

    def named(self, name):
        return [event.values for event in self.events if event.name == name]


async def talk(running, conversation):
    def run():
        with RawPeer(running.port, seconds=30) as peer:
            return conversation(peer)

    return await asyncio.to_thread(run)


async def store(running, *instances, **request):
    """Store instances over one association; return the statuses."""

    def conversation(peer):
        assert peer.associate() == ASSOCIATE_AC
        return [peer.store(each.sop_uid, each.data_set, **request) for each in instances]

    return await talk(running, conversation)


async def emptied(running):
    """Wait until nothing is left in `incoming`: the line tidies after it has answered."""
    async with asyncio.timeout(10):
        while running.incoming():  # noqa: ASYNC110 - what is waited for happens on the disk
            await asyncio.sleep(0.01)


def writing_process(running):
    return running.receiver._writer._process.pid


async def until_it_is_gone(running):
    await until(lambda: not running.receiver._writer._channel)


async def until(true):
    """Wait for what happens in another process, or to the peers' associations."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
