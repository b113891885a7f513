"""Analytic solids in patient space: inside or not, exactly, at any point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Point = tuple[float, float, float]
Box = tuple[float, float, float, float, float, float]
"""Lowest and highest x, y, z in mm that a solid may reach."""


class Solid(Protocol):
    """A region of space; coordinates are LPS mm and broadcast against each other."""

    @property
    def box(self) -> Box:
        """Bounds of the solid."""

    def contains(
        self, x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]], z: NDArray[np.floating[Any]]
    ) -> NDArray[np.bool_]:
        """Tell which of the points are inside."""


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """Axis-aligned; `power` above 2 makes it fuller, as organs are. Cut flat outside `z_range`."""

    center: Point
    radii: Point
    power: float = 2.0
    z_range: tuple[float, float] = (-1e9, 1e9)

    @property
    def box(self) -> Box:
        """Bounds of the solid."""
        (x, y, z), (a, b, c) = self.center, self.radii
        low, high = self.z_range
        return x - a, x + a, y - b, y + b, max(z - c, low), min(z + c, high)

    def contains(
        self, x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]], z: NDArray[np.floating[Any]]
    ) -> NDArray[np.bool_]:
        """Tell which of the points are inside."""
        (cx, cy, cz), (a, b, c) = self.center, self.radii
        u, v, w = np.abs(x - cx) / a, np.abs(y - cy) / b, np.abs(z - cz) / c
        if self.power == 2:
            radius = u * u + v * v + w * w
        else:
            radius = u**self.power + v**self.power + w**self.power
        inside: NDArray[np.bool_] = (radius <= 1) & (z >= self.z_range[0]) & (z <= self.z_range[1])
        return inside


@dataclass(frozen=True, slots=True)
class Tube:
    """A straight cone from `start` to `end` with round ends: vessels, bronchi, processes of bone."""

    start: Point
    end: Point
    start_radius: float
    end_radius: float

    @property
    def box(self) -> Box:
        """Bounds of the solid."""
        radius = max(self.start_radius, self.end_radius)
        bounds = []
        for first, second in zip(self.start, self.end, strict=True):
            bounds += [min(first, second) - radius, max(first, second) + radius]
        return bounds[0], bounds[1], bounds[2], bounds[3], bounds[4], bounds[5]

    def contains(
        self, x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]], z: NDArray[np.floating[Any]]
    ) -> NDArray[np.bool_]:
        """Tell which of the points are inside."""
        dx, dy, dz = (second - first for first, second in zip(self.start, self.end, strict=True))
        px, py, pz = x - self.start[0], y - self.start[1], z - self.start[2]
        length = dx * dx + dy * dy + dz * dz
        along = np.clip((px * dx + py * dy + pz * dz) / length, 0, 1)
        radius = self.start_radius + along * (self.end_radius - self.start_radius)
        distance = (px - along * dx) ** 2 + (py - along * dy) ** 2 + (pz - along * dz) ** 2
        inside: NDArray[np.bool_] = distance <= radius * radius
        return inside


@dataclass(frozen=True, slots=True)
class Ring:
    """A tilted hoop of oval section around the chest: a rib.

    It runs along the ellipse `radii` around (0, `center_y`), drops by `drop` mm from the back to the front,
    and exists where `y` is in `y_range`.
    """

    z: float
    center_y: float
    radii: tuple[float, float]
    drop: float
    section: tuple[float, float]
    y_range: tuple[float, float]

    @property
    def box(self) -> Box:
        """Bounds of the solid."""
        (a, b), (thick, tall) = self.radii, self.section
        reach, outer = self.drop / 2 + tall, 1 + thick / min(a, b)
        y_low, y_high = self.center_y - b * outer, self.center_y + b * outer
        low, high = max(y_low, self.y_range[0]), min(y_high, self.y_range[1])
        return -a * outer, a * outer, low, high, self.z - reach, self.z + reach

    def contains(
        self, x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]], z: NDArray[np.floating[Any]]
    ) -> NDArray[np.bool_]:
        """Tell which of the points are inside."""
        (a, b), (thick, tall) = self.radii, self.section
        v = y - self.center_y
        across = (np.sqrt((x / a) ** 2 + (v / b) ** 2) - 1) * min(a, b) / thick
        center_z = self.z + self.drop / 2 * np.clip(v / b, -1, 1)
        section = across * across + ((z - center_z) / tall) ** 2 <= 1
        inside: NDArray[np.bool_] = section & (y >= self.y_range[0]) & (y <= self.y_range[1])
        return inside
