"""`noctis measure`: lengths, angles and regions of an image, stored where the image is."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.annotations.annotation import Kind
from archive.annotations.measurement import SHOWN_UNITS
from noctis_tui.commands.measured_shape import REGION_KINDS, SHAPES, shape_of, split_words
from noctis_tui.reading.stored_measurements import NUMBERS, numbers_of, stored_measurements

if TYPE_CHECKING:
    from archive.annotations.measurement import Measurement
    from archive.commands.site import Site
    from noctis_tui.commands.measured_shape import Shape
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.stored_measurements import StoredMeasurement

_LISTED = (
    *("uid", "series_instance_uid", "sop_instance_uid"),
    *("series_number", "instance_number", "frame", "kind"),
    *("value", "unit", "calibration", "mean", "sd", "min", "max", "area_mm2", "area_px", "count"),
    *("value_unit", "text", "layer", "author", "created"),
)
_WHAT = {
    Kind.LENGTH: "length",
    Kind.POLYLINE: "length",
    Kind.ANGLE: "angle",
    Kind.COBB: "angle",
    Kind.PROBE: "value",
}
SUV_TYPES = ("bw", "lbm", "bsa")
"""In the order of `SuvType`."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _shape_options(command: Any) -> Any:  # noqa: ANN401 - click decorates whatever it is given
    """Add a flag for every shape; its points are words of the command line."""
    flags = (
        ("--probe", "One point: the pixel's value."),
        ("--cobb", "Two ends of a line, two ends of another."),
        ("--angle", "One end, the vertex, the other end."),
        ("--polyline", "Two points or more."),
        ("--length", "Two points."),
    )
    for name, help_text in flags:
        command = click.option(name, is_flag=True, help=help_text)(command)
    return command


