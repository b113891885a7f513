"""The patient-based coordinate system: where an image lies, and the letters at its edges (PS3.3 C.7.6.2).

Everything is LPS: x grows to the patient's left, y to the posterior, z to the head. The letters come from
Image Orientation (Patient) alone; Patient Position says how the patient entered the gantry and is not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, isfinite

Vector = tuple[float, float, float]
Orientation = tuple[float, float, float, float, float, float]

_POSITIVE = "LPH"
_NEGATIVE = "RAF"
_OPPOSITE = str.maketrans("LRPAHFSI", "RLAPFHIS")
_SECONDARY = 0.259
"""Sine of 15 degrees: a component below it does not deserve a letter of its own."""


@dataclass(frozen=True, slots=True)
class EdgeLetters:
    """What lies beyond each edge of the picture, as shown; empty where it is not known."""

    left: str = ""
    right: str = ""
    top: str = ""
    bottom: str = ""


@dataclass(frozen=True, slots=True)
class ImagePlane:
    """Where the pixels of a frame lie in the patient.

    Attributes
    ----------
    position_mm
        Centre of the first pixel, LPS (Image Position (Patient)).
    orientation
        Unit vectors along which the column index, then the row index grows.
    row_spacing_mm, column_spacing_mm
        Distance between the centres of neighbouring rows, of neighbouring columns (PS3.3 10.7.1.3).
    """

    position_mm: Vector
    orientation: Orientation
    row_spacing_mm: float
    column_spacing_mm: float

    @property
    def row_direction(self) -> Vector:
        """Unit vector in which the column index grows."""
        return self.orientation[0], self.orientation[1], self.orientation[2]

    @property
    def column_direction(self) -> Vector:
        """Unit vector in which the row index grows."""
        return self.orientation[3], self.orientation[4], self.orientation[5]

    @property
    def normal(self) -> Vector:
        """Row direction x column direction."""
        return normal_of(self.orientation)

    @property
    def position_along_normal_mm(self) -> float:
        """Where the plane cuts its own normal, from the origin of the frame of reference."""
        return dot(self.position_mm, self.normal)

    def patient_point(self, column: float, row: float) -> Vector:
        """Return the LPS position of an image point; the centre of the first pixel is (0, 0)."""
        along_row, along_column = column * self.column_spacing_mm, row * self.row_spacing_mm
        r, c, p = self.row_direction, self.column_direction, self.position_mm
        return (
            p[0] + r[0] * along_row + c[0] * along_column,
            p[1] + r[1] * along_row + c[1] * along_column,
            p[2] + r[2] * along_row + c[2] * along_column,
        )

    def image_point(self, point_mm: Vector) -> tuple[float, float]:
        """Return the (column, row) under the orthogonal projection of an LPS point onto the plane."""
        p = self.position_mm
        away = (point_mm[0] - p[0], point_mm[1] - p[1], point_mm[2] - p[2])
        return (
            dot(away, self.row_direction) / self.column_spacing_mm,
            dot(away, self.column_direction) / self.row_spacing_mm,
        )


def dot(a: Vector, b: Vector) -> float:
    """Return the scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def normal_of(orientation: Orientation) -> Vector:
    """Return row direction x column direction."""
    a, b, c, d, e, f = orientation
    return b * f - c * e, c * d - a * f, a * e - b * d


def is_orientation(orientation: Orientation) -> bool:
    """Tell whether six numbers are, about, two orthogonal unit vectors."""
    if not all(isfinite(part) for part in orientation):
        return False
    row, column = orientation[:3], orientation[3:]
    lengths = hypot(*row), hypot(*column)
    return all(abs(length - 1) < 0.05 for length in lengths) and abs(dot(row, column)) < 0.05


def direction_letters(direction: Vector) -> str:
    """Return the letters of the patient's sides a direction points to, the strongest first.

    >>> direction_letters((0.0, -1.0, 0.0))
    'A'
    >>> direction_letters((0.8, -0.6, 0.0))
    'LA'
    """
    by_strength = sorted(range(3), key=lambda axis: -abs(direction[axis]))
    return "".join(
        _POSITIVE[axis] if direction[axis] > 0 else _NEGATIVE[axis]
        for axis in by_strength
        if abs(direction[axis]) >= _SECONDARY
    )


def opposite_letters(letters: str) -> str:
    """Return the letters of the opposite direction."""
    return letters.translate(_OPPOSITE)


def letters_of_orientation(orientation: Orientation) -> EdgeLetters:
    """Return the edge letters of an image that is shown as it is stored."""
    right = direction_letters((orientation[0], orientation[1], orientation[2]))
    bottom = direction_letters((orientation[3], orientation[4], orientation[5]))
    return EdgeLetters(opposite_letters(right), right, opposite_letters(bottom), bottom)


def letters_of_patient_orientation(row: str, column: str) -> EdgeLetters:
    r"""Return the edge letters from Patient Orientation (0020,0020), the two values of ``L\F``."""
    right, bottom = _plain_letters(row), _plain_letters(column)
    return EdgeLetters(opposite_letters(right), right, opposite_letters(bottom), bottom)


def _plain_letters(value: str) -> str:
    letters = value.strip().upper()
    return letters if 0 < len(letters) <= 3 and set(letters) <= set("LRPAHF") else ""


def turned(letters: EdgeLetters, quarter_turns: int, mirrored: bool) -> EdgeLetters:
    """Return the letters after mirroring left-right (first), then turning clockwise by quarters."""
    edges = [letters.top, letters.right, letters.bottom, letters.left]
    if mirrored:
        edges = [letters.top, letters.left, letters.bottom, letters.right]
    turns = quarter_turns % 4
    top, right, bottom, left = edges[-turns:] + edges[:-turns] if turns else edges
    return EdgeLetters(left, right, top, bottom)


def turn_to_show(letters: EdgeLetters, right: str, bottom: str) -> tuple[int, bool] | None:
    """Return how to turn a picture so that these sides of the patient lie to the right and at the bottom.

    Returns
    -------
    tuple[int, bool] | None
        Clockwise quarter turns after mirroring, and whether to mirror, as `turned` takes them; None when the
        letters do not say it. Only the first letter of each side counts: it is the strongest.

    Examples
    --------
    >>> turn_to_show(EdgeLetters("P", "A", "L", "R"), "P", "L")
    (2, False)
    """
    for mirrored in (False, True):
        for turns in range(4):
            shown = turned(letters, turns, mirrored)
            if shown.right[:1] == right[:1] != "" and shown.bottom[:1] == bottom[:1] != "":
                return turns, mirrored
    return None


def location_text(plane: ImagePlane) -> str:
    """Return the place of a slice as scanners write it: the side along the normal, and millimetres.

    >>> axial = ImagePlane((0.0, 0.0, -12.5), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 1.0, 1.0)
    >>> location_text(axial)
    'F 12.5'
    """
    normal = plane.normal
    axis = max(range(3), key=lambda candidate: abs(normal[candidate]))
    along_axis = plane.position_along_normal_mm * (1 if normal[axis] > 0 else -1)
    return f"{_POSITIVE[axis] if along_axis >= 0 else _NEGATIVE[axis]} {abs(along_axis):.1f}"
