"""A page of text in a pane, scrolled by the keys that scroll images; only what is on screen is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.text import Text
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.style import Style

    from noctis_tui.reading.documents.page import TextLine, TextPage

_NARROWEST = 12
_HANGING = 2


class _Row(NamedTuple):
    indent: str
    label: str
    text: str
    kind: str


class PageView(ScrollView, can_focus=False):
    """Shows a `TextPage`, its long lines folded to the width of the pane."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"page-view--{name}" for name in ("title", "heading", "label", "text"))
    }
    DEFAULT_CSS = """
    PageView { width: 1fr; height: 1fr; background: $background; padding: 1 0 0 2; }
    PageView { overflow-x: hidden; scrollbar-size-vertical: 1; }
    PageView > .page-view--title { color: $bright; text-style: bold; }
    PageView > .page-view--heading { color: $accent; text-style: bold; }
    PageView > .page-view--label { color: $muted; }
    PageView > .page-view--text { color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._page: TextPage | None = None
        self._rows: list[_Row] = []
        self.display = False

    def open(self, page: TextPage) -> None:
        """Show a page from its beginning."""
        self.display = True
        if page is not self._page:
            self._page = page
            self.scroll_to(y=0, animate=False, force=True)
            self._fold()

    def scroll_rows(self, rows: int) -> bool:
        """Scroll by rows; tell whether there was anything left to scroll to."""
        target = min(max(self.scroll_offset.y + rows, 0), self.max_scroll_y)
        moved = target != self.scroll_offset.y
        self.scroll_to(y=target, animate=False, force=True)
        return moved

    @property
    def page_rows(self) -> int:
        """Rows on one screen, less one to find the place again."""
        return max(self.scrollable_content_region.height - 1, 1)

    def on_resize(self) -> None:
        """Fold the lines again."""
        self._fold()

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        place, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        ground = self.rich_style
        if place >= len(self._rows):
            return Strip.blank(width, ground)
        row = self._rows[place]
        label = self._style("label" if row.kind == "text" else row.kind)
        segments = [
            Segment(row.indent, ground),
            Segment(row.label, ground + label),
            Segment(row.text, ground + self._style("text")),
        ]
        return Strip(segments).adjust_cell_length(width, ground)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"page-view--{name}", partial=True)

    def _fold(self) -> None:
        width = self.scrollable_content_region.width
        if self._page is None or width <= 0:
            return
        self._rows = list(_rows_of(self._page, max(width, _NARROWEST)))
        self.virtual_size = Size(width, len(self._rows))
        self.refresh()


def _rows_of(page: TextPage, width: int) -> Iterator[_Row]:
    yield from (_Row("", part, "", "title") for part in folded(page.title, width))
    yield from (_Row("", "", part, "text") for part in folded(page.reason, width) if page.reason)
    names = max((len(name) for name, _ in page.attributes), default=0)
    for name, value in page.attributes:
        parts = folded(value, width - names - 2)
        yield _Row("", f"{name:<{names}}  ", parts[0], "text")
        yield from (_Row(" " * (names + 2), "", part, "text") for part in parts[1:])
    yield _Row("", "", "", "text")
    for line in page.lines:
        yield from _rows_of_line(line, width)


def _rows_of_line(line: TextLine, width: int) -> Iterator[_Row]:
    indent = line.indent if width - len(line.indent) > 2 * _NARROWEST else ""
    if line.is_heading:
        yield from (_Row(indent, part, "", "heading") for part in folded(line.label, width - len(indent)))
        return
    label = line.start[len(line.indent) :]
    room = width - len(indent) - cell_len(label)
    beside = room >= _NARROWEST
    hanging = f"{indent}{' ' * _HANGING}"
    parts = folded(line.text, width - len(hanging))
    if beside and len(parts) == 1 and cell_len(parts[0]) <= room:
        yield _Row(indent, label, parts[0], "text")
        return
    for part in folded(label.rstrip(), width - len(indent)) if label else ():
        yield _Row(indent, part, "", "text")
    yield from (_Row(hanging if label else indent, "", part, "text") for part in parts)


def folded(text: str, width: int) -> list[str]:
    """Break a text at its line ends, and at words where it is wider than `width` cells; at least one line."""
    parts: list[str] = []
    for line in text.split("\n"):
        if cell_len(line) <= width:
            parts.append(line)
        else:
            parts += _words_folded(line, max(width, 1))
    return parts


def _words_folded(line: str, width: int) -> Iterator[str]:
    row = ""
    for word in line.split(" "):
        joined = f"{row} {word}" if row else word
        if cell_len(joined) <= width:
            row = joined
            continue
        if row:
            yield row
        *whole, row = _cut(word, width)
        yield from whole
    yield row


def _cut(word: str, width: int) -> list[str]:
    """Cut a word that is wider than a line, such as a UID in a narrow pane."""
    pieces = []
    rest = Text(word)
    while rest.cell_len > width:
        piece = rest.copy()
        piece.truncate(width, overflow="crop")
        taken = max(len(piece.plain.rstrip(" ")), 1)
        pieces.append(rest.plain[:taken])
        rest = Text(rest.plain[taken:])
    return [*pieces, rest.plain]
