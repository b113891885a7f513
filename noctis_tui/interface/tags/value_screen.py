"""The screen with one whole value: numbered values, text, or bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from archive.dicom.text import visible
from noctis_tui.interface.hints import hint_text
from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.row_list import RowList
from noctis_tui.interface.row_moves import RowMoves
from noctis_tui.interface.tags.element_rows import name_text, tag_text
from noctis_tui.interface.tags.value_lines import Line, ValueLines
from noctis_tui.interface.worklist.cells import size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

    from archive.dicom.attributes import Attribute
    from archive.dicom.element_node import Node

_HINTS = (
    ("value", "line_down", "down"),
    ("value", "page_down", "page"),
    ("value", "last", "end"),
    ("everywhere", "help", "help"),
    ("everywhere", "back", "back"),
)


class ValueScreen(KeyedScreen):
    """Shows a value from its first byte to its last.

    Parameters
    ----------
    node
        Whose value it is; its file stays open as long as the screen below does.
    attribute
        What it is called.
    """

    CONTEXT = "value"

    def __init__(self, node: Node, attribute: Attribute) -> None:
        super().__init__()
        self._node = node
        self._attribute = attribute
        self.rows: RowList[Line] = RowList(_cells, key=lambda line: line, id="value-lines")
        self.parts = (RowMoves(self.rows),)

    def compose(self) -> ComposeResult:
        """Lay out a title and the lines."""
        yield Static(id="value-title", markup=False, classes="line")
        yield self.rows
        yield Static(id="value-hints", markup=False, classes="line")

    def on_mount(self) -> None:
        """Say whose value it is."""
        colors, attribute = self.app.theme_variables, self._attribute
        name = "" if attribute.is_item else f"{tag_text(attribute.tag)}  "
        title = Text(" noctis", style=f"bold {colors['accent']}").append("  value  ", style=colors["muted"])
        title.append(f"{name}{name_text(attribute)}", style=colors["bright"])
        length = self._node.value.length
        title.append(f"   {visible(attribute.vr, 2)} {size(length)}", style=colors["muted"])
        self.query_one("#value-title", Static).update(title)
        self.query_one("#value-hints", Static).update(hint_text(self.keymap, _HINTS, self.size.width, colors))
        self.rows.focus()

    def on_resize(self) -> None:
        """Wrap text for the width."""
        vr = "OB" if self._node.is_fragment else self._attribute.vr
        self.rows.show(ValueLines(self._node, vr, self.size.width - 14))

    def action_cancel(self) -> None:
        """Go back."""
        self.action_back()


def _cells(line: Line, _width: int) -> Iterator[tuple[str, str]]:
    number, text, says = line
    yield f" {number:>9}  ", "muted"
    yield text, "bright"
    yield f"   {says}" if says else "", "muted"
