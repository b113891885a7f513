"""Three planes at right angles, and how they lie in the patient: frozen values and pure turns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations, product
from math import cos, hypot, radians, sin
from typing import TYPE_CHECKING

from noctis_tui.imaging.patient_space import dot, normal_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.imaging.patient_space import Orientation, Vector

_ALONG = 1e-9
"""Sine below which a plane's normal is the axis it is turned about: it would only spin."""


class Plane(StrEnum):
    """One of the three; the name says how it lay before it was turned."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"

    @property
    def heading(self) -> str:
        """The name as a heading has it."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class PlaneAxes:
    """How the three planes are looked at: of each the unit vectors to the right and down, LPS.

    Their normals are orthonormal. As they stand at first they are the conventional views: the axial plane
    seen from the feet with the anterior up, the coronal one from the front and the sagittal one from the
    left, both with the head up.
    """

    axial: Orientation = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    coronal: Orientation = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
    sagittal: Orientation = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)

    def of(self, plane: Plane) -> Orientation:
        """Return the directions of a plane's picture."""
        return {Plane.AXIAL: self.axial, Plane.CORONAL: self.coronal, Plane.SAGITTAL: self.sagittal}[plane]

    def right(self, plane: Plane) -> Vector:
        """Return where the right of a plane's picture is, a unit vector."""
        a, b, c, _, _, _ = self.of(plane)
        return a, b, c

    def down(self, plane: Plane) -> Vector:
        """Return where the bottom of a plane's picture is, a unit vector."""
        _, _, _, d, e, f = self.of(plane)
        return d, e, f

    def normal(self, plane: Plane) -> Vector:
        """Return where a plane is looked at to, away from the reader, a unit vector."""
        return normal_of(self.of(plane))

    def turned(self, axis: Vector, degrees: float) -> PlaneAxes:
        """Turn the planes about a direction, right-handed; one that has it as its normal stays as it is."""
        return PlaneAxes(*(self._turned(plane, axis, degrees) for plane in Plane))

    def _turned(self, plane: Plane, axis: Vector, degrees: float) -> Orientation:
        orientation = self.of(plane)
        if hypot(*_cross(normal_of(orientation), axis)) <= _ALONG:
            return orientation
        return _orthonormal(
            rotated(self.right(plane), axis, degrees), rotated(self.down(plane), axis, degrees)
        )


PATIENT_AXES = PlaneAxes()
"""True to the patient, however the slices were acquired."""


def axes_along(directions: Sequence[Vector]) -> PlaneAxes:
    """Return the planes along three orthonormal directions, each plane as near as can be to its name.

    Parameters
    ----------
    directions
        In any order and of any sign: the axes of a volume.
    """
    candidates = (
        signed
        for order in permutations(directions)
        for signed in product(*((axis, _minus(axis)) for axis in order))
        if dot(_cross(signed[0], signed[1]), signed[2]) > 0
    )
    left, posterior, head = max(candidates, key=lambda axes: axes[0][0] + axes[1][1] + axes[2][2])
    feet = _minus(head)
    return PlaneAxes((*left, *posterior), (*left, *feet), (*posterior, *feet))


def rotated(vector: Vector, axis: Vector, degrees: float) -> Vector:
    """Turn a vector about a unit vector, right-handed (Rodrigues)."""
    cosine, sine = cos(radians(degrees)), sin(radians(degrees))
    along = dot(vector, axis) * (1 - cosine)
    across = _cross(axis, vector)
    return (
        vector[0] * cosine + across[0] * sine + axis[0] * along,
        vector[1] * cosine + across[1] * sine + axis[1] * along,
        vector[2] * cosine + across[2] * sine + axis[2] * along,
    )


def _orthonormal(right: Vector, down: Vector) -> Orientation:
    """Take away what rounding did to two vectors (Gram and Schmidt)."""
    right = _unit(right)
    along = dot(right, down)
    down = _unit((down[0] - along * right[0], down[1] - along * right[1], down[2] - along * right[2]))
    return (*right, *down)


def _unit(vector: Vector) -> Vector:
    length = hypot(*vector)
    return vector[0] / length, vector[1] / length, vector[2] / length


def _cross(a: Vector, b: Vector) -> Vector:
    return normal_of((*a, *b))


def _minus(vector: Vector) -> Vector:
    return -vector[0], -vector[1], -vector[2]
