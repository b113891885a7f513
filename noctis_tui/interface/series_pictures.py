"""The pictures of a series strip: drawn off the event loop, for the cards in sight that have none yet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from archive.index.worklist import instances_of
from noctis_tui.interface.thumbnail_picture import thumbnail_picture
from noctis_tui.interface.worklist.cells import plain

if TYPE_CHECKING:
    from archive.index.worklist import InstanceRow, SeriesRow
    from archive.local_archive import LocalArchive
    from noctis_tui.interface.series_strip import SeriesCard, SeriesStrip


async def draw_pictures(archive: LocalArchive, strip: SeriesStrip) -> None:
    """Ask for the pictures of the series in sight that have none, or that have grown a lot."""
    for card, series in strip.in_sight:
        if strip.with_pictures and card.drawn_for != drawing_of(series):
            await _draw(archive, card, series)


async def _draw(archive: LocalArchive, card: SeriesCard, series: SeriesRow) -> None:
    index = archive.index
    chosen = representative(await index.call(instances_of, index, series.id))
    if chosen is not None and card.series_id == series.id:
        card.picture.request(partial(thumbnail_picture, archive.layout, chosen.path, plain(series.modality)))
        card.drawn_for = drawing_of(series)


def drawing_of(series: SeriesRow) -> tuple[int, int]:
    """Return what a picture is drawn for: the series, again whenever its number of images has doubled."""
    return series.id, series.instance_count.bit_length()


def representative(instances: list[InstanceRow]) -> InstanceRow | None:
    """Return the instance that stands for a series: the middle one of those that have pixels."""
    images = [instance for instance in instances if instance.rows] or instances
    return images[len(images) // 2] if images else None
