"""The screen with what varies within a series: its elements down, its instances across."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from archive.comparing.variation import VaryingElement, variation
from archive.dicom.text import visible
from archive.progress import Cancelled, CancelToken, Progress
from noctis_tui.interface.hints import hint_text
from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.row_list import RowList
from noctis_tui.interface.row_moves import RowMoves
from noctis_tui.interface.worklist.cells import fit, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import ComposeResult

    from noctis_tui.interface.tags.instances import Instances

_COLUMN_CELLS = 18
_ABSENT = "—"
_HINTS = (
    ("variation", "line_down line_up", "element"),
    ("variation", "next_image previous_image", "image"),
    ("variation", "open", "show in its instance"),
    ("everywhere", "help", "help"),
    ("everywhere", "back", "back"),
)


class VariationScreen(KeyedScreen):
    """Shows the elements whose values are not the same in all instances of a series.

    Parameters
    ----------
    instances
        Those of the series; the columns begin with the one that is looked at.
    chosen
        Told which element of which instance a person wants to see.
    """

    CONTEXT = "variation"

    def __init__(self, instances: Instances, chosen: Callable[[Instances, str], None]) -> None:
        super().__init__()
        self.instances = instances
        self._chosen = chosen
        self.rows: RowList[VaryingElement] = RowList(self._cells, key=lambda row: row.path, id="varying")
        self.parts = (RowMoves(self.rows),)
        self._said = "reading the series"
        self._token = CancelToken()

    def compose(self) -> ComposeResult:
        """Lay out a title, the numbers of the instances, and the rows."""
        yield Static(id="variation-title", markup=False, classes="line")
        yield Static(id="variation-columns", markup=False, classes="line")
        yield self.rows
        yield Static(id="variation-detail", markup=False, classes="line")
        yield Static(id="variation-hints", markup=False, classes="line")

    def on_mount(self) -> None:
        """Read the series off the event loop."""
        self.rows.focus()
        self.run_worker(self._read())
        self._draw()

    def on_unmount(self) -> None:
        """Stop reading."""
        self._token.cancel()

    def on_resize(self) -> None:
        """Fill the lines again."""
        self._draw()

    async def _read(self) -> None:
        def heard(progress: Progress) -> None:
            self._said = f"reading {progress.done} of {progress.total}"

        timer = self.set_interval(0.25, self._draw)
        try:
            found = await asyncio.to_thread(variation, self.instances.files, heard=heard, token=self._token)
        except Cancelled:
            return
        finally:
            timer.stop()
        self.rows.show(found)
        varies = f"{number(len(found))} element{' varies' if len(found) == 1 else 's vary'}"
        self._said = f"{varies} within {number(len(self.instances.files))} instances"
        self._draw()

    def action_go_to_instance(self, steps: float) -> None:
        """Let the columns begin with another instance."""
        self.instances = self.instances.moved(int(steps))
        self.rows.refresh()
        self._draw()

    def action_open(self) -> None:
        """Show the element in the tree of the instance that the columns begin with."""
        row = self.rows.row
        if row is not None:
            self.action_back()
            self._chosen(self.instances, row.path)

    def on_row_list_chosen(self) -> None:
        """Do what Enter does."""
        self.action_open()

    def action_cancel(self) -> None:
        """Go back."""
        self.action_back()

    # ---- drawing

    def on_row_list_moved(self) -> None:
        """Say where the cursor is."""
        self._draw()

    def _columns(self, width: int) -> range:
        """Return which instances have a column."""
        room = max((width - _name_cells(width) - 8) // (_COLUMN_CELLS + 2), 1)
        first = min(self.instances.index, max(len(self.instances.files) - room, 0))
        return range(first, min(first + room, len(self.instances.files)))

    def _cells(self, row: VaryingElement, width: int) -> Iterator[tuple[str, str]]:
        yield " " + fit(visible(row.keyword or row.name or row.path, 60), _name_cells(width)), "text"
        yield f"{row.distinct:>5}  ", "muted"
        for place in self._columns(width):
            value = row.values[place]
            before = row.values[place - 1] if place else value
            shown = _ABSENT if value is None else visible(value, 100)
            here = place == self.instances.index
            yield (
                fit(shown, _COLUMN_CELLS) + "  ",
                "accent" if here else "muted" if value == before else "bright",
            )

    def _draw(self) -> None:
        if not self.is_attached:
            return
        colors, width = self.app.theme_variables, self.size.width
        title = Text(" noctis", style=f"bold {colors['accent']}").append("  varies  ", style=colors["muted"])
        title.append(visible(self.instances.title, 80), style=colors["bright"])
        title.append(f"   {self.instances.place_text}   {self._said}", style=colors["muted"])
        self.query_one("#variation-title", Static).update(title)
        heads = Text(" " * (_name_cells(width - 1)) + " values ", style=colors["muted"], no_wrap=True)
        for place in self._columns(width - 1):
            color = colors["accent" if place == self.instances.index else "muted"]
            heads.append(fit(f"instance {place + 1}", _COLUMN_CELLS) + "  ", style=color)
        self.query_one("#variation-columns", Static).update(heads)
        row = self.rows.row
        detail = Text(f" {row.path}  {visible(row.name, 60)}" if row else "", style=colors["foreground"])
        self.query_one("#variation-detail", Static).update(detail)
        self.query_one("#variation-hints", Static).update(hint_text(self.keymap, _HINTS, width, colors))


def _name_cells(width: int) -> int:
    return max(20, min(40, width // 3))
