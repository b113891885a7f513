"""A group on its way into the tables: rows looked up or made up once, then written together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.index.describing import (
    IDENTITY,
    Row,
    described_instance,
    described_series,
    described_study,
    fill_blanks,
    identity,
    searched,
    storable_text,
    uuid7,
)
from archive.index.models import (
    Counter,
    IdentityConflict,
    Instance,
    Patient,
    Series,
    Source,
    Study,
    UidReference,
    Variant,
)
from archive.index.packing import pack_uid
from archive.index.records import Kind
from archive.index.remembered import Remembered
from archive.index.statements import Statement, columns_of, deletion, insertion, selection, update_by_id

if TYPE_CHECKING:
    import sqlite3

    from peewee import Model

    from archive.dicom.header import Header
    from archive.index.records import Record

FAILED = "failed"
"""Verdict on a study in which something critical was found when it arrived."""
_SOURCE = ("calling_ae_title", "called_ae_title", "address")
_CONFLICT = ("study", "patient")
_STUDY_DESCRIPTION = (
    *("study_date", "study_time", "accession_number", "description", "referring_physician_name"),
    *("search_text", "modalities", "qa_status", "series_count"),
)
_STUDY_GROWTH = ("last_received_at", "instance_count", "size_bytes", "change_seq")
"""What every instance changes of its study."""
_INSTANCE = ("series", "sop_uid")
_COUNTED = ("frames", "size_bytes")
_SERIES_CHANGES = ("instance_count", "frame_count", "size_bytes")


class Draft:
    """Collects one group inside one transaction.

    A study keeps the attributes of the first instance that had them. Another patient under its UID changes
    nothing of it: the conflict is recorded beside it and the study is marked failed.
    """

    def __init__(self, cursor: sqlite3.Cursor, remembered: Remembered) -> None:
        self._cursor = cursor
        self._remembered = remembered
        self.found = Remembered()
        """What may be remembered once this is committed."""
        self._counted = remembered.counters or dict(self._select(selection(Counter, ("name", "value"))))
        self._counters = self.found.counters = dict(self._counted)
        self._new: dict[type[Model], list[Row]] = {}
        self._loaded: list[tuple[Row, Row]] = []
        self._loaded_series: list[Row] = []
        self._studies = self.found.studies
        self._series = self.found.series
        self._conflicts: set[tuple[int, int]] = set()

    def add(self, record: Record) -> None:
        """Take up one instance."""
        header = record.header
        study = self._studies.get(header.study_instance_uid) or self._find_study(record)
        key = (header.study_instance_uid, header.series_instance_uid)
        series = self._series.get(key) or self._find_series(key, study, record)
        patient = self._patient(header)
        if patient != study["patient"]:
            self._add_conflict(study, series, patient, record)
        else:
            fill_blanks(study, header)
        if record.kind is Kind.VARIANT:
            self._add_variant(study, series, patient, record)
        elif record.kind is Kind.REPLACEMENT:
            self._replace_instance(study, series, record)
        else:
            self._add_instance(study, series, record)
        study["last_received_at"] = record.received_at

    def write(self) -> tuple[int, ...]:
        """Write everything; return the ids of the touched studies."""
        for study in self._studies.values():
            study["change_seq"] = self._next("change")
        for model, rows in self._new.items():
            self._run(insertion(model), rows)
        self._update_studies()
        self._run(update_by_id(Series, *_SERIES_CHANGES), self._loaded_series)
        counters = self._counters.items() - self._counted.items()
        self._run(
            update_by_id(Counter, "value"), [{"name": name, "value": value} for name, value in counters]
        )
        return tuple(study["id"] for study in self._studies.values())

    def _update_studies(self) -> None:
        """Write what has changed: columns that are searched by have indexes, which cost as much again."""
        described: list[Row] = []
        grown: list[Row] = []
        for before, study in self._loaded:
            same = all(study[name] == before[name] for name in _STUDY_DESCRIPTION)
            (grown if same else described).append(study)
        self._run(update_by_id(Study, *_STUDY_DESCRIPTION, *_STUDY_GROWTH), described)
        self._run(update_by_id(Study, *_STUDY_GROWTH), grown)

    def _run(self, statement: Statement, rows: list[Row]) -> None:
        if rows:
            self._cursor.executemany(statement.sql, map(statement.bind, rows))

    def _select(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self._cursor.execute(sql, parameters).fetchall()

    def _row(self, model: type[Model], keys: tuple[str, ...], *values: object) -> Row | None:
        rows = self._select(selection(model, columns_of(model), *keys), *values)
        return dict(zip(columns_of(model), rows[0], strict=True)) if rows else None

    def _insert(self, model: type[Model], row: Row) -> Row:
        self._new.setdefault(model, []).append(row)
        return row

    def _next(self, counter: str) -> int:
        self._counters[counter] += 1
        return self._counters[counter]

    def _patient(self, header: Header) -> int:
        whose = identity(header)
        known = self._remembered.patients.get(whose) or self.found.patients.get(whose)
        if known is None:
            known = self._id_of(Patient, IDENTITY, whose) or self._insert_patient(whose)
            self.found.patients[whose] = known
        return known

    def _id_of(self, model: type[Model], columns: tuple[str, ...], values: tuple[str, ...]) -> int | None:
        found = self._select(selection(model, ("id",), *columns), *values)
        return found[0][0] if found else None

    def _insert_patient(self, whose: tuple[str, ...]) -> int:
        row = dict(zip(IDENTITY, whose, strict=True))
        return int(self._insert(Patient, row | {"id": self._next("patient"), "uuid": uuid7()})["id"])

    def _source(self, record: Record) -> int | None:
        if record.source is None:
            return None
        key = tuple(storable_text(getattr(record.source, name)) for name in _SOURCE)
        known = self._remembered.sources.get(key) or self.found.sources.get(key)
        if known is None:
            known = self._id_of(Source, _SOURCE, key) or self._insert_source(key)
            self.found.sources[key] = known
        return known

    def _insert_source(self, key: tuple[str, ...]) -> int:
        row = dict(zip(_SOURCE, key, strict=True)) | {"id": self._next("source")}
        return int(self._insert(Source, row)["id"])

    def _uid(self, uid: str) -> int:
        text = storable_text(uid)
        known = self._remembered.uids.get(text) or self.found.uids.get(text)
        if known is None:
            known = self._id_of(UidReference, ("uid",), (text,)) or self._insert_uid(text)
            self.found.uids[text] = known
        return known

    def _insert_uid(self, uid: str) -> int:
        return int(self._insert(UidReference, {"id": self._next("uidref"), "uid": uid})["id"])

    def _find_study(self, record: Record) -> Row:
        uid = record.header.study_instance_uid
        before = self._remembered.studies.get(uid) or self._row(Study, ("study_uid",), uid)
        if before:
            study = dict(before)
            self._loaded.append((before, study))
        else:
            study = self._insert(Study, self._new_study(record))
        self._studies[uid] = study
        return study

    def _new_study(self, record: Record) -> Row:
        header = record.header
        described = described_study(header) | searched(header)
        return described | {
            "id": self._next("study"),
            "uuid": uuid7(),
            "patient": self._patient(header),
            "study_uid": header.study_instance_uid,
            "modalities": "",
            "qa_status": None,
            "received_at": record.received_at,
            "series_count": 0,
            "instance_count": 0,
            "size_bytes": 0,
        }

    def _find_series(self, key: tuple[str, str], study: Row, record: Record) -> Row:
        before = self._remembered.series.get(key)
        before = before or self._row(Series, ("series_uid", "study"), key[1], study["id"])
        if before:
            series = dict(before)
            self._loaded_series.append(series)
        else:
            series = self._insert(Series, self._new_series(study, record))
        self._series[key] = series
        return series

    def _new_series(self, study: Row, record: Record) -> Row:
        header = record.header
        study["series_count"] += 1
        modalities = set(filter(None, study["modalities"].split("\\")))
        study["modalities"] = "\\".join(
            sorted(modalities | set(filter(None, [storable_text(header.modality)])))
        )
        return described_series(header) | {
            "id": self._next("series"),
            "uuid": uuid7(),
            "study": study["id"],
            "source": self._source(record),
            "instance_count": 0,
            "frame_count": 0,
            "size_bytes": 0,
        }

    def _instance(self, series: Row, record: Record) -> Row:
        header = record.header
        return described_instance(header) | {
            "series": series["id"],
            "sop_uid": pack_uid(header.sop_instance_uid),
            "sop_class": self._uid(header.sop_class_uid),
            "syntax": self._uid(header.transfer_syntax_uid),
            "size_bytes": record.size_bytes,
            "digest": record.digest,
            "file": record.file,
        }

    def _add_instance(self, study: Row, series: Row, record: Record) -> None:
        row = self._insert(Instance, self._instance(series, record))
        _count(study, series, row, 1)

    def _replace_instance(self, study: Row, series: Row, record: Record) -> None:
        row = self._instance(series, record)
        key = (row["series"], row["sop_uid"])
        before = self._select(selection(Instance, _COUNTED, *_INSTANCE), *key)
        _count(study, series, dict(zip(_COUNTED, before[0], strict=True)), -1)
        self._cursor.execute(deletion(Instance, *_INSTANCE), key)
        self._insert(Instance, row)
        _count(study, series, row, 1)

    def _add_variant(self, study: Row, series: Row, patient: int, record: Record) -> None:
        row = {
            "series": series["id"],
            "sop_uid": pack_uid(record.header.sop_instance_uid),
            "digest": record.digest,
            "size_bytes": record.size_bytes,
            "file": record.file,
            "received_at": record.received_at,
            "patient": patient,
            "source": self._source(record),
        }
        self._insert(Variant, row)
        study["qa_status"] = FAILED

    def _add_conflict(self, study: Row, series: Row, patient: int, record: Record) -> None:
        key = (study["id"], patient)
        study["qa_status"] = FAILED
        if key in self._conflicts or self._select(selection(IdentityConflict, _CONFLICT, *_CONFLICT), *key):
            return
        self._conflicts.add(key)
        row = {
            "study": study["id"],
            "patient": patient,
            "series": series["id"],
            "sop_uid": pack_uid(record.header.sop_instance_uid),
            "received_at": record.received_at,
        }
        self._insert(IdentityConflict, row)


def _count(study: Row, series: Row, instance: Row, sign: int) -> None:
    series["frame_count"] += sign * instance["frames"]
    for counted in (series, study):
        counted["instance_count"] += sign
        counted["size_bytes"] += sign * instance["size_bytes"]
