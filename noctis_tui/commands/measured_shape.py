"""The shape that the words of `noctis measure` describe, and the target among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from archive.annotations.annotation import Kind, point_range
from archive.dicom.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.annotations.annotation import Point

REGION_KINDS = ("ellipse", "rectangle", "polygon", "freehand")
SHAPES = ("--length", "--polyline", "--angle", "--cobb", "--probe", "--roi")
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)"
_POINT = re.compile(rf"({_NUMBER}),({_NUMBER})", re.ASCII)
_LONGEST_POINT = 60


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind and as many points as it takes; (column, row)."""

    kind: Kind
    points: tuple[Point, ...]


def split_words(words: Sequence[str]) -> tuple[str, tuple[Point, ...]]:
    """Return TARGET and the points among the words of a command line, in whichever order they came.

    A file whose name looks like a point is named by a path: ``./10,20``.

    Raises
    ------
    click.UsageError
        There is no TARGET, or something that is neither it nor a point.
    """
    points = [point for word in words if (point := _point(word)) is not None]
    others = [word for word in words if _point(word) is None]
    for word in others:
        if word.startswith("-") and word != "-":
            raise click.UsageError(f"No such option: {visible(word, 60)}{_nearest(word)}")
    if not others:
        raise click.UsageError("Missing argument 'TARGET'.")
    if len(others) > 1:
        raise click.UsageError(
            f"{visible(others[1], 60)} is no point: one is written COLUMN,ROW, such as 120,88.5."
        )
    return others[0], tuple(points)


def shape_of(kind: Kind, points: tuple[Point, ...]) -> Shape:
    """Return the shape of these points.

    Raises
    ------
    click.UsageError
        It takes another number of them.
    """
    least, most = point_range(kind)
    if not least <= len(points) <= most:
        wanted = f"{least}" if least == most else f"{least} or more"
        few = "point" if wanted == "1" else "points"
        raise click.UsageError(f"{kind.capitalize()} takes {wanted} {few} COLUMN,ROW; {len(points)} came.")
    return Shape(kind, points)


def _point(word: str) -> Point | None:
    found = _POINT.fullmatch(word) if len(word) <= _LONGEST_POINT else None
    return (float(found[1]), float(found[2])) if found else None


def _nearest(word: str) -> str:
    near = get_close_matches(word, (*SHAPES, "--frame", "--json", "--list", "--csv", "--note"), 1)
    return f"; did you mean {near[0]}?" if near else "."
