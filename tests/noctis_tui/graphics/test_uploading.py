"""Sending ahead, with a wire that is told when it is idle."""

import asyncio
from types import SimpleNamespace

import numpy as np
import pytest
from kitty_model import KittyModel

from noctis_tui.graphics import uploading
from noctis_tui.graphics.kitty.canvas import KittyCanvas
from noctis_tui.graphics.kitty.store import KittyStore
from noctis_tui.graphics.picture import Picture
from noctis_tui.graphics.site import CellBox, Site
from noctis_tui.graphics.uploading import Uploading
from noctis_tui.graphics.wire.link import Link
from noctis_tui.graphics.wire.order import Ahead

WHOLE = CellBox(0, 0, 40, 12)
SITE = Site(WHOLE, WHOLE, frozenset(), (8, 16))
FAST = Link(0.001, 1e8, 0.0, 9)


class Wire:
    """Takes sendings; a test says when they are written, and when the way is free."""

    def __init__(self, link=FAST):
        self.link, self.ahead, self.is_idle, self.sent = link, object(), True, []

    def send(self, sending):
        self.is_idle = False
        self.sent.append(sending)

    def take_in(self, model):
        sending = self.sent.pop()
        model.read(sending.take_all())
        self.is_idle = True
        sending.finish(is_complete=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(uploading, "IDLE_SECONDS", 0.001)


def pictures(count, rendered):
    def render(number, width, height):
        rendered.append(number)
        return Picture(np.full((height, width), number, np.uint8))

    return [Ahead(number, lambda w, h, number=number: render(number, w, h)) for number in range(count)]


async def until(holds):
    for _ in range(2000):
        if holds():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it did not happen")


def new(site=lambda: SITE, link=FAST):
    store = KittyStore(process_id=7)
    return SimpleNamespace(
        wire=Wire(link),
        model=KittyModel((40, 12), (8, 16)),
        store=store,
        uploading=Uploading(KittyCanvas(store), site),
        rendered=[],
    )


async def test_one_after_the_other_is_sent_and_kept():
    it = new()
    it.uploading.want(it.wire, pictures(3, it.rendered))
    for _ in range(3):
        await until(lambda: it.wire.sent)
        assert len(it.wire.sent) == 1
        it.wire.take_in(it.model)
    assert it.rendered == [0, 1, 2]
    assert len(it.model.images) == 3


async def test_nothing_is_drawn_while_the_way_is_not_free_or_the_view_moves():
    places = [None]
    it = new(lambda: places[0])
    it.wire.is_idle = False
    it.uploading.want(it.wire, pictures(1, it.rendered))
    await asyncio.sleep(0.02)
    it.wire.is_idle = True
    await asyncio.sleep(0.02)
    assert not it.rendered
    places[0] = SITE
    await until(lambda: it.wire.sent)


async def test_a_request_ends_it():
    it = new()
    it.uploading.want(it.wire, pictures(5, it.rendered))
    await until(lambda: it.wire.sent)
    it.uploading.stop()
    sending = it.wire.sent.pop()
    sending.ending()
    sending.abandon()
    it.wire.is_idle = True
    await asyncio.sleep(0.05)
    assert it.rendered == [0]
    assert not it.wire.sent
    assert it.store.size_bytes == 0


async def test_a_link_that_is_slow_is_sent_coarser_pictures():
    it = new(link=Link(0.05, 1e5, 0.0, 9))
    picture = Picture(np.zeros((192, 320), np.uint8), native=lambda: np.zeros((80, 133), np.uint8))
    it.uploading.want(it.wire, [Ahead(1, lambda _w, _h: picture)])
    await until(lambda: it.wire.sent)
    it.wire.take_in(it.model)
    (image,) = it.model.images.values()
    assert image.rgba.shape[:2] == (80, 133)


async def test_a_frame_that_is_not_loaded_is_waited_for():
    it, loaded = new(), []
    picture = Picture(np.zeros((192, 320), np.uint8))
    it.uploading.want(it.wire, [Ahead(1, lambda _w, _h: picture if loaded else None)])
    await asyncio.sleep(0.02)
    assert not it.wire.sent
    loaded.append(True)
    await until(lambda: it.wire.sent)


async def test_no_more_is_sent_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(uploading, "MOST_BYTES", 320 * 192 * 4 * 2)
    it = new()
    it.uploading.want(it.wire, pictures(9, it.rendered))
    for _ in range(2):
        await until(lambda: it.wire.sent)
        it.wire.take_in(it.model)
    await asyncio.sleep(0.03)
    assert it.rendered == [0, 1]
