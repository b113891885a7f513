"""The options of `noctis reconstruct`, and which of them go with which kind."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from noctis_tui.commands.plane_options import FARTHEST_MM, OBLIQUE
from noctis_tui.reading.reconstructing.request import SlabProjection
from noctis_tui.reading.reconstruction_output.formats import OutputFormat

if TYPE_CHECKING:
    from collections.abc import Callable

_FINEST_MM, _COARSEST_MM = 1e-3, 1e3
_MOST_VIEWS = 3600
_PLANES: Final = ("plane", "normal", "up", "center", "from_mm", "to_mm")
_FLAT: Final = frozenset({*_PLANES, "spacing_mm", "slab_mm", "every_mm", "volume", "resample"})
_PROJECTED: Final = _FLAT | {"rotate", "arc_degrees"}
_ALLOWED: Final = {
    "mpr": _FLAT,
    "mip": _PROJECTED,
    "minip": _PROJECTED,
    "mean": _PROJECTED,
    "curved": frozenset(
        {
            *("points", "curve_view", "width_mm", "spacing_mm", "slab_mm", "every_mm"),
            *("rotate", "arc_degrees", "begin_degrees", "slab_projection", "volume", "resample"),
        }
    ),
    "surface": frozenset({"threshold", "preset", "smooth", "largest", "reduction", "volume", "resample"}),
}
_WRITTEN: Final = {
    "from_mm": "--from",
    "to_mm": "--to",
    "spacing_mm": "--spacing",
    "slab_mm": "--slab",
    "every_mm": "--every",
    "arc_degrees": "--arc",
    "curve_view": "--view",
    "begin_degrees": "--begin",
    "slab_projection": "--projection",
    "width_mm": "--width",
    "reduction": "--reduce",
}


def check(kind: str, points: Path | None, said: dict[str, Any]) -> None:
    """Refuse options that contradict each other, or the kind.

    Raises
    ------
    click.UsageError
        They do; the sentence says which.
    """
    given = {name for name, value in said.items() if value is not None}
    given |= {"points"} if points is not None else set()
    strange = sorted(given - _ALLOWED[kind])
    if strange:
        name = strange[0]
        raise click.UsageError(f"{_WRITTEN.get(name, f'--{name}')} does not go with --kind {kind}.")
    oblique = said["plane"] == OBLIQUE or (said["plane"] is None and "normal" in given)
    around, whole = "rotate" in given, kind in {"mip", "minip", "mean"} and "slab_mm" not in given
    wrong = {
        "--threshold and --preset both say where a surface is: give one.": (
            kind == "surface" and {"threshold", "preset"} <= given
        ),
        "--kind curved needs --points FILE, with x y z in mm a line.": kind == "curved" and points is None,
        "--plane oblique needs its --normal X Y Z.": oblique and "normal" not in given,
        f"--plane {said['plane']} has a normal of its own: leave --normal, --up and --center out.": (
            not oblique and bool(given & {"normal", "up", "center"})
        ),
        "--rotate looks from around the patient: leave the options of planes, and --every, out.": (
            around and kind != "curved" and bool(given & {*_PLANES, "every_mm"})
        ),
        "--projection says what becomes of a slab: give --slab, too.": (
            "slab_projection" in given and "slab_mm" not in given
        ),
        "--arc goes with --rotate.": "arc_degrees" in given and not around,
        "One image through the whole volume has no --from, --to or --every: give --slab.": (
            whole and not around and bool(given & {"from_mm", "to_mm", "every_mm"})
        ),
        "--every goes with --view sections.": (
            kind == "curved" and "every_mm" in given and said["curve_view"] != "sections"
        ),
        "--rotate goes with --view straightened or stretched.": (
            kind == "curved" and around and said["curve_view"] == "sections"
        ),
    }
    for sentence, holds in wrong.items():
        if holds:
            raise click.UsageError(sentence)


def _finite(
    _ctx: click.Context, _param: click.Parameter, value: float | tuple[float, ...] | None
) -> float | tuple[float, ...] | None:
    numbers = value if isinstance(value, tuple) else () if value is None else (value,)
    if all(isfinite(number) and abs(number) <= FARTHEST_MM for number in numbers):
        return value
    raise click.BadParameter(f"Numbers are between -{FARTHEST_MM:,.0f} and {FARTHEST_MM:,.0f} mm.")


def _mm(name: str, field: str, meaning: str, *, least: float | None = None) -> Callable[..., Any]:
    kind = click.FLOAT if least is None else click.FloatRange(least, FARTHEST_MM)
    return click.option(name, field, type=kind, callback=_finite, metavar="MM", help=meaning)


def _direction(name: str, meaning: str) -> Callable[..., Any]:
    return click.option(name, nargs=3, type=float, callback=_finite, metavar="X Y Z", help=meaning)


def reconstruct_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add TARGET and all options."""
    for decorate in reversed(_OPTIONS):
        command = decorate(command)
    return command


