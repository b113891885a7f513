"""The elements of an instance as lines, of which only those on screen are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from archive.dicom.text import visible
from noctis_tui.interface.worklist.cells import fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from archive.dicom.attributes import Attribute

_WIDEST_KEYWORD = 44
_LONGEST_VALUE = 1000


class ElementList(ScrollView, can_focus=True):
    """A cursor over elements, and the matches of a search."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "element-list--tag",
        "element-list--name",
        "element-list--value",
        "element-list--match",
        "element-list--cursor",
    }

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._elements: Sequence[Attribute] = ()
        self._matches: frozenset[int] = frozenset()
        self.cursor = 0

    def show(self, elements: Sequence[Attribute]) -> None:
        """Show the elements of an instance."""
        self._elements = elements
        self._fit_rows()
        self.refresh()

    def search(self, text: str) -> int:
        """Mark the elements whose line holds the text, go to the first from here on; return how many."""
        wanted = text.casefold()
        found = (index for index, element in enumerate(self._elements) if wanted in _searched(element))
        self._matches = frozenset(found) if wanted else frozenset()
        if self._matches and self.cursor not in self._matches:
            self.go_to_match(1)
        self.refresh()
        return len(self._matches)

    def go_to_match(self, step: int) -> None:
        """Go to the next or the previous match, around the end."""
        if not self._matches:
            return
        beyond = [index for index in self._matches if (index - self.cursor) * step > 0]
        nearest = min if step > 0 else max
        self.move_to(nearest(beyond or self._matches))

    def move_to(self, index: int) -> None:
        """Put the cursor on an element."""
        self.cursor = max(0, min(index, len(self._elements) - 1))
        top, height = self.scroll_offset.y, self.page_rows
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)
        self.refresh()

    @property
    def page_rows(self) -> int:
        """Rows on one screen."""
        return max(1, self.scrollable_content_region.height)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._fit_rows()
        self.move_to(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        self.move_to(event.y + self.scroll_offset.y)

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        index, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        if index >= len(self._elements):
            return Strip.blank(width, self.rich_style)
        ground = self._style("cursor") if index == self.cursor else Style.null()
        parts = _parts(self._elements[index], min(_WIDEST_KEYWORD, width // 3))
        name = "match" if index in self._matches else "name"
        styles = (self._style("tag"), self._style(name), self._style("value"))
        segments = [Segment(text, style + ground) for text, style in zip(parts, styles, strict=True)]
        return Strip(segments).adjust_cell_length(width, self.rich_style + ground)

    def _fit_rows(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._elements))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"element-list--{name}", partial=name == "cursor")


def _parts(element: Attribute, keyword_cells: int) -> tuple[str, str, str]:
    indent = "  " * min(element.depth, 12)
    if element.is_item:
        return f" {indent}", f"{visible(element.name, 60)}", ""
    name = fit(f"{indent}{visible(element.keyword or element.name, 60)}", keyword_cells)
    return (
        f" {_tag(element)}  {visible(element.vr, 2):2}  ",
        name,
        "  " + visible(element.value, _LONGEST_VALUE),
    )


def _searched(element: Attribute) -> str:
    return f"{_tag(element)} {element.keyword} {element.name} {element.value[:_LONGEST_VALUE]}".casefold()


def _tag(element: Attribute) -> str:
    return f"({element.tag >> 16:04X},{element.tag & 0xFFFF:04X})"
