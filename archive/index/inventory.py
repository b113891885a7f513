"""Every file that the index names, with what it says of its bytes, a series at a time."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from peewee import fn

from archive.index.models import Instance, Series, Study, Variant
from archive.index.packing import pack_uid, unpack_uid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.index.database import Index

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """One series of one study."""

    id: int
    study_instance_uid: str
    series_instance_uid: str
    last_received_at: float
    """When the last instance of its study came, in Unix seconds."""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """One file that the index names: of an instance, or of other bytes that came under its UIDs.

    Attributes
    ----------
    file
        Relative to the archive's root, or absolute when it lies in place.
    digest
        First 16 bytes of the SHA-256 of its data set; None for a file in place that nobody has read in full.
    """

    series: SeriesKey
    sop_instance_uid: str
    file: str
    digest: bytes | None
    size_bytes: int
    is_variant: bool = False

    @property
    def is_in_place(self) -> bool:
        """Whether it lies outside the archive."""
        return self.file.startswith("/")


def count_files(index: Index) -> int:
    """Return how many files the index names."""
    instances = index.rows(Study.select(fn.SUM(Study.instance_count)))[0][0] or 0
    return int(instances) + int(index.rows(Variant.select(fn.COUNT(Variant.series)))[0][0])


def every_series(index: Index) -> Iterator[SeriesKey]:
    """Yield every series that there is now, in the order of first arrival."""
    last = index.rows(Series.select(fn.MAX(Series.id)))[0][0] or 0
    columns = (Series.id, Study.study_uid, Series.series_uid, Study.last_received_at)
    query = Series.select(*columns).join(Study).order_by(Series.id).limit(_PAGE)
    seen = 0
    while rows := index.rows(query.where(Series.id > seen, Series.id <= last)):
        for row in rows:
            yield SeriesKey(*row)
        seen = rows[-1][0]


def find_series_key(index: Index, study_uid: str, series_uid: str) -> SeriesKey | None:
    """Return the series with these UIDs, None when the index has none."""
    columns = (Series.id, Study.study_uid, Series.series_uid, Study.last_received_at)
    query = Series.select(*columns).join(Study)
    rows = index.rows(query.where(Study.study_uid == study_uid, Series.series_uid == series_uid))
    return SeriesKey(*rows[0]) if rows else None


def files_of(index: Index, series: SeriesKey, sop_instance_uid: str | None = None) -> list[NamedFile]:
    """Return the files of a series, or of one SOP Instance UID in it, variants last."""
    only = () if sop_instance_uid is None else (pack_uid(sop_instance_uid),)
    found = []
    for is_variant, model in ((False, Instance), (True, Variant)):
        for sop_uid, file, digest, size in index.fetch(_files_sql(model, bool(only)), (series.id, *only)):
            uid = unpack_uid(sop_uid)
            place = os.fsdecode(file) if file is not None else _place(index, series, uid)
            found.append(NamedFile(series, uid, place, digest, size, is_variant))
    return found


def keep_digests(index: Index, read: Iterable[tuple[NamedFile, bytes]]) -> None:
    """Keep the digests of files in place that were read in full; only under the lease."""
    rows = [(digest, each.series.id, pack_uid(each.sop_instance_uid)) for each, digest in read]
    with index.transaction() as cursor:
        cursor.executemany(_keep_sql(), rows)


def _place(index: Index, series: SeriesKey, sop_instance_uid: str) -> str:
    return index.locate(series.study_instance_uid, series.series_instance_uid, sop_instance_uid)


@cache
def _files_sql(model: type[Instance | Variant], one: bool) -> str:
    query = model.select(model.sop_uid, model.file, model.digest, model.size_bytes).where(model.series == 0)
    sql: str = (query.where(model.sop_uid == b"") if one else query).sql()[0]
    return sql


@cache
def _keep_sql() -> str:
    unread = (Instance.series == 0) & (Instance.sop_uid == b"") & Instance.digest.is_null()
    sql: str = Instance.update(digest=b"").where(unread).sql()[0]
    return sql
