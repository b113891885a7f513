"""The screen with every element of one instance, and a key away those of the others of its series."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Input, Static

from archive.dicom.element_tree import ElementTree
from archive.dicom.text import visible
from archive.errors import NoctisError
from noctis_tui.interface.hints import hint_text
from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.tags.copying import CopyActions
from noctis_tui.interface.tags.element_list import ElementList
from noctis_tui.interface.tags.element_rows import detail_text
from noctis_tui.interface.tags.neighbours import NeighbourDiff
from noctis_tui.interface.tags.searching import MOST_MATCHES, find_elements
from noctis_tui.interface.worklist.cells import number

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from archive.dicom.element_node import Node
    from noctis_tui.interface.tags.instances import Instances

_TYPING_SECONDS = 0.15
"""A search begins when nothing was typed for so long."""
_HINTS = (
    ("tags", "search", "search"),
    ("tags", "next_match previous_match", "matches"),
    ("tags", "open", "open"),
    ("tags", "unfold_all fold_all", "all, none"),
    ("tags", "next_image previous_image", "image"),
    ("tags", "variation", "varies"),
    ("tags", "copy_value copy_path", "copy value, tag"),
    ("everywhere", "help", "help"),
    ("everywhere", "back", "back"),
)


class TagsScreen(KeyedScreen):
    """Shows the elements of an instance as a tree, and searches them.

    Parameters
    ----------
    instances
        Which one to begin with, and which it can go to.
    """

    CONTEXT = "tags"

    def __init__(self, instances: Instances) -> None:
        super().__init__()
        self.instances = instances
        self.elements = ElementList(id="elements")
        self.parts = (CopyActions(self.elements), NeighbourDiff(self))
        self._tree: ElementTree | None = None
        self._search = Input(id="search", placeholder="keyword, tag, value, or a VR in capitals")
        self._search_ends = threading.Event()
        self._searching = False
        self._wanted_path = ""
        self._said = ""

    def compose(self) -> ComposeResult:
        """Lay out a title, the elements, where the cursor is, and the keys or what is searched."""
        yield Static(id="tags-title", markup=False, classes="line")
        yield self.elements
        yield Static(id="tags-detail", markup=False, classes="line")
        yield Static(id="tags-hints", markup=False, classes="line")
        yield self._search

    def on_mount(self) -> None:
        """Read the file off the event loop."""
        self._search.display = False
        self.elements.focus()
        self._go_to(self.instances)

    def on_unmount(self) -> None:
        """Close the file."""
        self._search_ends.set()
        if self._tree is not None:
            self._tree.close()

    def on_resize(self) -> None:
        """Fill the lines again."""
        self._draw_lines()

    # ---- the instances of the series

    def _go_to(self, instances: Instances) -> None:
        self.instances = instances
        self.run_worker(self._read(instances), group="read", exclusive=True)

    async def _read(self, instances: Instances) -> None:
        try:
            tree = await asyncio.to_thread(_opened, instances.file)
        except (NoctisError, OSError) as error:
            self._said = str(error)
            self._draw_lines()
            return
        before, self._tree = self._tree, tree
        self.elements.show(tree)
        self.elements.go_to_path(self._wanted_path)
        self._wanted_path = ""
        if before is not None:
            before.close()
        self._said = tree.fault or f"{number(len(self.elements.outline))} elements"
        self._draw_lines()
        if self._search.value:
            self._find(stay=True)

    def action_go_to_instance(self, steps: float) -> None:
        """Show the same element of another instance of the series."""
        moved = self.instances.moved(int(steps))
        if moved.index != self.instances.index:
            self._go_to(moved)

    def action_variation(self) -> None:
        """Show what varies within the series."""
        from noctis_tui.interface.tags.variation_screen import VariationScreen  # noqa: PLC0415 - when it is needed

        self.app.push_screen(VariationScreen(self.instances, self._look_at))

    def _look_at(self, instances: Instances, path: str) -> None:
        """Show an element of an instance."""
        self._wanted_path = path
        self._go_to(instances)

    # ---- the search

    def on_input_changed(self) -> None:
        """Search as it is typed."""
        self._find(stay=False)

    def on_input_submitted(self) -> None:
        """Go back to the tree with the matches marked."""
        self._close_search()

    def action_search(self) -> None:
        """Type what to look for."""
        self._search.display = True
        self.query_one("#tags-hints").display = False
        self._search.focus()

    def action_go_to_match(self, step: float) -> None:
        """Go to another match."""
        self.elements.go_to_match(int(step))

    def _find(self, *, stay: bool) -> None:
        self._search_ends.set()
        self._search_ends = threading.Event()
        self._searching = True
        self._draw_lines()
        self.run_worker(self._found(self._search.value, stay=stay), group="search", exclusive=True)

    async def _found(self, text: str, *, stay: bool) -> None:
        tree, ends = self._tree, self._search_ends
        matches: list[Node] = []
        if text.strip() and tree is not None:
            await asyncio.sleep(_TYPING_SECONDS)
            matches = await asyncio.to_thread(find_elements, tree, text, ends)
        if ends.is_set():
            return
        self._searching = False
        self.elements.mark(matches)
        if not stay:
            self.elements.go_to_match(0)
        self._draw_lines()

    def _close_search(self) -> None:
        self._search.display = False
        self.query_one("#tags-hints").display = True
        self.elements.focus()

    def action_cancel(self) -> None:
        """Give up the search; without one, go back."""
        if self._search.value or self._search.has_focus:
            self._search.value = ""
            self._close_search()
        else:
            self.action_back()

    # ---- folding and looking

    def action_open(self) -> None:
        """Fold or unfold; of an element with nothing inside, show the whole value."""
        row = self.elements.row
        if row is None or self.elements.toggle():
            return
        from noctis_tui.interface.tags.value_screen import ValueScreen  # noqa: PLC0415 - when it is needed

        if row.node.value.length:
            self.app.push_screen(ValueScreen(row.node, self.elements.outline.attribute(row)))

    def on_element_list_chosen(self) -> None:
        """Do what Enter does."""
        self.action_open()

    def action_unfold(self) -> None:
        """Show what is inside, or go into it."""
        self.elements.unfold()

    def action_fold(self) -> None:
        """Hide what is inside, or go out of it."""
        self.elements.fold()

    def action_unfold_all(self) -> None:
        """Show everything."""
        self.elements.unfold_all()

    def action_fold_all(self) -> None:
        """Show the top level alone."""
        self.elements.fold_all()

    # ---- movement

    def action_move_by(self, rows: float) -> None:
        """Move the cursor by so many rows."""
        self.elements.move_to(self.elements.cursor + int(rows))

    def action_move_by_pages(self, pages: float) -> None:
        """Move the cursor by so many pages."""
        self.action_move_by(pages * self.elements.page_rows)

    def action_first(self) -> None:
        """Go to the first row."""
        self.elements.move_to(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.elements.move_to(len(self.elements.outline) - 1)

    # ---- the lines

    def on_element_list_moved(self) -> None:
        """Say where the cursor is."""
        self._draw_lines()

    def preferences_changed(self) -> None:
        """Draw the lines with other keys and colours."""
        super().preferences_changed()
        self._draw_lines()

    def _draw_lines(self) -> None:
        if not self.is_attached:
            return
        colors, width = self.app.theme_variables, self.size.width
        self.query_one("#tags-title", Static).update(self._title(width))
        self.query_one("#tags-hints", Static).update(hint_text(self.keymap, _HINTS, width, colors))
        row = self.elements.row
        detail = Text(no_wrap=True, overflow="ellipsis")
        if row is not None:
            detail = detail_text(row.node, self.elements.outline.attribute(row), colors)
        self.query_one("#tags-detail", Static).update(detail)

    def _title(self, width: int) -> Text:
        colors = self.app.theme_variables
        left = Text(" noctis", style=f"bold {colors['accent']}").append("  tags  ", style=colors["muted"])
        left.append(visible(self.instances.title, 80), style=colors["bright"])
        if self.instances.place_text:
            left.append(f"   {self.instances.place_text}", style=colors["foreground"])
        right = Text(visible(self._state(), 200), style=colors["muted"])
        left.truncate(max(width - right.cell_len - 3, 10), overflow="ellipsis")
        left.append(" " * max(width - left.cell_len - right.cell_len - 1, 1))
        return left.append_text(right)

    def _state(self) -> str:
        """Return how the search goes, or how much there is."""
        if not self._search.value.strip():
            return self._said
        if self._searching:
            return "searching"
        count, at = len(self.elements.matches), self.elements.match_number
        many = f"{number(count)}{' or more' if count >= MOST_MATCHES else ''}"
        return f"match {at} of {many}" if at else f"{many} match{'' if count == 1 else 'es'}"


def _opened(file: Path) -> ElementTree:
    """Open a file and look at its top level, so that the event loop need not."""
    tree = ElementTree.open(file)
    for node in tree.top():
        tree.count(node)
    return tree
