"""The instances of a study by their exact UIDs: what references in annotations and objects mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archive.errors import NotFound
from archive.index.targets import find_study
from archive.index.worklist import instances_of, series_of

if TYPE_CHECKING:
    from archive.index.database import Index
    from archive.index.worklist import InstanceRow, SeriesRow


class StudyImage(NamedTuple):
    """An instance and the series that it belongs to."""

    series: SeriesRow
    instance: InstanceRow


def images_of_study(index: Index, study_instance_uid: str) -> dict[str, StudyImage]:
    """Return SOP Instance UID -> instance of everything in a study; nothing when the index has none such."""
    try:
        study = find_study(index, study_instance_uid)
    except NotFound:
        return {}
    if study.study_instance_uid != study_instance_uid:  # the beginning of another's
        return {}
    return {
        instance.sop_instance_uid: StudyImage(series, instance)
        for series in series_of(index, study.id)
        for instance in instances_of(index, series.id)
    }
