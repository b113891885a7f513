"""Recording: one group of instances, one transaction, one change number per touched study."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from archive.index.draft import Draft
from archive.index.models import Instance, Series, Study, Variant
from archive.index.packing import pack_uid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archive.dicom.header import Header
    from archive.index.database import Index
    from archive.index.records import Record


_COUNT_SETTLEMENT = """
INSERT INTO counter (name, value) VALUES ('settled', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1
"""
"""Changes a page each time: a commit that changes none syncs nothing. peewee builds no upsert unbound."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the index holds under an instance's UIDs: the first bytes, and the files of others by digest."""

    digest: bytes | None
    file: bytes | None
    variants: Mapping[bytes, bytes | None] = field(default_factory=dict)


def record(index: Index, records: Iterable[Record], *, journalled: bool = False) -> tuple[int, ...]:
    """Record a group in one transaction and return the ids of the studies it touched.

    Parameters
    ----------
    journalled
        All of it stays in the journal until `make_durable`: a power failure before may take the rows.

    Raises
    ------
    OutOfResources
        The index is locked, full, read-only or damaged; nothing of the group was recorded.
    """
    with index.lock:
        remembered = index.remembered
        with index.transaction(journalled=journalled) as cursor:
            if remembered.last_write != index.writes - 1:
                remembered.forget_rows()
            draft = Draft(cursor, remembered)
            for each in records:
                draft.add(each)
            touched = draft.write()
        remembered.keep(draft.found, index.writes)
    return touched


def make_durable(index: Index) -> None:
    """Have everything that was recorded so far outlast a power failure, where the site wants that.

    Raises
    ------
    OutOfResources
        As `record`; what was recorded is still there, but may not be durable.
    """
    with index.lock:
        if index.is_lasting:
            return
        with index.transaction() as cursor:  # SQLite syncs what earlier commits wrote along with its own
            cursor.execute(_COUNT_SETTLEMENT)
        index.is_lasting = True


def known(index: Index, header: Header) -> Known | None:
    """Return what the index holds under an instance's three UIDs; for the lease holder."""
    sop_uid = pack_uid(header.sop_instance_uid)
    key = (header.study_instance_uid, header.series_instance_uid, sop_uid)
    rows = index.peek(_known_sql(), key)
    if not rows:
        return None
    series, digest, file = rows[0]
    variants: list[tuple[bytes, bytes]] = index.peek(_variants_sql(), (series, sop_uid))
    return Known(digest, file, dict(variants))


def verify(index: Index, header: Header, digest: bytes) -> None:
    """Keep the digest of an instance that was recorded without one and has been read in full since."""
    key = (header.study_instance_uid, header.series_instance_uid, pack_uid(header.sop_instance_uid))
    with index.transaction() as cursor:
        cursor.execute(_verify_sql(), (digest, *key))


@cache
def _known_sql() -> str:
    key = (Study.study_uid == "") & (Series.series_uid == "") & (Instance.sop_uid == b"")
    query = Instance.select(Instance.series, Instance.digest, Instance.file)
    return query.join(Series).join(Study).where(key).sql()[0]


@cache
def _variants_sql() -> str:
    key = (Variant.series == 0) & (Variant.sop_uid == b"")
    return Variant.select(Variant.digest, Variant.file).where(key).sql()[0]


@cache
def _verify_sql() -> str:
    series = Series.select(Series.id).join(Study).where((Study.study_uid == "") & (Series.series_uid == ""))
    key = Instance.series.in_(series) & (Instance.sop_uid == b"")
    return Instance.update(digest=b"").where(key).sql()[0]
