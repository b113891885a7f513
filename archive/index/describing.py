"""What the index keeps of a header: each value bounded and storable, whatever a peer wrote."""

from __future__ import annotations

import math
import secrets
import time
from typing import TYPE_CHECKING, Any

from archive.index.matching import normalized

if TYPE_CHECKING:
    from archive.dicom.header import Header

TEXT_LIMIT = 1024
"""Characters of one value that the index keeps; the file has all of it."""
IDENTITY = ("patient_id", "issuer", "name", "birth_date", "sex")
_INTEGER_LIMIT = 2**31
_DESCRIBED = ("accession_number", "description", "referring_physician_name")

Row = dict[str, Any]


def uuid7() -> bytes:
    """Return a new UUIDv7 (RFC 9562 section 5.7): milliseconds first, so that keys grow with time."""
    value = int(time.time() * 1000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return value.to_bytes(16, "big")


def identity(header: Header) -> tuple[str, ...]:
    """Return whose the instance is, exactly as its sender wrote it: the columns `IDENTITY`."""
    return (
        storable_text(header.patient_id),
        storable_text(header.issuer_of_patient_id),
        storable_text(header.patient_name),
        storable_text(header.patient_birth_date),
        storable_text(header.patient_sex),
    )


def described_study(header: Header) -> Row:
    """Return a study's own columns."""
    return {
        "study_date": storable_text(header.study_date),
        "study_time": storable_text(header.study_time),
        "accession_number": storable_text(header.accession_number),
        "description": storable_text(header.study_description),
        "referring_physician_name": storable_text(header.referring_physician_name),
    }


def described_series(header: Header) -> Row:
    """Return a series' own columns."""
    return {
        "series_uid": header.series_instance_uid,
        "modality": storable_text(header.modality),
        "series_number": storable_integer(header.series_number),
        "description": storable_text(header.series_description),
        "body_part_examined": storable_text(header.body_part_examined),
        "protocol_name": storable_text(header.protocol_name),
        "station_name": storable_text(header.station_name),
        "frame_of_reference_uid": storable_text(header.frame_of_reference_uid),
    }


def described_instance(header: Header) -> Row:
    """Return an instance's own columns."""
    position = header.position_mm
    return {
        "instance_number": storable_integer(header.instance_number),
        "rows": storable_integer(header.rows) or 0,
        "columns": storable_integer(header.columns) or 0,
        "frames": storable_integer(header.number_of_frames) or 0,
        "position_mm": position if position is not None and math.isfinite(position) else None,
    }


def searched(header: Header) -> Row:
    """Return the columns of a study that are compared with what a person types."""
    name = normalized(storable_text(header.patient_name))
    lines = [name, *map(normalized, map(storable_text, _searched_values(header)))]
    return {"patient_name_norm": name, "search_text": "\n".join(lines)}


def _searched_values(header: Header) -> tuple[str, ...]:
    return (header.patient_id, header.accession_number, header.study_description)


def fill_blanks(study: Row, header: Header) -> None:
    """Complete what earlier instances of the same patient left empty."""
    blanks = [name for name in ("study_date", "study_time", *_DESCRIBED) if not study[name]]
    if not blanks:
        return
    found = described_study(header)
    filled = {name: found[name] for name in blanks if found[name]}
    if filled:
        study.update(filled)
        lines = study["search_text"].split("\n")[:2]
        study["search_text"] = "\n".join(lines + [normalized(study[name]) for name in _DESCRIBED[:2]])


def storable_text(value: str) -> str:
    """Make a value storable: bounded, without NUL (ends text in SQLite) and lone surrogates."""
    if value.isascii() and len(value) <= TEXT_LIMIT and "\0" not in value:
        return value
    return value[:TEXT_LIMIT].replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def storable_integer(value: int | None) -> int | None:
    """Return the value, or None when it is none or beyond 32 bits (an IS may say anything)."""
    return value if value is not None and -_INTEGER_LIMIT <= value < _INTEGER_LIMIT else None
