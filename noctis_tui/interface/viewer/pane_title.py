"""The line above a pane: which series, of which study where there are several, and what it scrolls with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from archive.dicom.text import visible

if TYPE_CHECKING:
    from noctis_tui.interface.viewer.shelf import Entry

_ROOM_FOR_TIE = 30


def pane_title(entry: Entry | None, mark: Text | None, tie: str, width: int) -> Text:
    """Return the title of a pane.

    Parameters
    ----------
    entry
        What it shows.
    mark
        Which of two studies it belongs to, while they are compared.
    tie
        What it scrolls with the active pane by, empty when it does not.
    width
        Cells there are; the tie is left out of narrow panes.
    """
    right = Text(f"⇄ {tie} " if tie and width >= _ROOM_FOR_TIE else "⇄ " if tie else "")
    left = Text(no_wrap=True, overflow="ellipsis")
    if mark is not None:
        left.append_text(mark)
    left.append(_series_text(entry))
    room = max(width - right.cell_len - 1, 0)
    left.truncate(room, overflow="ellipsis")
    left.append(" " * (width - right.cell_len - left.cell_len))
    return left.append_text(right)


def _series_text(entry: Entry | None) -> str:
    if entry is None:
        return ""
    series = entry.series
    number = f"Se {series.series_number} · " if series.series_number is not None else ""
    return f" {number}{visible(series.series_description or series.modality, 80)}"
