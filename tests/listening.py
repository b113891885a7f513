"""A listener over a real socket, and conversations with it: for tests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from raw_peer import (
    CT,
    RawPeer,
)


@dataclass
class Keeping:
    """A storage service that keeps data sets in memory and answers when it is told to."""

    command_field = 1
    kept: list = field(default_factory=list)
    abandoned: int = 0
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self):
        self.answers.set()

    def accepts(self, abstract_syntax):
        return abstract_syntax == CT

    def begin(self, request, exchange):
        return KeepingOperation(self, request, exchange)


class KeepingOperation:
    def __init__(self, service, request, exchange):
        self.service, self.request, self.exchange = service, request, exchange
        self.data = bytearray()

    def receive(self, data):
        self.data += data

    def end(self):
        self.task = asyncio.create_task(self._answer())

    async def _answer(self):
        await self.service.answers.wait()
        self.service.kept.append((self.request.command.affected_sop_instance_uid, bytes(self.data)))
        self.exchange.respond(0)

    def abandon(self):
        self.service.abandoned += 1


class Running:
    def __init__(self, listener, service, events, port):
        self.listener, self.service, self.events, self.port = listener, service, events, port

    def named(self, name):
        return [event.values for event in self.events if event.name == name]


async def talk(running, conversation, *arguments):
    """Run a blocking conversation with a raw peer in a thread."""

    def run():
        with RawPeer(running.port) as peer:
            return conversation(peer, *arguments)

    return await asyncio.to_thread(run)


async def eventually(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in the code under test
            await asyncio.sleep(0.01)


async def run_program(*arguments):
    process = await asyncio.create_subprocess_exec(
        *map(str, arguments), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode(errors="replace")
