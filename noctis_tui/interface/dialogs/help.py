"""Help: what the keys do now, generated from the registry and the keymap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from noctis_tui.interface.keyed_screen import KeyedScreen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual import events
    from textual.app import ComposeResult

    from noctis_tui.interface.actions import Action

_COLUMN_CELLS = 50
_SIDES = 6


class HelpScreen(KeyedScreen):
    """Lists the keys of the screen below it as they are bound now; a filter finds one among them."""

    CONTEXT = "help"

    def __init__(self, of_contexts: Sequence[str]) -> None:
        super().__init__()
        self._of_contexts = of_contexts

    def compose(self) -> ComposeResult:
        """Lay out a title, the keys and how to leave."""
        yield Static("Keys", id="help-title", markup=False)
        with VerticalScroll(id="help-body"):
            yield Static(id="help-keys", markup=False)
        yield Static(id="help-foot", markup=False)
        yield Input(id="help-filter", placeholder="a word or a key")

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self._close_filter()

    def on_resize(self, event: events.Resize) -> None:
        """Arrange the keys in as many columns as fit."""
        self._draw(event.size.width)

    def preferences_changed(self) -> None:
        """Show other keys in other colours."""
        super().preferences_changed()
        self._draw(self.size.width)

    def _draw(self, cells: int) -> None:
        columns = max(1, min(3, cells // _COLUMN_CELLS))
        width = (cells - _SIDES) // columns
        blocks = list(self._blocks(width - 2))
        page = _side_by_side(blocks, columns, width) if blocks else Text("Nothing here is called so.")
        self.query_one("#help-keys", Static).update(page)
        colors, foot = self.app.theme_variables, Text(no_wrap=True)
        for context, name, word in (("help", "filter", "find"), ("everywhere", "cancel", "back")):
            foot.append(self.keymap.label(context, name), colors["accent"])
            foot.append(f" {word}   ", colors["muted"])
        self.query_one("#help-foot", Static).update(foot)

    def on_input_changed(self) -> None:
        """Show what is looked for."""
        self._draw(self.size.width)

    def on_input_submitted(self) -> None:
        """Scroll through what was found."""
        self.query_one("#help-body").focus()

    def _close_filter(self) -> None:
        self.query_one("#help-filter").display = False
        self.query_one("#help-foot").display = True
        self.query_one("#help-body").focus()

    def action_filter(self) -> None:
        """Type what to look for."""
        self.query_one("#help-foot").display = False
        field = self.query_one("#help-filter", Input)
        field.display = True
        field.focus()

    def action_cancel(self) -> None:
        """Show everything again; when that is shown, go back."""
        field = self.query_one("#help-filter", Input)
        if not field.display:
            self.dismiss()
            return
        field.value = ""
        self._close_filter()

    def action_help(self) -> None:
        """Go back: the key that opened help closes it."""
        self.dismiss()

    def _blocks(self, width: int) -> Iterator[list[Text]]:
        accent, muted = self.app.theme_variables["accent"], self.app.theme_variables["muted"]
        groups: dict[str, list[Action]] = {}
        for action in self._shown():
            groups.setdefault(action.group, []).append(action)
        for group, actions in groups.items():
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
                if self.keymap.labels_of(action) and self._is_wanted(action):
                    yield action

    def _is_wanted(self, action: Action) -> bool:
        wanted = self.query_one("#help-filter", Input).value.strip()
        keys = self.keymap.labels_of(action)
        if len(wanted) < 2:  # a key, or the beginning of a word
            return not wanted or wanted in keys
        said = f"{action.title} {action.group} {' '.join(keys)}"
        return wanted.casefold() in said.casefold()


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
