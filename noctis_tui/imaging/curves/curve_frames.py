"""Rotation minimising frames: directions across a curve that do not turn about it along the way.

The double reflection method (Wang, Juettler, Zheng, Liu, Computation of rotation minimizing frames, ACM TOG
27(1), 2008). A curve that lies in a plane keeps one side in that plane throughout; Frenet's frame would flip
at every inflection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_TINY = 1e-24
_NEARLY_ALONG = 0.9
"""Cosine of the angle between a curve and the patient's left from which on the back is taken."""


def first_side(tangent: Floats) -> Floats:
    """Return the unit vector across a tangent [3] that points most to the patient's left, or else back."""
    toward = np.array([1.0, 0.0, 0.0] if abs(tangent[0]) < _NEARLY_ALONG else [0.0, 1.0, 0.0])
    across = toward - tangent * (toward @ tangent)
    side: Floats = across / np.linalg.norm(across)
    return side


def carried(
    sides: Floats, positions_mm: Floats, tangents: Floats, next_positions_mm: Floats, next_tangents: Floats
) -> Floats:
    """Carry sides from places of a curve to near ones without turning them about it.

    Parameters
    ----------
    sides, positions_mm, tangents
        [..., 3] each: where they come from.
    next_positions_mm, next_tangents
        [..., 3] each: where they go.

    Returns
    -------
    NDArray[np.float64]
        [..., 3], unit vectors across `next_tangents`.
    """
    step = next_positions_mm - positions_mm
    reflected_sides, reflected_tangents = _reflected(sides, step), _reflected(tangents, step)
    carried_sides = _reflected(reflected_sides, next_tangents - reflected_tangents)
    along = np.sum(carried_sides * next_tangents, axis=-1, keepdims=True)
    across = carried_sides - along * next_tangents  # rounding adds up along a curve of many stations
    result: Floats = across / np.linalg.norm(across, axis=-1, keepdims=True)
    return result


def chained(side: Floats, positions_mm: Floats, tangents: Floats) -> Floats:
    """Carry one side [3] along all places of a curve, [places, 3], and return it at each.

    Instead of place by place: any side is carried one step, from every place at once, and compared with
    the side chosen at the next place. The angles between them add up to how far the chosen ones turn.
    """
    chosen = _any_side(tangents)
    beside = np.cross(tangents, chosen)
    arrived = carried(chosen[:-1], positions_mm[:-1], tangents[:-1], positions_mm[1:], tangents[1:])
    turns = np.arctan2(np.sum(arrived * beside[1:], axis=-1), np.sum(arrived * chosen[1:], axis=-1))
    start = np.arctan2(side @ beside[0], side @ chosen[0])
    angles = np.concatenate([[start], start + np.cumsum(turns)])[:, None]
    result: Floats = chosen * np.cos(angles) + beside * np.sin(angles)
    return result


def turned(sides: Floats, tangents: Floats, degrees: float) -> Floats:
    """Turn sides [..., 3] about their tangents, right-handed."""
    angle = np.radians(degrees)
    result: Floats = sides * np.cos(angle) + np.cross(tangents, sides) * np.sin(angle)
    return result


def _reflected(vectors: Floats, normals: Floats) -> Floats:
    """Reflect vectors in the planes across normals of any length; a normal of none changes nothing."""
    squares = np.sum(normals * normals, axis=-1, keepdims=True)
    shares = 2 * np.sum(vectors * normals, axis=-1, keepdims=True) / np.maximum(squares, _TINY)
    reflected: Floats = vectors - np.where(squares > _TINY, shares, 0.0) * normals
    return reflected


def _any_side(tangents: Floats) -> Floats:
    """Return some unit vector across each tangent: that of the axis it has least of."""
    toward = np.eye(3)[np.abs(tangents).argmin(axis=-1)]
    across = toward - tangents * np.sum(tangents * toward, axis=-1, keepdims=True)
    sides: Floats = across / np.linalg.norm(across, axis=-1, keepdims=True)
    return sides