_FORMATS = [each.value for each in OutputFormat]
_OPTIONS: tuple[Callable[..., Any], ...] = (
    click.argument("target"),
    click.option("--kind", required=True, type=click.Choice(list(_ALLOWED)), help="What to make."),
    click.option("--out", required=True, type=click.Path(path_type=Path), help="A file, or a folder."),
    click.option("--format", "what", type=click.Choice(_FORMATS), help="Else what the name of --out says."),
    click.option(
        "--plane",
        type=click.Choice(["axial", "coronal", "sagittal", OBLIQUE]),
        help="Of mpr and projections; axial by default.",
    ),
    _direction("--normal", "Of an oblique plane, away from the reader (LPS)."),
    _direction("--up", "Where the upper edge of an oblique plane is."),
    _direction("--center", "A point in the middle of oblique planes; positions count from it."),
    _mm("--from", "from_mm", "Position of the first plane along its normal, from the first slice."),
    _mm("--to", "to_mm", "Position of the last plane."),
    _mm("--every", "every_mm", "From plane to plane; else a voxel, or half the slab.", least=_FINEST_MM),
    _mm("--slab", "slab_mm", "Thickness of each image; mpr and curved take the mean.", least=_FINEST_MM),
    click.option(
        "--spacing",
        "spacing_mm",
        type=click.FloatRange(_FINEST_MM, _COARSEST_MM),
        metavar="MM",
        help="Between samples; else the voxels'.",
    ),
    click.option(
        "--rotate",
        type=click.IntRange(1, _MOST_VIEWS),
        metavar="N",
        help="Views around the patient, the first from the front; of curved, around the curve.",
    ),
    click.option(
        "--arc",
        "arc_degrees",
        type=click.FloatRange(0, 360, min_open=True),
        metavar="DEGREES",
        help="How far --rotate goes; 360 by default.",
    ),
    click.option(
        "--points", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Of a curve: x y z."
    ),
    click.option(
        "--view",
        "curve_view",
        type=click.Choice(["straightened", "stretched", "sections"]),
        help="Of curved; straightened by default.",
    ),
    _mm("--width", "width_mm", "Of curved pictures and sections; 40 by default.", least=_FINEST_MM),
    click.option(
        "--begin",
        "begin_degrees",
        type=click.FloatRange(-360, 360),
        metavar="DEGREES",
        help="How far curved pictures are turned about the curve at first.",
    ),
    click.option(
        "--projection",
        "slab_projection",
        type=click.Choice([each.value for each in SlabProjection]),
        help="Of the slab of curved pictures; mean by default.",
    ),
    click.option(
        "--threshold", type=float, callback=_finite, metavar="HU", help="Of a surface; else that of --preset."
    ),
    click.option(
        "--smooth",
        type=click.IntRange(0, 1000),
        metavar="N",
        help="Passes over a surface that take away steps; 10 are many.",
    ),
    click.option(
        "--largest", type=click.IntRange(min=1), metavar="N", help="Only so many pieces of a surface."
    ),
    click.option(
        "--reduce",
        "reduction",
        type=click.FloatRange(0, 0.99),
        metavar="SHARE",
        help="Of its triangles that is taken away.",
    ),
    click.option("--volume", type=click.IntRange(min=1), metavar="N", help="Which one of several."),
    click.option(
        "--resample",
        is_flag=True,
        default=None,
        help="Make even slices where they are not evenly apart.",
    ),
    click.option(
        "--window", nargs=2, type=float, metavar="CENTRE WIDTH", help="Of pictures, and in DICOM; in HU."
    ),
    click.option(
        "--preset",
        metavar="NAME",
        help="A window by its name, such as lung; of a surface bone, soft tissue or lung.",
    ),
    click.option("--json", "as_json", is_flag=True, help="What was written, as JSON."),
)
