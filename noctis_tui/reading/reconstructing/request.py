"""What a reconstruction is asked to be: a frozen value, and JSON from process to process and in records."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from math import isfinite
from typing import Any

from archive.errors import BadInput

Numbers = tuple[float, float, float]


class Kind(StrEnum):
    """What is made."""

    MPR = "mpr"
    MIP = "mip"
    MINIP = "minip"
    MEAN = "mean"
    CURVED = "curved"
    SURFACE = "surface"


class CurveView(StrEnum):
    """How a volume is shown along a curve."""

    STRAIGHTENED = "straightened"
    STRETCHED = "stretched"
    SECTIONS = "sections"


class SlabProjection(StrEnum):
    """What becomes of the slab of a picture along a curve."""

    MAX = "max"
    MIN = "min"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """What is asked for; None is for what is not said.

    Attributes
    ----------
    kind
        What is made.
    plane
        axial, coronal or sagittal; None for an oblique one.
    normal, up, center
        Of oblique planes, as `noctis render` takes them.
    spacing_mm
        Between samples.
    slab_mm
        Thickness of each image; projections without one go through the whole volume.
    every_mm
        From one image to the next; else a voxel, or half a slab.
    from_mm, to_mm
        Positions of the first and the last plane along the normal, as `--position`.
    rotate, arc_degrees
        How many views around the patient, over so many degrees; along a curve, around the curve.
    points_mm
        Of a curve, LPS.
    curve_view, width_mm
        How it is shown, and how far to both sides in all.
    begin_degrees, slab_projection
        How far pictures along a curve are turned about it at first, and what becomes of their slab.
    threshold, preset
        Of a surface: the value at it, or the name of a preset.
    smooth, largest, reduction
        Of a surface: passes of smoothing, how many of its pieces, what share of the triangles goes.
    volume
        Which one of a series that holds several, from 1.
    resample
        Whether slices that are not evenly apart are resampled.
    """

    kind: Kind
    plane: str | None = None
    normal: Numbers | None = None
    up: Numbers | None = None
    center: Numbers | None = None
    spacing_mm: float | None = None
    slab_mm: float | None = None
    every_mm: float | None = None
    from_mm: float | None = None
    to_mm: float | None = None
    rotate: int | None = None
    arc_degrees: float = 360.0
    points_mm: tuple[Numbers, ...] = field(default=())
    curve_view: CurveView = CurveView.STRAIGHTENED
    width_mm: float = 40.0
    begin_degrees: float = 0.0
    slab_projection: SlabProjection = SlabProjection.MEAN
    threshold: float | None = None
    preset: str | None = None
    smooth: int | None = None
    largest: int | None = None
    reduction: float | None = None
    volume: int | None = None
    resample: bool = False

    def parameters(self) -> dict[str, Any]:
        """Return what was said, for the record of the job: no defaults, points counted."""
        plain = Reconstruction(self.kind)
        said = {
            each.name: value
            for each in fields(self)
            if (value := getattr(self, each.name)) != getattr(plain, each.name)
        }
        if "points_mm" in said:
            said["points"] = len(said.pop("points_mm"))
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Reconstruction:
        """Return what `to_json` wrote.

        Raises
        ------
        BadInput
            It is none.
        """
        try:
            points = tuple(_numbers(point) for point in said["points_mm"])
            directions = {name: said[name] and _numbers(said[name]) for name in ("normal", "up", "center")}
            kinds = {
                "kind": Kind(said["kind"]),
                "curve_view": CurveView(said["curve_view"]),
                "slab_projection": SlabProjection(said["slab_projection"]),
            }
            return cls(**(said | directions | kinds | {"points_mm": points}))
        except (TypeError, KeyError, ValueError) as error:
            raise BadInput("The request was not understood.") from error


def _numbers(said: Any) -> Numbers:  # noqa: ANN401 - whatever JSON holds
    x, y, z = (float(part) for part in said)
    if not (isfinite(x) and isfinite(y) and isfinite(z)):
        raise ValueError
    return x, y, z
