"""What is stored about a study as a table, as JSON and as CSV."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.annotations.measurement import SHOWN_UNITS
from noctis_tui.reading.stored_measurements import NUMBERS, numbers_of, stored_measurements

if TYPE_CHECKING:
    from archive.commands.site import Site
    from noctis_tui.reading.stored_measurements import StoredMeasurement

_LISTED = (
    *("uid", "series_instance_uid", "sop_instance_uid"),
    *("series_number", "instance_number", "frame", "kind"),
    *("value", "unit", "calibration", "mean", "sd", "min", "max", "area_mm2", "area_px", "count"),
    *("value_unit", "text", "layer", "author", "created"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def list_stored(site: Site, target: str, *, as_json: bool, as_csv: bool) -> None:
    """Print what is stored in the study of TARGET, with what it measures.

    Raises
    ------
    BadInput
        TARGET is a file, or two formats are asked for.
    NotFound
        Nothing in the archive answers to TARGET.
    """
    from archive.audit.access import record_access
    from archive.commands.printing import print_json
    from archive.errors import BadInput
    from archive.index.targets import resolve, study_uid_of
    from archive.reindexing import open_archive
    from noctis_tui.commands.target_frames import exists

    if exists(Path(target)):
        raise BadInput("Nothing is stored beside files: name a study of the archive by its UID.")
    if as_json and as_csv:
        raise BadInput("Give --json or --csv, not both.")
    with open_archive(site.archive) as archive:
        study = study_uid_of(archive.index, resolve(archive.index, target))
        record_access(archive, study)
        rows = [_row(each) for each in stored_measurements(archive.index, study)]
    if as_json:
        print_json(rows)
    elif as_csv:
        _print_csv(rows)
    else:
        _print_table(rows)


def _row(stored: StoredMeasurement) -> dict[str, Any]:
    from datetime import UTC, datetime

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
        "kind": annotation.kind.value,
        "text": annotation.text,
        "layer": annotation.layer,
        "author": annotation.author,
        "created": datetime.fromtimestamp(annotation.created_at, UTC).isoformat(timespec="seconds"),
    }


def _print_table(rows: list[dict[str, Any]]) -> None:
    from archive.commands.printing import Column, print_table

    columns = (
        Column("Kind", lambda row: row["kind"]),
        Column("Value", _listed_value, number=True),
        Column("Mean ± SD", _listed_mean, number=True),
        Column("Text", lambda row: row["text"]),
        Column("Layer", lambda row: row["layer"]),
        Column("Image", _listed_image),
    )
    print_table(rows, columns)


def _short(value: float) -> str:
    """Write a number as a table has room for it."""
    return f"{value:.4g}" if abs(value) < 100 or abs(value) >= 1e7 else f"{value:.1f}".removesuffix(".0")


def _listed_value(row: dict[str, Any]) -> str:
    if row["value"] is None:
        return ""
    named = "" if row["calibration"] in {None, "patient"} else f" ({row['calibration']})"
    return f"{_short(row['value'])}{shown_unit(row['unit'] or '')}{named}".rstrip()


def _listed_mean(row: dict[str, Any]) -> str:
    if row["mean"] is None:
        return ""
    sd = "" if row["sd"] is None else f" ± {_short(row['sd'])}"
    return f"{_short(row['mean'])}{sd} {row.get('value_unit') or ''}".rstrip()


def _listed_image(row: dict[str, Any]) -> str:
    """Return Series Number / Instance Number, and the frame of a clip."""
    numbers = ("?" if row[name] is None else str(row[name]) for name in ("series_number", "instance_number"))
    frame = f" frame {row['frame']}" if row["frame"] > 1 else ""
    return f"{'/'.join(numbers)}{frame}"


def _print_csv(rows: list[dict[str, Any]]) -> None:
    """Print rows for a spreadsheet; text that one would take for a formula begins with an apostrophe."""
    writer = csv.writer(sys.stdout)
    writer.writerow(_LISTED)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in _LISTED])


def _cell(value: object) -> object:
    from archive.dicom.text import visible

    if not isinstance(value, str):
        return value
    shown = visible(value)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def shown_unit(unit: str) -> str:
    """Return a unit as it stands behind a number: a blank before it, none before a degree sign."""
    return "°" if unit == "deg" else f" {SHOWN_UNITS.get(unit, unit)}"