@click.command("measure", context_settings={"ignore_unknown_options": True})
@_shape_options
@click.option(
    "--roi",
    type=click.Choice(REGION_KINDS),
    multiple=True,
    help="A region: ellipse and rectangle take two opposite corners, the others three points or more.",
)
@click.option("--suv", type=click.Choice(SUV_TYPES), help="PET as standardized uptake values.")
@click.option("--frame", "frame_number", type=click.IntRange(min=1), metavar="N", help="From 1.")
@click.option("--note", default="", metavar="TEXT", help="Words to store with it.")
@click.option("--json", "as_json", is_flag=True, help="The measurement as JSON; with --list an array.")
@click.option("--list", "as_list", is_flag=True, help="Show what is stored in TARGET's study instead.")
@click.option("--csv", "as_csv", is_flag=True, help="The same as comma-separated values.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="TARGET [COLUMN,ROW]...")
@click.pass_obj
def measure_command(
    site: Site,
    /,
    roi: tuple[str, ...],
    suv: str | None,
    frame_number: int | None,
    note: str,
    as_json: bool,
    as_list: bool,
    as_csv: bool,
    words: tuple[str, ...],
    **flags: bool,
) -> None:
    """Measure in an image: millimetres, degrees, HU. What is measured in the archive is stored there.

    TARGET is a file or folder (then nothing is stored), a UID of the archive, or the unique beginning of one;
    of a series, --frame counts its images in reading order. A point is COLUMN,ROW in image pixels, fractions
    allowed; the centre of the first pixel is 0,0.

    Example: noctis measure ct.dcm --length 120,88 180.5,92

    Example: noctis measure 1.2.840 --frame 12 --roi ellipse 100,100 140,130 --json
    """
    asked = (*(name for name, wanted in flags.items() if wanted), *roi)
    target, points = split_words(words)
    if as_list or as_csv:
        if asked or points:
            raise click.UsageError("--list and --csv show what is stored; give no shape with them.")
        _list(site, target, as_json=as_json, as_csv=as_csv)
        return
    if len(asked) != 1:
        raise click.UsageError(f"Say what to measure: one of {', '.join(SHAPES)}, with its points.")
    shape = shape_of(Kind(asked[0]), points)
    _measure(site, target, shape, frame_number, note, suv, as_json=as_json)


def _measure(
    site: Site,
    target: str,
    shape: Shape,
    frame_number: int | None,
    note: str,
    suv: str | None,
    *,
    as_json: bool,
) -> None:
    from archive.annotations.measuring import measure
    from archive.annotations.uptake import in_uptake
    from archive.errors import BadInput
    from archive.pixels.suv_type import SuvType
    from noctis_tui.commands.picture_target import load_target
    from noctis_tui.commands.target_frames import exists

    frame = load_target(site.archive, target, frame_number).frame
    measured = measure(shape.kind, shape.points, frame.stored_values, frame.attributes)
    if measured.unit == "deg" and measured.value is None:
        raise BadInput("There is no angle: two of its points are the same.")
    if suv is not None:
        measured = in_uptake(measured, frame.attributes, list(SuvType)[SUV_TYPES.index(suv)])
    uid = None if exists(Path(target)) else _store(site, target, shape, frame, note)
    if as_json:
        place = {"sop_instance_uid": frame.image.sop_instance_uid, "frame": frame.attributes.frame_index + 1}
        click.echo(json.dumps(numbers_of(measured) | place | {"uid": uid}, allow_nan=False))
        return
    _print(measured)
    if uid is None:
        click.echo("Not stored: TARGET is a file, and nothing is kept beside files.", err=True)


def _store(site: Site, target: str, shape: Shape, frame: LoadedFrame, note: str) -> str:
    """Keep the shape in the archive; return its UID."""
    import time
    import uuid

    from archive.annotating import PutAnnotation, edit
    from archive.annotations.annotation import Annotation, FrameKey
    from archive.index.targets import resolve, study_uid_of
    from archive.reindexing import open_archive

    with open_archive(site.archive) as archive:
        study = study_uid_of(archive.index, resolve(archive.index, target))
        image = frame.image
        number = frame.attributes.frame_index + 1
        key = FrameKey(study, image.series_instance_uid, image.sop_instance_uid, number)
        uid, now = str(uuid.uuid4()), time.time()
        kept = Annotation(
            uid, key, shape.kind, shape.points, note, author=_author(), created_at=now, modified_at=now
        )
        edit(archive, [PutAnnotation(kept)])
    return uid


def _author() -> str:
    import getpass

    try:
        return getpass.getuser()[:64]
    except (OSError, KeyError):
        return ""


def _print(measured: Measurement) -> None:
    """Print a line for everything that was measured."""
    from archive.dicom.text import visible

    calibration = f" ({visible(measured.calibration, 60)})" if measured.calibration else ""
    if measured.unit in {"px", "px2"}:
        calibration = " (not calibrated)"
    value_unit = f" {visible(measured.value_unit, 40)}".rstrip()
    lines = []
    if measured.unit or measured.value is not None:
        value = _number(measured.value) + (
            value_unit if measured.kind is Kind.PROBE else _unit(measured.unit)
        )
        lines.append((_WHAT.get(measured.kind, "area"), f"{value}{calibration}"))
    if measured.color is not None:
        lines.append(("colour", "R {} G {} B {}".format(*measured.color)))
    if measured.count is not None:
        numbers = {"mean": measured.mean, "sd": measured.sd, "min": measured.min, "max": measured.max}
        lines += [(name, f"{_number(number)}{value_unit}") for name, number in numbers.items()]
        lines.append(("pixels", str(measured.count)))
    if measured.padding_count:
        lines.append(("padding", f"{measured.padding_count} pixels left out"))
    if measured.undefined_count:
        lines.append(("no number", f"{measured.undefined_count} pixels left out"))
    for name, text in lines:
        click.echo(f"{name:9}  {text}")


def _unit(unit: str) -> str:
    return "°" if unit == "deg" else f" {SHOWN_UNITS.get(unit, unit)}"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def _list(site: Site, target: str, *, as_json: bool, as_csv: bool) -> None:
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
    return f"{_short(row['value'])}{_unit(row['unit'] or '')}{named}".rstrip()


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
