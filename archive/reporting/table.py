"""Measurements as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.reporting.measured import Measured

COLUMNS = (
    *("kind", "text", "value", "unit", "calibration", "mean", "sd", "min", "max", "value_unit", "area_mm2"),
    *("count", "layer", "author", "created_at", "series_instance_uid", "sop_instance_uid", "frame_number"),
    *("points", "uid"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows_of(measured: Iterable[Measured]) -> list[dict[str, Any]]:
    """Return annotations as objects with the keys `COLUMNS`; None where nothing applies."""
    return [_row(each) for each in measured]


def table_of(measured: Iterable[Measured]) -> str:
    """Return annotations as CSV with a line of titles (RFC 4180).

    Texts that a spreadsheet would run as formulas begin with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for row in rows_of(measured):
        points = " ".join(f"{column:g},{line:g}" for column, line in row["points"])
        writer.writerow({name: _cell(value) for name, value in {**row, "points": points}.items()})
    return out.getvalue()


def _row(measured: Measured) -> dict[str, Any]:
    annotation, measurement = measured.annotation, measured.measurement
    said = {name: getattr(measurement, name, None) for name in COLUMNS if hasattr(measurement, name)}
    frame = annotation.frame
    return (
        dict.fromkeys(COLUMNS)
        | said
        | {
            "kind": annotation.kind.value,
            "text": annotation.text,
            "layer": annotation.layer,
            "author": annotation.author,
            "created_at": datetime.fromtimestamp(annotation.created_at, UTC).isoformat(timespec="seconds"),
            "series_instance_uid": frame.series_instance_uid,
            "sop_instance_uid": frame.sop_instance_uid,
            "frame_number": frame.frame_number,
            "points": [list(point) for point in annotation.points],
            "uid": annotation.uid,
        }
    )


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
