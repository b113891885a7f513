"""What only an index knows, read from an old one as far as it can be read: nothing here ever fails."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from peewee import fn

from archive.errors import NoctisError
from archive.index.annotation_rows import everything
from archive.index.job_rows import kept_jobs
from archive.index.models import Counter, Instance, Patient, Series, Source, Study, Tombstone, Variant
from archive.index.packing import unpack_uid
from archive.index.statements import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from peewee import Model, ModelSelect

    from archive.annotations.edits import Edit
    from archive.index.database import Index, Row
    from archive.job import Job

_STEP = 64
"""Rows that are given up together where a page of a table cannot be read."""
_YEAR_2000, _YEAR_2200 = 946_684_800.0, 7_258_118_400.0


@dataclass(frozen=True, slots=True)
class OldStudy:
    """A study as the old index had it; times in Unix seconds."""

    id: int
    uuid: bytes
    received_at: float
    last_received_at: float
    qa_status: str | None


@dataclass(frozen=True, slots=True)
class OldSeries:
    """A series as the old index had it; `source` is the calling and the called AE title and the address."""

    id: int
    uuid: bytes
    source: tuple[str, str, str] | None


class Salvage:
    """Reads an old index.

    Parameters
    ----------
    index
        The old one; None when there is none to read.
    trusted
        Whether it is sound: what it says of a file's bytes is believed more than the bytes then.
    """

    def __init__(self, index: Index | None, *, trusted: bool) -> None:
        self._index = index
        self.trusted = trusted and index is not None

    @cached_property
    def change_sequence(self) -> int | None:
        """The number of the last change, None when it cannot be read."""
        rows = self._rows(Counter.select(Counter.value).where(Counter.name == "change"))
        return int(rows[0][0]) if rows and isinstance(rows[0][0], int) else None

    @cached_property
    def studies(self) -> dict[str, OldStudy]:
        """Every study that can be read, by its UID."""
        columns = (Study.study_uid, Study.id, Study.uuid, Study.received_at, Study.last_received_at)
        rows = self._scan(Study, *columns, Study.qa_status)
        return {row[0]: OldStudy(*row[1:]) for row in rows if _is_uuid(row[2]) and _are_times(*row[3:5])}

    @cached_property
    def series(self) -> dict[tuple[str, str], OldSeries]:
        """Every series that can be read, by the UIDs of its study and its own."""
        study_uids = {study.id: uid for uid, study in self.studies.items()}
        rows = self._scan(Series, Series.study, Series.series_uid, Series.id, Series.uuid, Series.source)
        return {
            (study_uids[row[0]], row[1]): OldSeries(row[2], row[3], self._sources.get(row[4]))
            for row in rows
            if row[0] in study_uids and _is_uuid(row[3])
        }

    @cached_property
    def patients(self) -> dict[tuple[str, ...], bytes]:
        """The public ids of every patient that can be read, by who it is."""
        columns = columns_of(Patient)
        rows = self._scan(Patient, *[getattr(Patient, name) for name in columns])
        return {tuple(row[2:]): row[1] for row in rows if _is_uuid(row[1])}

    @cached_property
    def variants(self) -> dict[tuple[int, str, bytes], tuple[float, tuple[str, str, str] | None]]:
        """When other bytes came and who sent them, by series, SOP Instance UID and digest."""
        columns = (Variant.series, Variant.sop_uid, Variant.digest, Variant.received_at, Variant.source)
        return {
            (row[0], unpack_uid(row[1]), row[2]): (row[3], self._sources.get(row[4]))
            for row in self._rows(Variant.select(*columns))
            if isinstance(row[1], bytes) and _are_times(row[3])
        }

    @cached_property
    def tombstones(self) -> list[Row]:
        """What was removed."""
        return self._rows(Tombstone.select(Tombstone.change_seq, Tombstone.uuid, Tombstone.study_uid))

    @cached_property
    def annotations(self) -> list[Edit]:
        """What readers drew and marked, as the edits that put it there."""
        found: list[Edit] = []
        if self._index is not None:
            with contextlib.suppress(NoctisError):
                found.extend(everything(self._index))  # as far as the first table that does not read
        return found

    @cached_property
    def jobs(self) -> list[Job]:
        """What was recorded of jobs, oldest first."""
        try:
            return kept_jobs(self._index)[::-1] if self._index is not None else []
        except (NoctisError, ValueError, TypeError):
            return []  # records of what was done: nothing depends on them

    def instances(self, study_uid: str, series_uid: str) -> dict[str, bytes | None]:
        """Return the digests of a series' instances by SOP Instance UID, as far as they can be read."""
        series = self.series.get((study_uid, series_uid))
        if series is None:
            return {}
        rows = self._rows(
            Instance.select(Instance.sop_uid, Instance.digest).where(Instance.series == series.id)
        )
        return {unpack_uid(row[0]): row[1] for row in rows if isinstance(row[0], bytes)}

    def places(self) -> Iterator[tuple[float, bytes]]:
        """Yield the files in place, with the time when something first came for their study."""
        received = {study_uid: study.received_at for study_uid, study in self.studies.items()}
        for (study_uid, _), series in self.series.items():
            for model in (Instance, Variant):
                query = model.select(model.file).where(model.series == series.id, ~model.file.is_null())
                for (file,) in self._rows(query):
                    if isinstance(file, bytes) and file.startswith(b"/"):
                        yield received[study_uid], file

    @cached_property
    def _sources(self) -> dict[int | None, tuple[str, str, str]]:
        columns = (Source.id, Source.calling_ae_title, Source.called_ae_title, Source.address)
        return {row[0]: (row[1], row[2], row[3]) for row in self._rows(Source.select(*columns))}

    def _scan(self, model: type[Model], *columns: Any) -> list[Row]:  # noqa: ANN401 - peewee's fields
        """Read a table in its order, around the pages that cannot be read."""
        key: Any = model._meta.primary_key  # noqa: SLF001 - peewee's way
        whole = self._try(model.select(*columns))
        if whole is not None:
            return whole
        last = self._rows(model.select(fn.MAX(key)))
        found: list[Row] = []
        for start in range(0, int(last[0][0] or 0) + 1 if last else 0, _STEP):
            found += self._rows(model.select(*columns).where(key >= start, key < start + _STEP))
        return found

    def _rows(self, query: ModelSelect[Any]) -> list[Row]:
        return self._try(query) or []

    def _try(self, query: ModelSelect[Any]) -> list[Row] | None:
        try:
            return self._index.rows(query) if self._index is not None else []
        except NoctisError:
            return None


def _is_uuid(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == 16 and value[6] >> 4 == 7


def _are_times(*values: object) -> bool:
    return all(isinstance(value, float) and _YEAR_2000 < value < _YEAR_2200 for value in values)
