"""What a job is done with: a series of the archive, as people call it, and its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.errors import NotAnImage
from archive.index.models import Series
from archive.index.targets import resolve, study_uid_of
from archive.index.worklist import InstanceRow, StudyRow, instances_of, series_of, series_query, series_row

if TYPE_CHECKING:
    from pathlib import Path

    from archive.index.database import Index
    from archive.index.worklist import SeriesRow

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Subject:
    """What a job is done with: as a person calls it, and by its UIDs."""

    name: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""


def subject_of_series(study_instance_uid: str, series: SeriesRow) -> Subject:
    """Return a series as a subject: "CT 3 Thorax"."""
    number = "" if series.series_number is None else str(series.series_number)
    name = " ".join(filter(None, (series.modality, number, series.series_description.strip())))
    return Subject(name[:_LONGEST], study_instance_uid, series.series_instance_uid)


def subject_and_files(index: Index, target: str) -> tuple[Subject, tuple[Path, ...]]:
    """Return what a UID, or the unique beginning of one, names: of a study its largest series.

    Raises
    ------
    NotFound
        Nothing answers to it.
    NotAnImage
        It has no pictures.
    """
    row = resolve(index, target)
    study_uid = study_uid_of(index, row)
    if isinstance(row, StudyRow):
        every = series_of(index, row.id)
        if not every:
            raise NotAnImage("The study has no series.")
        series = max(every, key=lambda each: _frames(index, each.id))
    else:
        series_id = row.series_id if isinstance(row, InstanceRow) else row.id
        series = series_row(index.rows(series_query().where(Series.id == series_id))[0])
    instances = [row] if isinstance(row, InstanceRow) else instances_of(index, series.id)
    files = tuple(instance.path for instance in instances if instance.rows)
    if not files:
        raise NotAnImage("What answers to it has no pictures.")
    return subject_of_series(study_uid, series), files


def _frames(index: Index, series_id: int) -> int:
    return sum(instance.number_of_frames for instance in instances_of(index, series_id) if instance.rows)
