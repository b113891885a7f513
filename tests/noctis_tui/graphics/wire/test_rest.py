import asyncio

from noctis_tui.graphics.wire import rest
from noctis_tui.graphics.wire.rest import Rest


async def test_rest_begins_once_after_the_last_disturbance(monkeypatch):
    monkeypatch.setattr(rest, "REST_SECONDS", 0.05)
    begun = []
    resting = Rest(lambda: begun.append(resting.is_on))
    assert resting.is_on
    for _ in range(4):
        resting.disturb()
        assert not resting.is_on
        await asyncio.sleep(0)
    await asyncio.sleep(0.3)
    assert begun == [True]


async def test_an_ended_wait_calls_nobody(monkeypatch):
    monkeypatch.setattr(rest, "REST_SECONDS", 0.01)
    begun = []
    resting = Rest(lambda: begun.append(True))
    resting.disturb()
    resting.end()
    await asyncio.sleep(0.05)
    assert not begun
