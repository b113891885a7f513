"""The points of a curve from a file: three numbers a line, or JSON."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import TYPE_CHECKING, Any

from archive.dicom.text import visible
from archive.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from noctis_tui.reading.reconstructing.request import Numbers

_LARGEST_BYTES = 1 << 20
_BETWEEN = re.compile(r"[,;\s]+")


def read_points(path: Path) -> tuple[Numbers, ...]:
    """Return LPS positions in mm, in the order of the file.

    A line is ``x y z``, blanks, commas or semicolons between the numbers; lines without numbers, and what
    follows ``#``, are passed over. JSON is an array of such triples, or an object with it as ``points_mm``.

    Raises
    ------
    BadInput
        The file cannot be read, is too large, or a line is no point.
    """
    name = visible(path.name, 80)
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_BYTES + 1).decode("utf-8")
    except (OSError, ValueError) as error:
        raise BadInput(f"The points in {name} cannot be read.") from error
    if len(text) > _LARGEST_BYTES:
        raise BadInput(f"{name} is too large for the points of a curve.")
    points = _from_json(text, name) if text.lstrip()[:1] in {"[", "{"} else _from_lines(text, name)
    if len(points) < 2:
        raise BadInput(f"{name} has no two points.")
    return points


def _from_lines(text: str, name: str) -> tuple[Numbers, ...]:
    lines = ((number, line.partition("#")[0].strip()) for number, line in enumerate(text.splitlines(), 1))
    return tuple(
        _point(_BETWEEN.split(line.strip(",; ")), f"Line {number} of {name}")
        for number, line in lines
        if any(letter.isdigit() for letter in line)
    )


def _from_json(text: str, name: str) -> tuple[Numbers, ...]:
    try:
        said: Any = json.loads(text)
        listed = said["points_mm"] if isinstance(said, dict) else said
        return tuple(_point(each, f"Point {number} of {name}") for number, each in enumerate(listed, 1))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(f"{name} is no JSON of points: [[x, y, z], ...].") from error


def _point(parts: Any, where: str) -> Numbers:  # noqa: ANN401 - whatever a file holds
    try:
        x, y, z = (float(part) for part in parts)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadInput(f"{where} is no point: x y z in mm.") from error
    if not (isfinite(x) and isfinite(y) and isfinite(z)):
        raise BadInput(f"{where} is no point: x y z in mm.")
    return x, y, z
