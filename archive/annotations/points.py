"""Which points a shape may have."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from archive.annotations.annotation import point_range
from archive.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.annotations.annotation import Kind, Point


def check_points(kind: Kind, points: Sequence[Point], shape: tuple[int, ...] | None = None) -> None:
    """Refuse points that no shape of this kind can have.

    Parameters
    ----------
    shape
        Rows and columns of the image, when they are known. A point may lie up to the outer edges of the
        outermost pixels, half a pixel beyond their centres.

    Raises
    ------
    BadInput
        The kind has another number of points, a point is no number or lies outside the image.
    """
    least, most = point_range(kind)
    if not least <= len(points) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise BadInput(f"This measurement ({kind}) takes {wanted} points, not {len(points)}.")
    if not all(isfinite(part) for point in points for part in point):
        raise BadInput("A point is a column and a row, both of them numbers.")
    if shape is not None:
        for column, row in points:
            if not (-0.5 <= column <= shape[1] - 0.5 and -0.5 <= row <= shape[0] - 0.5):
                raise BadInput(
                    f"The point {column:g},{row:g} lies outside the image of {shape[1]} columns and "
                    f"{shape[0]} rows."
                )
