"""The panel beside the pictures that lists measurements."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Vertical
from textual.widgets import Static

from archive.annotations.annotation import Annotation, KeyImage
from archive.dicom.text import visible
from noctis_tui.interface.row_list import RowList
from noctis_tui.interface.worklist.cells import fit
from noctis_tui.reading.measurement_text import (
    histogram_lines,
    number,
    size_text,
    statistics_text,
    unit_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult

    from archive.annotations.measurement import Measurement
    from noctis_tui.reading.edit_history import ItemKey
    from noctis_tui.reading.measurement_rows import MeasurementRow

_IMAGE_CELLS, _KIND_CELLS = 12, 10
_HISTOGRAM_CELLS, _HISTOGRAM_ROWS = 32, 4


class MeasurementPanel(Vertical):
    """Lists annotations; below the list everything about the one under the cursor."""

    DEFAULT_CSS = """
    MeasurementPanel { dock: right; width: 44; max-width: 45%; height: 1fr; }
    MeasurementPanel { background: $panel; padding: 0 1; }
    MeasurementPanel > .panel-title { height: 2; color: $bright; text-style: bold; }
    MeasurementPanel > RowList { height: 1fr; overflow-x: hidden; background: $panel; }
    MeasurementPanel > .panel-details { height: auto; border-top: solid $rule; }
    MeasurementPanel > Static { text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self) -> None:
        super().__init__(id="measurement-panel")
        self._title = Static("Measurements", markup=False, classes="panel-title")
        self.list: RowList[MeasurementRow] = RowList(_cells, _key, id="measurement-rows")
        self._details = Static(markup=False, classes="panel-details")

    def compose(self) -> ComposeResult:
        """Lay out the title, the list and the details."""
        yield self._title
        yield self.list
        yield self._details

    def on_mount(self) -> None:
        """Take the keys."""
        self.list.focus()

    def show(self, rows: Sequence[MeasurementRow]) -> None:
        """Show these rows; the cursor stays on its one."""
        self._title.update(_title(rows))
        self.list.show(rows)
        self.show_details()

    def on_row_list_moved(self) -> None:
        """Tell about the row under the cursor."""
        self.show_details()

    def show_details(self) -> None:
        """Tell about the row under the cursor."""
        row = self.list.row
        colors = self.app.theme_variables
        text = Text(no_wrap=True, overflow="ellipsis")
        for line, color in _details(row) if row is not None else ():
            text.append(f"{line}\n", style=colors[color])
        text.rstrip()
        self._details.update(text)
        self._details.display = row is not None


def _title(rows: Sequence[MeasurementRow]) -> str:
    keys = sum(isinstance(row.item, KeyImage) for row in rows)
    marks = f"Measurements  {len(rows) - keys}" if len(rows) > keys else "No measurements yet"
    return f"{marks} · {keys} key image{'s' if keys > 1 else ''}" if keys else marks


def _key(row: MeasurementRow) -> ItemKey:
    return row.key


def _cells(row: MeasurementRow, width: int) -> Iterator[tuple[str, str]]:
    yield fit(row.image_text, _IMAGE_CELLS), "muted"
    yield fit(row.kind_text, _KIND_CELLS) + " ", "text"
    measurement = row.measurement
    value = (size_text(measurement) or row.value_text) if measurement is not None else row.words
    yield fit(value, max(width - _IMAGE_CELLS - _KIND_CELLS - 1, 0)), "bright"


def _details(row: MeasurementRow) -> Iterator[tuple[str, str]]:
    item, measurement = row.item, row.measurement
    yield f"{row.image_text}  {row.kind_text}", "bright"
    if row.words:
        yield row.words, "foreground"
    if measurement is not None:
        yield from _measured(measurement)
    at = item.modified_at if isinstance(item, Annotation) else item.created_at
    made = datetime.fromtimestamp(at).astimezone() if at else None
    about = (
        visible(item.layer, 40) if isinstance(item, Annotation) else "",
        visible(item.author, 40),
        f"{made:%Y-%m-%d %H:%M}" if made else "",
    )
    yield " · ".join(part for part in about if part), "muted"


def _measured(measurement: Measurement) -> Iterator[tuple[str, str]]:
    size, statistics = size_text(measurement), statistics_text(measurement)
    if size or statistics:
        yield " · ".join(part for part in (size, statistics) if part), "foreground"
    if measurement.min is not None and measurement.max is not None:
        unit = unit_text(measurement.value_unit)
        pixels = f"  {measurement.count} pixels" if measurement.count else ""
        yield f"{number(measurement.min)} to {number(measurement.max)} {unit}{pixels}", "foreground"
    left_out = measurement.padding_count + measurement.undefined_count
    if left_out:
        yield f"{left_out} pixels of padding left out", "warning"
    if measurement.histogram is not None and measurement.histogram.counts:
        histogram = measurement.histogram
        for line in histogram_lines(histogram.counts, _HISTOGRAM_CELLS, _HISTOGRAM_ROWS):
            yield line, "accent"
        highest = number(histogram.lowest + histogram.width * len(histogram.counts))
        lowest = number(histogram.lowest)
        drawn = min(_HISTOGRAM_CELLS, len(histogram.counts))
        yield f"{lowest}{highest:>{max(drawn - len(lowest), len(highest) + 1)}}", "muted"
