"""Stored measurements as rows of a table, for JSON and for spreadsheets."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from archive.dicom.text import visible
from noctis_tui.reading.stored_measurements import NUMBERS, numbers_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from noctis_tui.reading.stored_measurements import StoredMeasurement

COLUMNS = (
    *("uid", "series_instance_uid", "sop_instance_uid"),
    *("series_number", "instance_number", "frame", "kind"),
    *("value", "unit", "calibration", "mean", "sd", "min", "max", "area_mm2", "area_px", "count"),
    *("value_unit", "text", "layer", "author", "created"),
    *("suv_type", "suv_value", "suv_mean", "suv_sd", "suv_min", "suv_max"),
    *("delta_x", "delta_x_unit", "delta_y", "delta_y_unit"),
)
"""Of a spreadsheet; rows for JSON have the points, too."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def row_of(stored: StoredMeasurement) -> dict[str, Any]:
    """Return what is known of a stored measurement; None where nothing applies."""
    annotation = stored.annotation
    said = numbers_of(stored.measurement) if stored.measurement is not None else {}
    return {
        "uid": annotation.uid,
        "series_instance_uid": annotation.frame.series_instance_uid,
        "sop_instance_uid": annotation.frame.sop_instance_uid,
        "series_number": stored.series_number,
        "instance_number": stored.instance_number,
        "frame": annotation.frame.frame_number,
        "points": [list(point) for point in annotation.points],
        **dict.fromkeys(NUMBERS),
        **said,
        **_uptake_of(stored),
        "kind": annotation.kind.value,
        "text": annotation.text,
        "layer": annotation.layer,
        "author": annotation.author,
        "created": datetime.fromtimestamp(annotation.created_at, UTC).isoformat(timespec="seconds"),
    }


def _uptake_of(stored: StoredMeasurement) -> dict[str, Any]:
    """Return the same in SUV: what the file's own unit says stays beside it."""
    uptake = stored.uptake
    if uptake is None or stored.suv_type is None:
        return {}
    said: dict[str, Any] = {"suv_type": stored.suv_type.value}
    if uptake.count is None:
        return said | {"suv_value": uptake.value}
    return said | {f"suv_{name}": getattr(uptake, name) for name in ("mean", "sd", "min", "max")}


def csv_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV with a line of titles (RFC 4180).

    Text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    shown = visible(value)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
