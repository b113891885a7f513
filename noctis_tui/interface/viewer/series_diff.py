"""From two series in view to the elements in which they differ."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from archive.dicom.text import visible
from noctis_tui.interface.actions import Action

if TYPE_CHECKING:
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.diff.sides import Side
    from noctis_tui.interface.viewer.screen import ViewerScreen
    from noctis_tui.interface.viewer.shelf import Entry

SERIES_DIFF_ACTIONS: tuple[Action, ...] = (
    Action("series_diff", "What differs between two series", "Panes", "reading"),
)


class SeriesDiff:
    """Compares the two series in view; else the one that was marked with the one in view."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self._marked: Entry | None = None

    def action_series_diff(self) -> None:
        """Compare two series, or mark the one in view to compare it with another."""
        active = self._screen.active.entry
        if active is None:
            self._screen.say("There is no series here to compare.")
            return
        marked, self._marked = self._marked, None
        other = self._only_other(active) if marked is None else marked
        if other is None:
            self._mark(active)
        elif other.series.id == active.series.id:
            self._screen.say("This series is no longer marked.")
        else:
            self._open(other, active)

    def _only_other(self, active: Entry) -> Entry | None:
        """Return the other series in view when there are two."""
        entries = [pane.entry for pane in self._screen.visible_panes if pane.entry is not None]
        others = {entry.series.id: entry for entry in entries if entry.series.id != active.series.id}
        return next(iter(others.values())) if len(others) == 1 else None

    def _mark(self, entry: Entry) -> None:
        self._marked = entry
        key = self._screen.keymap.label("reading", "series_diff")
        self._screen.say(f"{_title(entry)} is marked; {key} on another series tells what differs.")

    def _open(self, left: Entry, right: Entry) -> None:
        archive = self._screen.archive
        if archive is None:
            return
        from noctis_tui.interface.diff.opening import open_diff  # noqa: PLC0415 - not for the first picture
        from noctis_tui.interface.diff.sides import Side, instances_of  # noqa: PLC0415 - the same

        def side(entry: Entry) -> Side:
            return Side(_title(entry), partial(instances_of, archive.index, entry.series))

        self._screen.stop_playing()
        open_diff(cast("NoctisApp", self._screen.app), side(left), side(right))


def _title(entry: Entry) -> str:
    series = entry.series
    number = f"Series {series.series_number}" if series.series_number is not None else "This series"
    said = visible(series.series_description, 40)
    return f"{number} {said}".rstrip()
