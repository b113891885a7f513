"""The screen with every element of one instance."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Input, Static

from archive.dicom.attributes import walk_attributes
from archive.dicom.source import opened
from archive.dicom.text import visible
from archive.errors import NoctisError
from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.tags.element_list import ElementList

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from archive.dicom.attributes import Attribute

_MOST_ELEMENTS = 200_000
"""More than this is never shown: no real instance comes near, a hostile one shall not fill the memory."""


class TagsScreen(KeyedScreen):
    """Lists the elements of a file and searches them."""

    CONTEXT = "tags"

    def __init__(self, file: Path, title: str) -> None:
        super().__init__()
        self._file = file
        self._title = title
        self._list = ElementList(id="elements")
        self._search = Input(id="search", placeholder="tag, name or value")

    def compose(self) -> ComposeResult:
        """Lay out a title, the elements and what is searched."""
        yield Static(id="tags-title", markup=False, classes="line")
        yield self._list
        yield Static(id="tags-hints", markup=False, classes="line")
        yield self._search

    async def on_mount(self) -> None:
        """Read the file off the event loop."""
        self._search.display = False
        self._list.focus()
        self._say("")
        self.run_worker(self._read())

    async def _read(self) -> None:
        try:
            elements = await asyncio.to_thread(read_elements, self._file)
        except (NoctisError, OSError) as error:
            self._say(str(error))
            return
        self._list.show(elements)
        self._say(f"{len(elements)} elements")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search as it is typed."""
        found = self._list.search(event.value)
        self._say(f"{found} match{'es' if found != 1 else ''}" if event.value else "")

    def on_input_submitted(self) -> None:
        """Go back to the list with the matches marked."""
        self._close_search()

    def action_search(self) -> None:
        """Type what to look for."""
        self._search.display = True
        self.query_one("#tags-hints").display = False
        self._search.focus()

    def action_cancel(self) -> None:
        """Give up the search; without one, go back."""
        if self._search.value or self._search.has_focus:
            self._search.value = ""
            self._close_search()
        else:
            self.action_back()

    def action_move_by(self, rows: float) -> None:
        """Move the cursor by so many elements."""
        self._list.move_to(self._list.cursor + int(rows))

    def action_move_by_pages(self, pages: float) -> None:
        """Move the cursor by so many pages."""
        self.action_move_by(pages * self._list.page_rows)

    def action_first(self) -> None:
        """Go to the first element."""
        self._list.move_to(0)

    def action_last(self) -> None:
        """Go to the last element."""
        self._list.move_to(self._list.virtual_size.height - 1)

    def action_go_to_match(self, step: float) -> None:
        """Go to another match."""
        self._list.go_to_match(int(step))

    def _close_search(self) -> None:
        self._search.display = False
        self.query_one("#tags-hints").display = True
        self._list.focus()

    def _say(self, sentence: str) -> None:
        colors = self.app.theme_variables
        title = Text(" noctis", style=f"bold {colors['accent']}").append("  tags  ", style=colors["muted"])
        title.append(visible(self._title), style=colors["bright"])
        title.append(f"   {visible(sentence, 300)}", style=colors["muted"])
        self.query_one("#tags-title", Static).update(title)
        hints = Text(" ", no_wrap=True)
        for context, name, word in _HINTS:
            hints.append(self.keymap.label(context, name), style=colors["accent"])
            hints.append(f" {word}   ", style=colors["muted"])
        self.query_one("#tags-hints", Static).update(hints)


_HINTS = (
    ("tags", "search", "search"),
    ("tags", "next_match", "next match"),
    ("tags", "previous_match", "match before"),
    ("everywhere", "help", "help"),
    ("everywhere", "back", "back"),
)


class _Enough(Exception):
    """As many elements as are shown have been read."""


def read_elements(file: Path) -> list[Attribute]:
    """Return the elements of a file, nested and private ones too.

    Raises
    ------
    CannotUnderstand
        The file does not parse before its first element; what parses before that is shown.
    """
    elements: list[Attribute] = []

    def take(element: Attribute) -> None:
        elements.append(element)
        if len(elements) >= _MOST_ELEMENTS:
            raise _Enough

    with opened(file) as source:
        try:
            walk_attributes(source, take)
        except _Enough:
            pass
        except NoctisError:
            if not elements:
                raise
    return elements
