"""What every test of a listening receiver starts with."""

from __future__ import annotations

import pytest
from listening import Keeping, Running

from archive.network.listener import Listener
from archive.services.verification import VerificationService
from archive.settings import ReceiverSettings


@pytest.fixture
async def start():
    """Start a listener with some settings; gives what a test needs to know about it."""
    running = []

    async def start(facilities=(), **settings):
        events, service = [], Keeping()
        listener = Listener(
            ReceiverSettings(port=0, **settings),
            [VerificationService(), service],
            events.append,
            facilities,
        )
        _, port = await listener.start()
        running.append(Running(listener, service, events, port))
        return running[-1]

    yield start
    for each in running:
        await each.listener.drain(0)
