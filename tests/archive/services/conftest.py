"""Fixtures of the tests that run a receiver, or the process that writes for it, on their own event loop."""

from __future__ import annotations

import contextlib
from itertools import count

import pytest
from arriving_parts import NO_RESERVE
from running_receiver import Running

from archive.local_archive import LocalArchive
from archive.services.part_writer import PartWriter
from archive.services.receiver import Receiver
from archive.settings import StorageSettings


@pytest.fixture
async def start(tmp_path):
    """Start a receiver; `toml` is the site's settings."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(toml=""):
            root = tmp_path / "archive"
            root.mkdir()
            (root / "noctis.toml").write_text(toml)
            archive = stack.enter_context(LocalArchive.open(root))
            lease = stack.enter_context(archive.hold("test"))
            events = []
            settings = archive.settings.receiver.model_copy(update={"port": 0})
            receiver = Receiver(archive, lease, settings, [events.append])
            _, port = await receiver.start()
            stack.push_async_callback(receiver.stop, 0)
            return Running(archive, receiver, port, events)

        yield start


@pytest.fixture
async def start_writer(tmp_path):
    """Start a writer in a folder of its own, with its process; what still runs at the end is killed."""
    writers, numbers = [], count()

    def start(**changed):
        incoming = tmp_path / f"archive {next(numbers)}" / "incoming"
        incoming.mkdir(parents=True)
        writers.append(PartWriter(incoming, StorageSettings(**(NO_RESERVE | changed))))
        writers[-1].start()
        return writers[-1]

    yield start
    for writer in writers:
        if writer._process:
            writer._process.kill()
            writer._process.wait()
        writer._disconnect()


@pytest.fixture
async def writer(start_writer):
    return start_writer()
