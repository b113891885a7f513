"""TARGET of a comparison: the instances of a file, a folder, or what a UID names in the archive."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from archive.comparing.pairing import InstanceRef
from archive.dicom import keywords as kw
from archive.dicom.data_set import DataSet
from archive.dicom.location import locate
from archive.dicom.source import opened
from archive.dicom.text import visible
from archive.errors import BadInput, NoctisError, NotFound

if TYPE_CHECKING:
    from archive.index.database import Index
    from archive.index.worklist import InstanceRow, SeriesRow, StudyRow

MOST_FILES = 100_000
"""A folder with more files is imported first."""


def side_of_target(target: str, archive: Path) -> list[InstanceRef]:
    """Return the instances that a path, a UID or the beginning of one names; a path wins over a UID.

    Raises
    ------
    NotFound, BadInput
        Nothing answers to it, or a folder holds no DICOM, or too many files.
    """
    path = Path(target)
    if path.is_dir():
        return side_of_folder(path)
    if path.exists() or not re.fullmatch(r"[0-9.]+", target):
        return [ref_of_file(path)]
    from archive.audit.access import record_access  # noqa: PLC0415 - files need no archive
    from archive.index.targets import resolve, study_uid_of  # noqa: PLC0415 - the same
    from archive.reindexing import open_archive  # noqa: PLC0415 - the same

    with open_archive(archive) as opened_archive:
        row = resolve(opened_archive.index, target)
        record_access(opened_archive, study_uid_of(opened_archive.index, row))
        return side_of_row(opened_archive.index, row)


def side_of_row(index: Index, row: StudyRow | SeriesRow | InstanceRow) -> list[InstanceRef]:
    """Return the instances of a study or series in the order of the index, or the one instance."""
    from archive.index.worklist import InstanceRow, SeriesRow, instances_of, series_of  # noqa: PLC0415 - loads peewee

    if isinstance(row, InstanceRow):
        return [_ref(row, None)]
    every = [row] if isinstance(row, SeriesRow) else series_of(index, row.id)
    return [_ref(instance, series) for series in every for instance in instances_of(index, series.id)]


def side_of_folder(folder: Path) -> list[InstanceRef]:
    """Return the instances below a folder by series and number; what is no DICOM is passed over.

    Raises
    ------
    BadInput
        It holds no DICOM, or more than `MOST_FILES` files.
    """
    refs, count = [], 0
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                raise BadInput(f"The folder holds more than {MOST_FILES} files; import it instead.")
            try:
                refs.append(ref_of_file(Path(place, name)))
            except NoctisError:
                continue
    if not refs:
        raise NotFound(f"There is no DICOM in {visible(str(folder), 200)}.")
    return sorted(refs, key=_order)


def ref_of_file(file: Path) -> InstanceRef:
    """Read what finding a partner needs of a file.

    Raises
    ------
    NotFound, BadInput, CannotUnderstand
        There is no such file, or it is not DICOM.
    """
    with opened(file) as source:
        located, offset, encoding, _ = locate(source)
        ds = DataSet(located, offset, located.size, encoding, until_group=0x0020)
        return InstanceRef(
            file,
            ds.text(kw.SOP_INSTANCE_UID),
            ds.text(kw.SERIES_INSTANCE_UID),
            ds.text(kw.MODALITY),
            _number(ds, kw.SERIES_NUMBER),
            _number(ds, kw.INSTANCE_NUMBER),
        )


def _number(ds: DataSet, tag: int) -> int | None:
    text = ds.text(tag)
    return int(text) if re.fullmatch(r"[+-]?\d{1,12}", text) else None


def _order(ref: InstanceRef) -> tuple[int, str, int, str]:
    series = ref.series_number if ref.series_number is not None else 1 << 40
    number = ref.instance_number if ref.instance_number is not None else 1 << 40
    return series, ref.series_instance_uid, number, ref.sop_instance_uid


def _ref(row: InstanceRow, series: SeriesRow | None) -> InstanceRef:
    if series is None:
        return InstanceRef(row.path, row.sop_instance_uid, instance_number=row.instance_number)
    return InstanceRef(
        row.path,
        row.sop_instance_uid,
        series.series_instance_uid,
        series.modality,
        series.series_number,
        row.instance_number,
    )
