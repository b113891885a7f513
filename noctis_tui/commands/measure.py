"""`noctis measure`: lengths, angles and regions of an image, stored where the image is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.annotations.annotation import Kind
from noctis_tui.commands.measured_shape import REGION_KINDS, SHAPES, shape_of, split_words
from noctis_tui.commands.measurement_listing import list_stored, shown_unit
from noctis_tui.reading.stored_measurements import numbers_of

if TYPE_CHECKING:
    from archive.annotations.measurement import Measurement
    from archive.commands.site import Site
    from archive.pixels.suv_type import SuvType
    from noctis_tui.commands.measured_shape import Shape
    from noctis_tui.reading.loaded_frame import LoadedFrame

_WHAT = {
    Kind.LENGTH: "length",
    Kind.POLYLINE: "length",
    Kind.ANGLE: "angle",
    Kind.COBB: "angle",
    Kind.PROBE: "value",
}
SUV_TYPES = ("bw", "lbm", "bsa")
"""In the order of `SuvType`."""


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
        list_stored(site, target, _suv_type(suv), as_json=as_json, as_csv=as_csv)
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
    from noctis_tui.commands.picture_target import load_target
    from noctis_tui.commands.target_frames import exists

    frame = load_target(site.archive, target, frame_number).frame
    measured = measure(shape.kind, shape.points, frame.stored_values, frame.attributes)
    if measured.unit == "deg" and measured.value is None:
        raise BadInput("There is no angle: two of its points are the same.")
    if suv is not None:
        measured = in_uptake(measured, frame.attributes, _suv_type(suv))
    uid = None if exists(Path(target)) else _store(site, target, shape, frame, note)
    if as_json:
        place = {"sop_instance_uid": frame.image.sop_instance_uid, "frame": frame.attributes.frame_index + 1}
        click.echo(json.dumps(numbers_of(measured) | place | {"uid": uid}, allow_nan=False))
        return
    _print(measured)
    if uid is None:
        click.echo("Not stored: TARGET is a file, and nothing is kept beside files.", err=True)


def _suv_type(name: str | None) -> SuvType:
    """Return the SUV of that name; by body weight, as pictures tell it at first, when none is named."""
    from archive.pixels.suv_type import SuvType

    return list(SuvType)[SUV_TYPES.index(name)] if name is not None else SuvType.BODY_WEIGHT


def _store(site: Site, target: str, shape: Shape, frame: LoadedFrame, note: str) -> str:
    """Keep the shape in the archive; return its UID."""
    import time
    import uuid

    from archive.annotating import PutAnnotation, edit
    from archive.annotations.annotation import Annotation, FrameKey
    from archive.index.targets import resolve, study_uid_of
    from archive.login import login_name
    from archive.reindexing import open_archive

    with open_archive(site.archive) as archive:
        study = study_uid_of(archive.index, resolve(archive.index, target))
        image = frame.image
        number = frame.attributes.frame_index + 1
        key = FrameKey(study, image.series_instance_uid, image.sop_instance_uid, number)
        uid, now = str(uuid.uuid4()), time.time()
        kept = Annotation(
            uid, key, shape.kind, shape.points, note, author=login_name(), created_at=now, modified_at=now
        )
        edit(archive, [PutAnnotation(kept)])
    return uid


def _print(measured: Measurement) -> None:
    """Print a line for everything that was measured."""
    from archive.dicom.text import visible

    calibration = f" ({visible(measured.calibration, 60)})" if measured.calibration else ""
    if measured.unit in {"px", "px2"} and measured.extents is None:
        calibration = " (not calibrated)"
    value_unit = f" {visible(measured.value_unit, 40)}".rstrip()
    lines = []
    if measured.unit or measured.value is not None:
        value = _number(measured.value) + (
            value_unit if measured.kind is Kind.PROBE else shown_unit(measured.unit)
        )
        lines.append((_WHAT.get(measured.kind, "area"), f"{value}{calibration}"))
    for name, extent in zip(("across", "down"), measured.extents or (), strict=False):
        if extent is not None:
            lines.append((name, f"{_number(extent.value)}{shown_unit(extent.unit)}"))
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


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"
