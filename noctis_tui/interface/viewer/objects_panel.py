"""What refers to the images in view, beside them: objects, and what each is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from archive.dicom.text import visible
from noctis_tui.interface.viewer.derived import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult

    from noctis_tui.interface.viewer.derived import ObjectLayer
    from noctis_tui.reading.derived.part import Part

_ROWS_LIMIT = 2_000

Row = tuple["ObjectLayer", "Part | None"]


class ObjectsPanel(Vertical):
    """Lists objects and their parts, with a cursor; what the keys do is seen in the images beside it."""

    DEFAULT_CSS = """
    ObjectsPanel { dock: right; width: 44; max-width: 45%; height: 1fr; background: $panel; padding: 0 1; }
    ObjectsPanel > Static { height: 1; margin: 0 0 1 0; color: $bright; text-style: bold; }
    ObjectsPanel > VerticalScroll { height: 1fr; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.listed: Sequence[ObjectLayer] = ()
        self._cursor = 0
        self._list = Static(markup=False)

    def compose(self) -> ComposeResult:
        """Lay out a title and the rows."""
        yield Static("Over these images", markup=False)
        with VerticalScroll(can_focus=False):
            yield self._list

    def on_resize(self) -> None:
        """Cut the rows to the new width."""
        self.call_after_refresh(self.draw)

    def list(self, layers: Sequence[ObjectLayer]) -> None:
        """List these objects."""
        self.listed = layers
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draw the rows again: an object was opened, switched or failed."""
        found = self.query(VerticalScroll)
        if not self.is_attached or not found:  # not yet composed, or gone
            return
        rows = list(self._rows())
        self._cursor = max(0, min(self._cursor, len(rows) - 1))
        body = found.first()
        width = max(body.scrollable_content_region.width, 10)
        lines = [self._line(row, place == self._cursor, width) for place, row in enumerate(rows)]
        self._list.update(Text("\n").join(lines) if lines else Text(NOTHING, style=self._colors["muted"]))
        top, height = int(body.scroll_offset.y), max(body.scrollable_content_region.height, 1)
        if not top <= self._cursor < top + height:
            body.scroll_to(y=max(0, self._cursor - height // 2), animate=False, force=True)

    def move_by(self, rows: int) -> None:
        """Move the cursor."""
        self._cursor += rows
        self.draw()

    @property
    def current(self) -> Row | None:
        """The object under the cursor and which part of it, None for the whole."""
        rows = list(self._rows())
        return rows[self._cursor] if self._cursor < len(rows) else None

    @property
    def _colors(self) -> dict[str, str]:
        return self.app.theme_variables

    def _rows(self) -> Iterator[Row]:
        count = 0
        for layer in self.listed:
            yield layer, None
            parts = layer.opened.parts if layer.opened is not None and layer.is_on else ()
            for part in parts[: _ROWS_LIMIT - count]:
                count += 1
                yield layer, part

    def _line(self, row: Row, is_current: bool, width: int) -> Text:
        layer, part = row
        colors = self._colors
        line = _object_line(layer, colors) if part is None else _part_line(layer, part, colors)
        line.truncate(width, overflow="ellipsis")
        line.pad_right(width - line.cell_len)
        if is_current:
            line.stylize(f"on {colors['cursor']}")
        return line


def _object_line(layer: ObjectLayer, colors: dict[str, str]) -> Text:
    mark = "●" if layer.is_on else "○"
    line = Text(f" {mark} ", style=colors["accent"] if layer.is_on else colors["muted"])
    line.append(visible(layer.header.name, 60), style=f"bold {colors['bright']}")
    kind = "" if layer.header.kind == layer.header.name else layer.header.kind.lower()
    about = layer.state or (f"{layer.appearance.opacity:.0%}" if layer.is_on else kind)
    return line.append(f"  {visible(about, 120)}", style=colors["muted"])


def _part_line(layer: ObjectLayer, part: Part, colors: dict[str, str]) -> Text:
    hidden = part.number in layer.appearance.hidden
    red, green, blue = part.rgb
    line = Text("     ").append("□ " if hidden else "■ ", style=f"#{red:02x}{green:02x}{blue:02x}")
    line.append(part.name, style=colors["muted"] if hidden else colors["foreground"])
    return line.append(f"  {part.about}" if part.about else "", style=colors["muted"])
