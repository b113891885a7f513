"""The line above a pane: which series, of which study where there are several, and what it scrolls with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from archive.dicom.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.interface.viewer.shelf import Entry

_ROOM_FOR_TIE = 30


def pane_title(entry: Entry | None, marks: Sequence[Text], tie: str, width: int) -> Text:
    """Return the title of a pane.

    Parameters
    ----------
    entry
        What it shows.
    marks
        Which of two studies it belongs to, while they are compared: in full, and shorter for narrow panes.
    tie
        What it scrolls with the active pane by, empty when it does not.
    width
        Cells there are; the tie is left out of narrow panes.
    """
    right = Text(f"⇄ {tie} " if tie and width >= _ROOM_FOR_TIE else "⇄ " if tie else "")
    room, series = max(width - right.cell_len - 1, 0), _series_text(entry)
    fitting = (mark for mark in marks if mark.cell_len + cell_len(series) <= room)
    left = Text(no_wrap=True, overflow="ellipsis")
    left.append_text(next(fitting, marks[-1] if marks else Text()))
    left.append(series)
    left.truncate(room, overflow="ellipsis")
    left.append(" " * (width - right.cell_len - left.cell_len))
    return left.append_text(right)


def _series_text(entry: Entry | None) -> str:
    if entry is None:
        return ""
    series = entry.series
    number = f"Se {series.series_number} · " if series.series_number is not None else ""
    return f" {number}{visible(series.series_description or series.modality, 80)}"
