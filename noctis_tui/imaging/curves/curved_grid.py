"""Where the pixels of a curved picture lie: straight rows through a curve, and the flat picture of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.imaging.slices import Point

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CurvedGrid:
    """The rows of a curved picture. Image points are (column, row), the centre of the first pixel (0, 0).

    Attributes
    ----------
    starts_mm
        float64 [rows, 3], LPS: the centre of the first pixel of each row.
    directions
        float64 [rows, 3]: unit vectors along which the column index grows.
    normals
        float64 [rows, 3]: unit vectors across the surface, along which slabs are thick.
    arc_lengths_mm
        float64 [rows]: where along the curve each row crosses it.
    center_columns
        float64 [rows]: where across the row the curve crosses it.
    columns
        Pixels of a row.
    row_spacing_mm, column_spacing_mm
        Between the centres of neighbouring rows, of neighbouring columns: on the surface, both are lengths.
    """

    starts_mm: Floats
    directions: Floats
    normals: Floats
    arc_lengths_mm: Floats
    center_columns: Floats
    columns: int
    row_spacing_mm: float
    column_spacing_mm: float

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.starts_mm)

    def patient_point(self, column: float, row: float) -> Vector:
        """Return the LPS position of an image point; beyond the edges the surface goes on straight."""
        x, y, z = self._points(np.array([column]), np.array([row]))[0]
        return float(x), float(y), float(z)

    def image_point(self, point_mm: Vector) -> tuple[Point, float]:
        """Return the image point nearest to an LPS position, and how many mm that is from it."""
        target = np.asarray(point_mm, np.float64)
        rows = np.arange(self.rows, dtype=np.float64)
        for _ in range(4):
            columns, distances = self._nearest_columns(target, rows)
            best = int(distances.argmin())
            found = (float(columns[best]), float(rows[best])), float(distances[best])
            around = rows[max(0, best - 1)], rows[min(len(rows) - 1, best + 1)]
            rows = np.linspace(*around, 33)
        return found

    def arc_length_mm(self, row: float) -> float:
        """Return where along the curve a row, not always whole, crosses it."""
        return float(np.interp(row, np.arange(self.rows), self.arc_lengths_mm))

    def curve_point(self, arc_length_mm: float) -> Point:
        """Return the image point of the curve at an arc length."""
        row = float(np.interp(arc_length_mm, self.arc_lengths_mm, np.arange(self.rows)))
        return float(np.interp(row, np.arange(self.rows), self.center_columns)), row

    def _nearest_columns(self, target: Floats, rows: Floats) -> tuple[Floats, Floats]:
        starts, directions = self._lines(rows)
        away = target - starts
        lengths = np.linalg.norm(directions, axis=1)
        columns = np.sum(away * directions, axis=1) / lengths**2 / self.column_spacing_mm
        columns = np.clip(columns, -0.5, self.columns - 0.5)
        distances = np.linalg.norm(away - directions * (columns * self.column_spacing_mm)[:, None], axis=1)
        return columns, distances

    def _points(self, columns: Floats, rows: Floats) -> Floats:
        starts, directions = self._lines(rows)
        points: Floats = starts + directions * (columns * self.column_spacing_mm)[:, None]
        return points

    def _lines(self, rows: Floats) -> tuple[Floats, Floats]:
        """Blend the lines of neighbouring rows; beyond the first and the last they go on."""
        if self.rows == 1:
            return self.starts_mm.repeat(len(rows), 0), self.directions.repeat(len(rows), 0)
        at = np.clip(rows.astype(np.intp), 0, self.rows - 2)
        share = (rows - at)[:, None]
        starts, directions = (
            each[at] + (each[at + 1] - each[at]) * share for each in (self.starts_mm, self.directions)
        )
        return starts, directions
