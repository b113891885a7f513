"""Help: what the keys do now, generated from the registry and the keymap."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from noctis_tui.interface.keyed_screen import KeyedScreen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual import events
    from textual.app import ComposeResult

    from noctis_tui.interface.actions import Action

_COLUMN_CELLS = 50
_SIDES = 6


class HelpScreen(KeyedScreen):
    """Lists the keys of the screen below it; any other key scrolls or leaves."""

    CONTEXT = "help"

    def __init__(self, of_contexts: Sequence[str]) -> None:
        super().__init__()
        self._of_contexts = of_contexts

    def compose(self) -> ComposeResult:
        """Lay out a title, the keys and how to leave."""
        yield Static("Keys", id="help-title", markup=False)
        with VerticalScroll(id="help-body"):
            yield Static(id="help-keys", markup=False)
        yield Static("? or Esc  back", id="help-foot", markup=False)

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one("#help-body").focus()

    def on_resize(self, event: events.Resize) -> None:
        """Arrange the keys in as many columns as fit."""
        columns = max(1, min(3, event.size.width // _COLUMN_CELLS))
        width = (event.size.width - _SIDES) // columns
        blocks = list(self._blocks(width - 2))
        self.query_one("#help-keys", Static).update(_side_by_side(blocks, columns, width))

    def action_cancel(self) -> None:
        """Go back."""
        self.dismiss()

    def action_help(self) -> None:
        """Go back: the key that opened help closes it."""
        self.dismiss()

    def _blocks(self, width: int) -> Iterator[list[Text]]:
        accent, muted = self.app.theme_variables["accent"], self.app.theme_variables["muted"]
        for group, actions in groupby(self._shown(), key=lambda action: action.group):
            lines = [Text(group, style=f"bold {muted}")]
            for action in actions:
                keys = " ".join(self.keymap.labels_of(action))
                line = Text(f"  {keys:<16} ", style=accent)
                lines.append(line.append(action.title, style=self.app.theme_variables["foreground"]))
            for line in lines:
                line.truncate(width, overflow="ellipsis")
            yield [*lines, Text()]

    def _shown(self) -> Iterator[Action]:
        for context in self._of_contexts:
            for action in self.keymap.registry.of(context):
                if self.keymap.labels_of(action):
                    yield action


def _side_by_side(blocks: list[list[Text]], columns: int, width: int) -> Text:
    height = -(-sum(len(block) for block in blocks) // columns)
    sides: list[list[Text]] = [[]]
    for block in blocks:
        if sides[-1] and len(sides) < columns and len(sides[-1]) + len(block) // 2 > height:
            sides.append([])
        sides[-1].extend(block)
    page = Text()
    for row in range(max(len(side) for side in sides)):
        for side in sides:
            cell = side[row].copy() if row < len(side) else Text()
            cell.pad_right(width - cell.cell_len)
            page.append_text(cell)
        page.append("\n")
    return page
