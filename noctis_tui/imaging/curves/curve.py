"""A smooth curve through points in patient space, addressed by its arc length.

The curve is a cubic spline with continuous curvature through the points, parametrised centripetally (Lee,
Choosing nodes in parametric curve interpolation, Computer-Aided Design 21(6), 1989), so that it does not
overshoot where a short piece follows a long one. Its frames are rotation minimising (`curve_frames`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from archive.errors import BadInput
from noctis_tui.imaging.curves.curve_frames import carried, chained, first_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from scipy.interpolate import CubicSpline

    from noctis_tui.imaging.patient_space import Vector

    Floats = NDArray[np.float64]

MAXIMUM_POINTS = 1000
"""Of a curve: nobody sets more by hand."""
SAME_PLACE_MM = 1e-3
"""Neighbouring points that are nearer to each other count once."""
FARTHEST_MM = 1e6
_STATIONS_PER_SPAN = 16
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(5)


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve through points; `curve_through` makes it.

    Attributes
    ----------
    points_mm
        float64 [points, 3], LPS: what it goes through, no two neighbours in one place.
    point_arc_lengths_mm
        float64 [points]: where along the curve they lie.
    """

    points_mm: Floats
    point_arc_lengths_mm: Floats
    _spline: CubicSpline
    _stations: Floats
    """Parameters between which the curve turns little."""
    _arc_lengths_mm: Floats
    """At the stations."""
    _speeds: Floats
    """At the stations, mm per unit of the parameter."""

    @property
    def length_mm(self) -> float:
        """From the first point to the last, along the curve."""
        return float(self._arc_lengths_mm[-1])

    def positions_mm(self, arc_lengths_mm: ArrayLike) -> Floats:
        """Return the LPS positions [..., 3] at arc lengths; beyond the ends, the ends."""
        positions: Floats = self._spline(self._parameters(arc_lengths_mm))
        return positions

    def tangents(self, arc_lengths_mm: ArrayLike) -> Floats:
        """Return the unit vectors [..., 3] in which the arc length grows."""
        return self._unit_tangents(self._parameters(arc_lengths_mm))

    def sides(self, arc_lengths_mm: ArrayLike) -> Floats:
        """Return unit vectors [..., 3] across the curve that do not turn about it along the way.

        The first one points to the patient's left as far as the curve lets it, or to the back where it
        runs from side to side.
        """
        return self.frames(arc_lengths_mm)[2]

    def frames(self, arc_lengths_mm: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return positions, tangents and sides at arc lengths, each [..., 3]."""
        parameters = self._parameters(arc_lengths_mm)
        at = np.clip(np.searchsorted(self._stations, parameters, "right") - 1, 0, len(self._stations) - 1)
        positions, tangents = self._spline(parameters), self._unit_tangents(parameters)
        known, known_tangents, known_sides = (each[at] for each in self._station_frames)
        return positions, tangents, carried(known_sides, known, known_tangents, positions, tangents)

    def nearest_arc_length_mm(self, point_mm: Vector) -> float:
        """Return where along the curve the place nearest to an LPS point is."""
        lengths = np.linspace(0.0, self.length_mm, 4 * len(self._stations))
        target = np.asarray(point_mm, np.float64)
        for _ in range(4):
            distances = np.linalg.norm(self.positions_mm(lengths) - target, axis=-1)
            best = int(distances.argmin())
            around = lengths[max(0, best - 1)], lengths[min(len(lengths) - 1, best + 1)]
            lengths = np.linspace(*around, 33)
        return float(lengths[len(lengths) // 2])

    def _parameters(self, arc_lengths_mm: ArrayLike) -> Floats:
        """Invert the arc length: monotone cubic Hermite between stations (Fritsch and Carlson, 1980)."""
        lengths = np.clip(np.asarray(arc_lengths_mm, np.float64), 0.0, self.length_mm)
        known = self._arc_lengths_mm
        at = np.clip(np.searchsorted(known, lengths, "right") - 1, 0, len(known) - 2)
        width, rise = known[at + 1] - known[at], self._stations[at + 1] - self._stations[at]
        x = (lengths - known[at]) / width
        slope, start, end = 1.0, width / rise / self._speeds[at], width / rise / self._speeds[at + 1]
        start, end = np.minimum(start, 3 * slope), np.minimum(end, 3 * slope)
        share = x * (start + x * (3 * slope - 2 * start - end + x * (start + end - 2 * slope)))
        parameters: Floats = self._stations[at] + share * rise
        return parameters

    def _unit_tangents(self, parameters: Floats) -> Floats:
        derivatives = self._spline(parameters, 1)
        speeds = np.linalg.norm(derivatives, axis=-1, keepdims=True)
        stalled = speeds[..., 0] < 1e-9 * self._speeds.max()
        if stalled.any():  # a cusp: the way on says where to
            step = (self._stations[-1] - self._stations[0]) * 1e-6
            ahead = self._spline(np.minimum(parameters + step, self._stations[-1]))
            behind = self._spline(np.maximum(parameters - step, self._stations[0]))
            derivatives = np.where(stalled[..., None], ahead - behind, derivatives)
            speeds = np.maximum(np.linalg.norm(derivatives, axis=-1, keepdims=True), 1e-300)
        tangents: Floats = derivatives / speeds
        return tangents

    @cached_property
    def _station_frames(self) -> tuple[Floats, Floats, Floats]:
        positions, tangents = self._spline(self._stations), self._unit_tangents(self._stations)
        return positions, tangents, chained(first_side(tangents[0]), positions, tangents)


def curve_through(points_mm: Sequence[Vector] | Floats) -> Curve:
    """Return the curve through points in their order; two give a straight line.

    Parameters
    ----------
    points_mm
        LPS; neighbours nearer than `SAME_PLACE_MM` count once.

    Raises
    ------
    BadInput
        There are not two places among them, too many points, or numbers that are no position.
    """
    from scipy.interpolate import CubicSpline  # noqa: PLC0415 - heavy, and needed by those who draw curves only

    points = _distinct(points_mm)
    pieces = np.linalg.norm(np.diff(points, axis=0), axis=1)
    knots = np.concatenate([[0.0], np.cumsum(np.sqrt(pieces))])
    spline = CubicSpline(knots, points)
    shares = np.arange(_STATIONS_PER_SPAN) / _STATIONS_PER_SPAN
    stations = np.append((knots[:-1, None] + np.diff(knots)[:, None] * shares).ravel(), knots[-1])
    arc_lengths = _arc_lengths(spline, stations)
    speeds = np.linalg.norm(spline(stations, 1), axis=1)
    speeds = np.maximum(speeds, 1e-9 * speeds.max())
    return Curve(points, arc_lengths[::_STATIONS_PER_SPAN], spline, stations, arc_lengths, speeds)


def _distinct(points_mm: Sequence[Vector] | Floats) -> Floats:
    points = np.asarray(points_mm, np.float64)
    if points.ndim != 2 or points.shape[1] != 3 or len(points) > MAXIMUM_POINTS:
        raise BadInput(f"A curve has from 2 to {MAXIMUM_POINTS} points of three coordinates.")
    if not (np.abs(points) <= FARTHEST_MM).all():
        raise BadInput("A point of the curve lies nowhere in the patient.")
    kept = [points[0]] if len(points) else []
    for point in points[1:]:
        if np.linalg.norm(point - kept[-1]) >= SAME_PLACE_MM:
            kept.append(point)
    if len(kept) < 2:
        raise BadInput("A curve needs points in two places at least.")
    return np.array(kept)


def _arc_lengths(spline: CubicSpline, stations: Floats) -> Floats:
    """Integrate the speed between stations by Gauss and Legendre's rule."""
    half = np.diff(stations)[:, None] / 2
    inner = stations[:-1, None] + half * (1 + _NODES)
    pieces = (np.linalg.norm(spline(inner, 1), axis=-1) * half) @ _WEIGHTS
    return np.concatenate([[0.0], np.cumsum(pieces)])
