"""A screen whose keys are data: the keymap finds the action, the screen performs it."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Input

from noctis_tui.interface.actions import EVERYWHERE
from noctis_tui.interface.key_names import key_label, key_of
from noctis_tui.interface.keymap import Keymap, Pending

if TYPE_CHECKING:
    from noctis_tui.interface.actions import Action
    from noctis_tui.interface.key_names import Keys


class KeyedScreen(Screen[None]):
    """Dispatches keys to `action_<name>` of the screen, else of one of its parts, else of the app.

    Subclasses name their `CONTEXT`; its actions are in the registry that the app is built with. While `mode`
    names another context its keys are asked first; Esc ends it. `pending` shows an unfinished sequence.
    `parts` are the objects that a screen is put together from.
    """

    CONTEXT: ClassVar[str] = EVERYWHERE

    mode: reactive[str] = reactive("")
    pending: reactive[str] = reactive("")

    def __init__(self, name: str | None = None, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(name=name, id=id)
        self._keys: Keys = ()
        self.parts: tuple[object, ...] = ()

    @property
    def keymap(self) -> Keymap:
        """The keymap of the application."""
        keymap = getattr(self.app, "keymap", None)
        assert isinstance(keymap, Keymap)
        return keymap

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts whose keys are asked, in order."""
        return tuple(dict.fromkeys(name for name in (self.mode, self.CONTEXT, EVERYWHERE) if name))

    async def on_key(self, event: events.Key) -> None:
        """Find the action of a key that no widget took."""
        if self.app.screen is not self:
            # It was typed ahead of what another key opened, or behind what one closed.
            event.stop()
            self.app.post_message(events.Key(event.key, event.character))
            return
        if self._typing(event):
            return
        key = key_of(event)
        if key == "escape" and (self._keys or self.mode):
            self._expect(())
            self.mode = ""
            event.stop()
            return
        found = self.keymap.find(self.contexts, (*self._keys, key))
        self._expect(found.keys if isinstance(found, Pending) else ())
        if found is not None:
            event.stop()
        if found is not None and not isinstance(found, Pending):
            await self.perform(found)

    def knows(self, event: events.Key) -> bool:
        """Tell whether a key, or a sequence that it goes on with, asks for anything now."""
        return self.keymap.find(self.contexts, (*self._keys, key_of(event))) is not None

    async def perform(self, action: Action) -> None:
        """Do what an action asks for, whoever asks: a key, the palette, the mouse."""
        if action.mode:
            self.mode = "" if self.mode == action.mode else action.mode
            return
        found = (getattr(part, action.handler, None) for part in (self, *self.parts, self.app))
        handler = next(handler for handler in found if handler is not None)
        outcome = handler() if action.argument is None else handler(action.argument)
        if isawaitable(outcome):
            await outcome

    def _expect(self, keys: Keys) -> None:
        self._keys = keys
        self.pending = key_label(keys) if keys else ""

    def _typing(self, event: events.Key) -> bool:
        """Tell whether the key edits a text field, whose own bindings Textual asks only after the screen."""
        if not isinstance(self.focused, Input):
            return False
        active = self.active_bindings.get(event.key)
        return active is not None and active.node is self.focused

    def preferences_changed(self) -> None:
        """Take up other keys and colours; screens that keep what they have drawn override it."""
        self.refresh(layout=True)

    def action_next_pane(self) -> None:
        """Give the keys to the next pane."""
        self.focus_next()

    def action_previous_pane(self) -> None:
        """Give the keys to the previous pane."""
        self.focus_previous()

    def action_cancel(self) -> None:
        """Give up what was begun; a screen with nothing begun does nothing."""

    def action_back(self) -> None:
        """Leave this screen; the last one leaves the application."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            self.app.exit()
