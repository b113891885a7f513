"""Pictures for the series in sight: read when the cursor rests, drawn off the event loop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from archive.index.worklist import instances_of, series_of
from noctis_tui.interface.worklist.cells import plain
from noctis_tui.interface.worklist.thumbnail_picture import thumbnail_picture

if TYPE_CHECKING:
    from archive.index.worklist import InstanceRow, SeriesRow, StudyRow
    from archive.local_archive import LocalArchive
    from noctis_tui.interface.worklist.details import Details
    from noctis_tui.interface.worklist.series_strip import SeriesCard


class SeriesPictures:
    """Reads the series of the chosen study and asks for a picture of each one in sight."""

    def __init__(self, archive: LocalArchive, details: Details) -> None:
        self._archive = archive
        self._details = details

    async def show_series(self, study: StudyRow) -> None:
        """Show the series of a study in the details."""
        index = self._archive.index
        self._details.show_series(study, await index.call(series_of, index, study.id))

    async def draw(self) -> None:
        """Ask for the pictures of the series in sight that have none, or that have grown a lot."""
        for card, series in self._details.strip.in_sight:
            if card.drawn_for != drawing_of(series):
                await self._draw(card, series)

    async def _draw(self, card: SeriesCard, series: SeriesRow) -> None:
        index = self._archive.index
        chosen = representative(await index.call(instances_of, index, series.id))
        if chosen is not None and card.series_id == series.id:
            layout, modality = self._archive.layout, plain(series.modality)
            card.picture.request(partial(thumbnail_picture, layout, chosen.path, modality))
            card.drawn_for = drawing_of(series)


def drawing_of(series: SeriesRow) -> tuple[int, int]:
    """Return what a picture is drawn for: the series, again whenever its number of images has doubled."""
    return series.id, series.instance_count.bit_length()


def representative(instances: list[InstanceRow]) -> InstanceRow | None:
    """Return the instance that stands for a series: the middle one of those that have pixels."""
    images = [instance for instance in instances if instance.rows] or instances
    return images[len(images) // 2] if images else None
