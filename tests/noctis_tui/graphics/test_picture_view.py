"""The view's promises that need no terminal; what needs one is in test_in_terminals.py."""

import asyncio
import threading
import time

import numpy as np
from textual.app import App
from textual.geometry import Offset
from textual.screen import Screen

from noctis_tui.graphics.picture import Picture
from noctis_tui.graphics.picture_view import PictureView
from noctis_tui.graphics.terminal.detection import TerminalGraphics
from noctis_tui.graphics.wire.drafting import Drafting
from noctis_tui.graphics.wire.order import Ahead
from noctis_tui.graphics.wire.rest import REST_SECONDS

BLOCKS = TerminalGraphics("blocks", 1, 2, 0, "test")
SIXEL = TerminalGraphics("sixel", 8, 16, 256, "test")


class OneView(App):
    def __init__(self, graphics):
        super().__init__()
        self.view = PictureView(graphics)
        self.shown, self.failed, self.levels = [], [], []

    def compose(self):
        yield self.view

    def on_picture_view_shown(self, message):
        self.shown.append(message.seconds)
        self.levels.append(message.level)

    def on_picture_view_failed(self, message):
        self.failed.append(message.error)


def grey(value):
    return lambda width, height: Picture(np.full((height, width), value, np.uint8))


async def until(holds):
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def test_the_picture_is_asked_for_at_the_size_of_the_view():
    app, sizes = OneView(SIXEL), []

    def render(width, height):
        sizes.append((width, height))
        return Picture(np.zeros((height, width), np.uint8))

    async with app.run_test(size=(40, 12)) as pilot:
        app.view.request(render)
        await until(lambda: app.shown)
        assert sizes == [app.view.pixel_size] == [(320, 192)]
        await pilot.resize_terminal(50, 10)
        await until(lambda: sizes[-1] == (400, 160))


async def test_rendering_happens_off_the_event_loop_and_the_latest_wins():
    app, rendered, gate = OneView(SIXEL), [], threading.Event()

    def render(number):
        def draw(width, height):
            rendered.append((number, threading.current_thread() is threading.main_thread()))
            gate.wait(10)
            return Picture(np.zeros((height, width), np.uint8))

        return draw

    async with app.run_test(size=(20, 6)):
        for number in range(50):
            app.view.request(render(number))
            await asyncio.sleep(0.002)  # the loop stays free while the first one draws
        gate.set()
        await until(lambda: rendered[-1][0] == 49)
    assert len(rendered) < 6
    assert not any(is_main for _, is_main in rendered)


async def test_a_failure_is_told_and_the_next_request_is_served():
    app = OneView(SIXEL)

    def fail(width, height):
        raise ValueError("no pixels")

    async with app.run_test(size=(20, 6)):
        app.view.request(fail)
        await until(lambda: app.failed)
        assert str(app.failed[0]) == "no pixels"
        app.view.request(grey(3))
        await until(lambda: app.shown)


async def test_a_request_before_the_view_is_mounted_is_kept():
    app = OneView(BLOCKS)
    app.view.request(grey(77))
    async with app.run_test(size=(20, 6)):
        await until(lambda: app.shown)


async def test_cells_show_the_picture_where_the_terminal_has_no_graphics():
    app = OneView(BLOCKS)
    async with app.run_test(size=(20, 6)) as pilot:
        app.view.request(grey(77))
        await until(lambda: app.shown)
        await pilot.pause()
        colors = {segment.style.color.triplet for segment in app.view.render_lines(app.view.size.region)[2]}
    assert colors == {(77, 77, 77)}


async def test_the_mouse_points_at_the_middle_of_a_cell():
    points = []

    class PointedView(PictureView):
        def on_mouse_move(self, event):
            points.append(self.to_picture_px(event))

    app = OneView(SIXEL)
    app.view = PointedView(SIXEL)
    async with app.run_test(size=(20, 6)) as pilot:
        await pilot.hover(offset=Offset(3, 2))
        await pilot.pause()
    assert points[-1] == (3.5 * 8, 2.5 * 16)


async def test_a_view_that_is_gone_disturbs_nobody():
    app, gate = OneView(SIXEL), threading.Event()

    def slow(width, height):
        gate.wait(10)
        return Picture(np.zeros((height, width), np.uint8))

    async with app.run_test(size=(20, 6)) as pilot:
        app.view.request(slow)
        await asyncio.sleep(0.05)
        await app.view.remove()
        gate.set()
        other = PictureView(SIXEL)
        await app.mount(other)
        other.request(grey(1))
        await until(lambda: app.shown)
        await pilot.pause()


async def test_a_draft_is_made_good_though_another_turn_in_the_line_came_to_nothing(monkeypatch):
    monkeypatch.setattr("noctis_tui.graphics.wire.rest.REST_SECONDS", 0.0)
    app, rendered, gate = OneView(SIXEL), [], threading.Event()

    def whole(width, height):
        rendered.append("whole")
        time.sleep(0.06)
        return Picture(np.zeros((height, width), np.uint8))

    def quick(width, height):
        gate.wait(10)
        rendered.append("quick")
        return Picture(np.zeros((height, width), np.uint8))

    async with app.run_test(size=(20, 6)):
        app.view.request(whole)
        await until(lambda: app.shown)
        for _ in range(3):  # the first is drawn, the second's turn takes the third, whose own finds nothing
            app.view.request(whole, quick=quick)
            await asyncio.sleep(0.02)
        gate.set()
        await until(lambda: rendered.count("quick") == 2)
        await until(lambda: rendered[-1] == "whole")


async def test_the_next_picture_is_drawn_before_it_is_asked_for_and_shown_without_rendering():
    app, rendered = OneView(SIXEL), []

    def render(number):
        def draw(width, height):
            rendered.append((number, threading.current_thread() is threading.main_thread()))
            return Picture(np.full((height, width), number, np.uint8))

        return draw

    def ask(number):
        app.view.request(render(number), key=number, ahead=Ahead(number + 1, render(number + 1)))

    async with app.run_test(size=(20, 6)):
        ask(1)
        await until(lambda: len(rendered) == 2)
        assert [number for number, _ in rendered] == [1, 2]
        ask(2)
        await until(lambda: len(app.shown) >= 2 and len(rendered) == 3)
        assert [number for number, _ in rendered] == [1, 2, 3]
        app.view.request(grey(9))  # what was foreseen counts no more
        await until(lambda: len(app.shown) >= 3)
        ask(3)
        await until(lambda: len(rendered) == 5)
    assert [number for number, _ in rendered] == [1, 2, 3, 3, 4]
    assert not any(is_main for _, is_main in rendered)


async def test_a_draft_that_was_drawn_while_nothing_could_be_seen_is_made_good(monkeypatch):
    monkeypatch.setattr(Drafting, "level_for", lambda *_: 2)
    app, gate = OneView(SIXEL), threading.Event()

    def render(width, height):
        gate.wait(10)
        return Picture(np.full((height, width), 90, np.uint8))

    async with app.run_test(size=(20, 6)) as pilot:
        app.view.request(render)
        await asyncio.sleep(0.05)
        await app.push_screen(Screen())
        gate.set()
        await until(lambda: app.view._drawn is not None)
        assert app.view._drawn.level == 2
        await asyncio.sleep(2 * REST_SECONDS)
        app.pop_screen()
        await pilot.pause()
        await until(lambda: app.levels and app.levels[-1] == 0)
