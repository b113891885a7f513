"""What there is to read: the series of one study, or of every study of the archive, in reading order."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.index.database import Index
    from archive.index.worklist import SeriesRow, StudyRow

DRAWN_OVER_OTHERS = frozenset({"SEG", "RTDOSE"})
"""Modalities with pixels that nobody reads by themselves when there is something else."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One series and the study that it belongs to."""

    study: StudyRow
    series: SeriesRow

    @property
    def has_pictures(self) -> bool:
        """Whether any instance says that it has rows; reports and plans have none."""
        return self.series.frame_count > 0


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every series that can be reached with the series keys."""

    entries: tuple[Entry, ...] = ()

    def __len__(self) -> int:
        return len(self.entries)

    def place_of(self, series_id: int) -> int | None:
        """Return where a series stands."""
        places = (place for place, entry in enumerate(self.entries) if entry.series.id == series_id)
        return next(places, None)

    def same(self, entry: Entry) -> Entry | None:
        """Return what stands here for a series that was read before, by its UIDs."""
        uids = entry.study.study_instance_uid, entry.series.series_instance_uid
        known = ((e.study.study_instance_uid, e.series.series_instance_uid, e) for e in self.entries)
        return next((found for study, series, found in known if (study, series) == uids), None)

    def first(self, series_id: int | None = None) -> Entry | None:
        """Return the series to begin with: the wanted one, else the first with images, else any."""
        wanted = self.place_of(series_id) if series_id is not None else None
        if wanted is not None:
            return self.entries[wanted]
        with_pictures = [entry for entry in self.entries if entry.has_pictures]
        acquired = (entry for entry in with_pictures if entry.series.modality not in DRAWN_OVER_OTHERS)
        return next(acquired, next(iter(with_pictures or self.entries), None))

    def neighbours(self, entry: Entry, count: int) -> tuple[Entry, ...]:
        """Return up to `count` series with pictures of the same study, from `entry` on and round again."""
        same = [other for other in self.entries if other.study.id == entry.study.id and other.has_pictures]
        here = next((place for place, other in enumerate(same) if other.series.id == entry.series.id), 0)
        return tuple((same[here:] + same[:here])[:count])


def read_shelf(index: Index, study_ids: Sequence[int] | None) -> Shelf:
    """Read the series of studies in this order, of every study when None; to be called off the event loop."""
    from archive.index.worklist import Sort, series_of, studies  # noqa: PLC0415 - the first picture goes first

    found = studies(index, sort=Sort.NAME, descending=False, limit=None, ids=study_ids)
    if study_ids is not None:
        found.sort(key=lambda study: study_ids.index(study.id))
    return Shelf(tuple(Entry(study, series) for study in found for series in series_of(index, study.id)))


def study_ids(index: Index, study_instance_uids: Iterable[str]) -> dict[str, int]:
    """Return Study Instance UID -> id, of those that the index has; to be called off the event loop."""
    from archive.errors import NotFound  # noqa: PLC0415 - the same
    from archive.index.targets import find_study  # noqa: PLC0415 - the same

    found = {}
    for uid in study_instance_uids:
        with suppress(NotFound):
            row = find_study(index, uid)
            found[row.study_instance_uid] = row.id
    return found
