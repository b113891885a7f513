"""Fixtures of the tests that run a receiver on their own event loop."""

from __future__ import annotations

import contextlib

import pytest
from running_receiver import Running

from archive.local_archive import LocalArchive
from archive.services.receiver import Receiver


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
