"""What is stored about a study as a table, as JSON and as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.annotations.measurement import SHOWN_UNITS
from noctis_tui.reading.measurement_table import csv_of, row_of
from noctis_tui.reading.stored_measurements import stored_measurements

if TYPE_CHECKING:
    from archive.commands.site import Site
    from archive.pixels.suv_type import SuvType


def list_stored(site: Site, target: str, suv_type: SuvType, *, as_json: bool, as_csv: bool) -> None:
    """Print what is stored in the study of TARGET, with what it measures; PET in this SUV where there is one.

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
        rows = [row_of(each) for each in stored_measurements(archive.index, study, suv_type)]
    if as_json:
        print_json(rows)
    elif as_csv:
        click.echo(csv_of(rows), nl=False)
    else:
        _print_table(rows)


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
    if row.get("suv_value") is not None:
        return f"{row['suv_type']} {_short(row['suv_value'])}"
    apart = [
        f"{_short(row[axis])}{shown_unit(row[f'{axis}_unit'])}"
        for axis in ("delta_x", "delta_y")
        if row.get(axis)
    ]
    if apart:
        return " · ".join(apart)
    named = "" if row["calibration"] in {None, "patient"} else f" ({row['calibration']})"
    return f"{_short(row['value'])}{shown_unit(row['unit'] or '')}{named}".rstrip()


def _listed_mean(row: dict[str, Any]) -> str:
    if row["mean"] is None:
        return ""
    if row.get("suv_mean") is not None:
        return f"{row['suv_type']} {_short(row['suv_mean'])} ± {_short(row['suv_sd'] or 0)}"
    sd = "" if row["sd"] is None else f" ± {_short(row['sd'])}"
    return f"{_short(row['mean'])}{sd} {row.get('value_unit') or ''}".rstrip()


def _listed_image(row: dict[str, Any]) -> str:
    """Return Series Number / Instance Number, and the frame of a clip."""
    numbers = ("?" if row[name] is None else str(row[name]) for name in ("series_number", "instance_number"))
    frame = f" frame {row['frame']}" if row["frame"] > 1 else ""
    return f"{'/'.join(numbers)}{frame}"


def shown_unit(unit: str) -> str:
    """Return a unit as it stands behind a number: a blank before it, none before a degree sign."""
    return "°" if unit == "deg" else f" {SHOWN_UNITS.get(unit, unit)}"
