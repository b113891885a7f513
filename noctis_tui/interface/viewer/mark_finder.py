"""Where the marks of a study are among the series that can be shown, and how to get there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import NoctisError
from noctis_tui.reading.measurement_rows import MeasurementRow, SeriesStack, located
from noctis_tui.reading.stack import stack_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.annotations.annotation import Annotation, KeyImage
    from archive.index.database import Index
    from noctis_tui.interface.viewer.series_actions import SeriesActions
    from noctis_tui.interface.viewer.shelf import Entry


class MarkFinder:
    """Finds marks in the series on the shelf."""

    def __init__(self, screen: SeriesActions) -> None:
        self._screen = screen

    async def find(self, items: Iterable[Annotation | KeyImage]) -> list[MeasurementRow] | None:
        """Return where marks are, in reading order; None, and a sentence, where nobody can tell."""
        archive, items = self._screen.archive, tuple(items)
        if archive is None:
            return None
        wanted = {item.frame.series_instance_uid for item in items}
        entries = [
            entry for entry in self._screen.shelf.entries if entry.series.series_instance_uid in wanted
        ]
        try:
            stacks = await archive.index.call(_stacks, archive.index, entries)
        except (NoctisError, OSError) as error:
            self._screen.say(str(error))
            return None
        return list(located(items, stacks))

    async def go(self, row: MeasurementRow) -> None:
        """Show the image of a mark in the active pane; a mark whose image is gone is nowhere."""
        uid = row.item.frame.series_instance_uid
        entries = self._screen.shelf.entries
        entry = next((entry for entry in entries if entry.series.series_instance_uid == uid), None)
        if entry is not None and row.place is not None:
            await self._screen.go_to_frame(self._screen.active, entry, row.place)


def _stacks(index: Index, entries: Sequence[Entry]) -> dict[str, SeriesStack]:
    return {
        entry.series.series_instance_uid: SeriesStack(
            entry.series.series_number, stack_of(index, entry.series)
        )
        for entry in entries
    }
