"""Keys that come faster than they are handled."""

import asyncio
from typing import ClassVar

from textual import events
from textual.screen import Screen
from textual.widgets import Input, Static

from noctis_tui.interface.keys_in_turn import KeysInTurn


class Field(Input):
    async def on_key(self, event):
        if event.key == "enter":
            await asyncio.sleep(0.02)  # a busy machine


class Desk(Screen):
    BINDINGS: ClassVar = [("slash", "search"), ("n", "next")]

    def __init__(self):
        super().__init__()
        self.searched, self.nexts = [], 0

    def compose(self):
        yield Static()
        yield Field()

    def action_search(self):
        self.query_one(Field).focus()

    def action_next(self):
        self.nexts += 1

    def on_input_submitted(self, event):
        self.searched.append(event.value)
        event.input.value = ""
        self.set_focus(None)


class App(KeysInTurn):
    AUTO_FOCUS = None

    def get_default_screen(self):
        return Desk()


def type_fast(app, keys):
    for key in keys:
        names = {"/": "slash", "\r": "enter"}
        app.post_message(events.Key(names.get(key, key), key))


async def until(pilot, holds):
    for _ in range(300):
        if holds():
            return
        await pilot.pause(0.01)
    assert holds()


async def test_each_key_sees_what_the_one_before_did():
    async with App().run_test() as pilot:
        desk = pilot.app.screen
        type_fast(pilot.app, "/on\rn/na\rn")
        await until(pilot, lambda: len(desk.searched) == 2 and desk.nexts == 2)
        assert desk.searched == ["on", "na"]


async def test_a_screen_that_goes_with_a_key_holds_nothing_up():
    async with App().run_test() as pilot:
        desk = pilot.app.screen
        await pilot.app.push_screen(Leaving())
        type_fast(pilot.app, "qnn")
        await until(pilot, lambda: desk.nexts == 2)
        assert pilot.app.screen is desk


class Leaving(Screen):
    BINDINGS: ClassVar = [("q", "app.pop_screen")]
