"""The line in which the words of a text or an arrow are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from noctis_tui.reading.annotating import LONGEST_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

_SCROLLING = frozenset({"up", "down", "pageup", "pagedown", "tab", "shift+tab"})


class WordsInput(Input):
    """Asks for words at the bottom of the viewer.

    Parameters
    ----------
    said
        Told the words when Enter is pressed.
    """

    DEFAULT_CSS = """
    WordsInput { height: 1; border: none; padding: 0 1; background: $panel; display: none; }
    WordsInput:focus { border: none; }
    """

    def __init__(self, said: Callable[[str], None]) -> None:
        super().__init__(
            id="words",
            max_length=LONGEST_TEXT,
            select_on_focus=False,
        )
        self._said = said
        self.can_focus = False  # else the screen would begin in it

    def ask(self, words: str, what: str) -> None:
        """Take the place of the footer and wait for words; `what` stands there while there are none."""
        self.value = words
        self.placeholder = f"{what}, Enter to keep, Esc to give up"
        self.cursor_position = len(words)
        self.screen.query_one("#viewer-footer").display = False
        self.display = self.can_focus = True
        self.screen.set_focus(self)  # at once: the next key is already a letter

    def put_away(self) -> None:
        """Give the footer its place again."""
        self.display = self.can_focus = False
        self.screen.query_one("#viewer-footer").display = True
        self.screen.set_focus(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Tell the words."""
        event.stop()
        self._said(event.value)

    def on_key(self, event: events.Key) -> None:
        """Let no key scroll the images while words are typed."""
        if event.key in _SCROLLING:
            event.stop()
