"""The lines around the differences: what is compared, what came of it, the row under the cursor in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from archive.dicom.text import visible
from noctis_tui.interface.diff.rows import Columns, detail_text
from noctis_tui.interface.hints import hint_text
from noctis_tui.interface.worklist.cells import fit, number

if TYPE_CHECKING:
    from noctis_tui.interface.diff.screen import DiffScreen

ALL = -1
"""The place of the summary before the first pair."""
_HINTS = (
    ("diff", "search", "search"),
    ("diff", "next_image previous_image", "instances"),
    ("diff", "fold", "fold"),
    ("diff", "everything", "all elements"),
    ("diff", "ignored", "ignored"),
    ("diff", "uids", "UIDs"),
    ("diff", "dates", "dates"),
    ("diff", "private", "private"),
    ("everywhere", "help", "help"),
    ("everywhere", "back", "back"),
)


class DiffLines:
    """Draws the lines of a `DiffScreen`."""

    def __init__(self, screen: DiffScreen) -> None:
        self._screen = screen
        self.title, self.names, self.hints = (
            Static(id=f"diff-{name}", markup=False, classes="line") for name in ("title", "sides", "hints")
        )
        self.nothing = Static(id="no-difference", markup=False)
        self.detail = Static(id="diff-detail", markup=False)

    def draw(self) -> None:
        """Draw every line."""
        colors, width = self._screen.app.theme_variables, self._screen.size.width
        self.title.update(self._title(width))
        self.names.update(self._names(width))
        self.nothing.update(Text(self._nothing(), style=colors["muted"]))
        row = self._screen.rows.row
        self.detail.update(detail_text(row, colors, width) if row is not None else Text())
        self.hints.update(hint_text(self._screen.keymap, _HINTS, width, colors))

    def _title(self, width: int) -> Text:
        colors = self._screen.app.theme_variables
        left = Text(" noctis", style=f"bold {colors['accent']}").append("  diff  ", style=colors["muted"])
        left.append(self._where(), style=colors["bright"])
        left.append(f"   {visible(self._state(), 200)}", style=colors["muted"])
        ignored = ", ".join(sorted(self._screen.ignoring.groups - {"encoding"}))
        right = Text(f"not counted: {ignored}" if ignored else "", style=colors["muted"])
        left.truncate(max(width - right.cell_len - 2, 10), overflow="ellipsis")
        left.append(" " * max(width - left.cell_len - right.cell_len - 1, 1))
        return left.append_text(right)

    def _where(self) -> str:
        if self._screen.place == ALL:
            return "all instances"
        if len(self._screen.results) == 1:
            return "one instance"
        return f"instance {self._screen.place + 1}/{len(self._screen.results)}"

    def _state(self) -> str:
        """Return how comparing or the search goes, or what came of it."""
        if self._screen.said:
            return self._screen.said
        if self._screen.search_box.value.strip():
            count = len(self._screen.matches())
            return f"{count} match{'' if count == 1 else 'es'}"
        hidden = self._screen.outline.hidden
        return self._count() + (f" · {number(hidden)} not counted" if hidden else "")

    def _count(self) -> str:
        if self._screen.place == ALL:
            summary = self._screen.summary
            alone = summary.without_partner
            without = f", {number(alone)} without a partner" if alone else ""
            return f"{number(summary.different)} of {number(summary.pairs)} differ{without}"
        pair = self._screen.results[self._screen.place].pair
        if not pair.is_complete:
            return f"only on the {'left' if pair.right is None else 'right'}"
        found = self._screen.results[self._screen.place].differences
        count = sum(each.counts for each in map(self._screen.ignoring.labelled, found))
        return f"{number(count)} difference{'' if count == 1 else 's'} · matched by {pair.matched_by}"

    def _names(self, width: int) -> Text:
        colors, columns = self._screen.app.theme_variables, Columns.of(width - 1, self._screen.pairs)
        left, right = (fit(visible(each.title, 120), columns.side) for each in self._screen.sides)
        text = Text(" " * columns.before_sides, style=colors["muted"], no_wrap=True)
        return text.append(left, style=colors["accent"]).append("  ").append(right, style=colors["accent"])

    def _nothing(self) -> str:
        hidden = self._screen.outline.hidden
        if hidden:
            key = self._screen.keymap.label("diff", "ignored")
            return f"Nothing differs that counts. {key} shows the {number(hidden)} that do not."
        return "No difference."
