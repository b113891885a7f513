"""What an index says, without its numbers: equal dumps are equal archives."""

from __future__ import annotations

import os
import sqlite3

_STUDIES = """
    SELECT s.study_uid, p.patient_id, p.issuer, p.name, p.birth_date, p.sex, s.study_date, s.study_time,
    s.accession_number, s.description, s.referring_physician_name, s.patient_name_norm, s.search_text,
    s.modalities, s.qa_status, s.series_count, s.instance_count, s.size_bytes
    FROM study s JOIN patient p ON p.id = s.patient"""
_SERIES = """
    SELECT s.study_uid, r.series_uid, r.modality, r.series_number, r.description, r.body_part_examined,
    r.protocol_name, r.station_name, r.frame_of_reference_uid, r.instance_count, r.frame_count, r.size_bytes,
    f.calling_ae_title, f.called_ae_title, f.address
    FROM series r JOIN study s ON s.id = r.study LEFT JOIN source f ON f.id = r.source"""
_INSTANCES = """
    SELECT s.study_uid, r.series_uid, hex(i.sop_uid), c.uid, t.uid, i.instance_number, i.rows, i.columns,
    i.frames, i.position_mm, i.size_bytes, hex(i.digest), hex(i.file)
    FROM instance i JOIN series r ON r.id = i.series JOIN study s ON s.id = r.study
    JOIN uidref c ON c.id = i.sop_class JOIN uidref t ON t.id = i.syntax"""
_VARIANTS = """
    SELECT s.study_uid, r.series_uid, hex(v.sop_uid), hex(v.digest), v.size_bytes, hex(v.file),
    p.patient_id, p.name, f.calling_ae_title, f.called_ae_title, f.address
    FROM variant v JOIN series r ON r.id = v.series JOIN study s ON s.id = r.study
    JOIN patient p ON p.id = v.patient LEFT JOIN source f ON f.id = v.source"""
_CONFLICTS = """
    SELECT s.study_uid, p.patient_id, p.name, r.series_uid, hex(c.sop_uid)
    FROM identity_conflict c JOIN study s ON s.id = c.study JOIN patient p ON p.id = c.patient
    JOIN series r ON r.id = c.series"""
_TIMES = "SELECT study_uid, received_at, last_received_at FROM study"
_KEYS = """
    SELECT s.study_uid, hex(s.uuid), hex(p.uuid), r.series_uid, hex(r.uuid)
    FROM study s JOIN patient p ON p.id = s.patient JOIN series r ON r.study = s.id"""


def _rows(index, sql):
    connection = sqlite3.connect(f"file:{os.fspath(index)}?mode=ro", uri=True)
    try:
        return sorted(connection.execute(sql).fetchall(), key=repr)
    finally:
        connection.close()


def logical_dump(index):
    """Return all that an index says of studies, but for their times and public ids."""
    names = {"studies": _STUDIES, "series": _SERIES, "instances": _INSTANCES, "variants": _VARIANTS}
    return {name: _rows(index, sql) for name, sql in (names | {"conflicts": _CONFLICTS}).items()}


def times(index):
    """Return when the first and the last instance of each study came."""
    return {uid: (first, last) for uid, first, last in _rows(index, _TIMES)}


def public_ids(index):
    """Return the UUIDs of patients, studies and series."""
    return _rows(index, _KEYS)
