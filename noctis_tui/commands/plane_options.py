"""The options that cut a plane out of a volume: `--plane`, `--position`, `--normal` and their like."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import wraps
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from noctis_tui.reading.reconstruction.headless_plane import PlaneRequest

FARTHEST_MM = 1e6
_FINEST_MM, _COARSEST_MM = 1e-3, 1e3
OBLIQUE = "oblique"


def _finite(
    _ctx: click.Context, _param: click.Parameter, value: float | tuple[float, ...] | None
) -> float | tuple[float, ...] | None:
    numbers = value if isinstance(value, tuple) else () if value is None else (value,)
    if all(isfinite(number) and abs(number) <= FARTHEST_MM for number in numbers):
        return value
    raise click.BadParameter(f"Numbers are between -{FARTHEST_MM:,.0f} and {FARTHEST_MM:,.0f} mm.")


@dataclass(frozen=True, slots=True)
class PlaneOptions:
    """What was said on the command line; None is for what was not."""

    plane: str | None = None
    position: float | None = None
    center: tuple[float, float, float] | None = None
    normal: tuple[float, float, float] | None = None
    up: tuple[float, float, float] | None = None
    spacing: float | None = None
    slab: float | None = None
    projection: str | None = None
    volume: int | None = None
    resample: bool | None = None

    @property
    def said(self) -> tuple[str, ...]:
        """The options that were given, as they are written."""
        return tuple(f"--{each.name}" for each in fields(self) if getattr(self, each.name) is not None)

    def request(self, size: tuple[int, int] | None, frame_number: int | None) -> PlaneRequest | None:
        """Return the plane that is wanted; None where a stored image is.

        Raises
        ------
        click.UsageError
            The options contradict each other.
        """
        from noctis_tui.imaging.planes.projection import Projection
        from noctis_tui.reading.reconstruction.headless_plane import PlaneRequest
        from noctis_tui.reading.reconstruction.plane_axes import Plane

        if not self.said:
            return None
        self._check(frame_number)
        return PlaneRequest(
            plane=None if self._is_oblique else Plane(self.plane or ""),
            position_mm=self.position,
            center_mm=self.center,
            normal=self.normal,
            up=self.up,
            spacing_mm=self.spacing,
            size=size,
            slab_mm=self.slab,
            projection=Projection(self.projection) if self.projection else None,
        )

    @property
    def _is_oblique(self) -> bool:
        return self.plane == OBLIQUE or (self.plane is None and self.normal is not None)

    def _check(self, frame_number: int | None) -> None:
        oblique = self._is_oblique
        wrong = {
            f"{self.said[0]} cuts a plane: say --plane axial, coronal or sagittal, or --normal X Y Z.": (
                self.plane is None and not oblique
            ),
            "--plane oblique needs its --normal X Y Z.": oblique and self.normal is None,
            f"--plane {self.plane} has a normal of its own: leave --normal and --up out.": (
                not oblique and bool(self.normal or self.up)
            ),
            "--position and --center both say where the plane lies: give one.": (
                self.position is not None and self.center is not None
            ),
            "--frame is a stored image and --plane is cut through all of them: give one.": (
                frame_number is not None
            ),
            "--projection without --slab goes through the whole volume: give --slab MM, or no --position.": (
                self.projection is not None and self.slab is None and self.position is not None
            ),
        }
        for sentence, holds in wrong.items():
            if holds:
                raise click.UsageError(sentence)


def plane_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that cut a plane; the command gets them together, as `cut`."""

    @wraps(command)
    def collected(*arguments: object, **options: object) -> None:
        said: dict[str, Any] = {each.name: options.pop(each.name) for each in fields(PlaneOptions)}
        command(*arguments, cut=PlaneOptions(**said), **options)

    for decorate in reversed(_OPTIONS):
        collected = decorate(collected)
    return collected


def _point(name: str, meaning: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(name, nargs=3, type=float, callback=_finite, metavar="X Y Z", help=meaning)


_OPTIONS: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
    click.option(
        "--plane",
        type=click.Choice(["axial", "coronal", "sagittal", OBLIQUE]),
        help="Cut a plane through the volume of the series.",
    ),
    click.option(
        "--position",
        type=float,
        callback=_finite,
        metavar="MM",
        help="Along the normal, from the volume's first slice, row or column; else its middle.",
    ),
    _point("--center", "A point of the plane, in its middle (LPS mm)."),
    _point("--normal", "Of an oblique plane, away from the reader."),
    _point("--up", "Where the upper edge of an oblique plane is."),
    click.option(
        "--spacing",
        type=click.FloatRange(_FINEST_MM, _COARSEST_MM),
        callback=_finite,
        metavar="MM",
        help="Between samples; else the voxels'.",
    ),
    click.option(
        "--slab",
        type=click.FloatRange(0, FARTHEST_MM),
        callback=_finite,
        metavar="MM",
        help="Thickness around the plane.",
    ),
    click.option(
        "--projection",
        type=click.Choice(["max", "min", "mean"]),
        help="Of the slab, max without; of the whole volume without --slab.",
    ),
    click.option(
        "--resample",
        is_flag=True,
        default=None,
        help="Resample slices that are not evenly apart instead of refusing them.",
    ),
    click.option(
        "--volume", type=click.IntRange(min=1), metavar="N", help="Which one of a series that holds several."
    ),
)
