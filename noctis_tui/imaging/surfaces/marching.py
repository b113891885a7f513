"""Triangles at a threshold, some slices at a time: memory stays small, and progress can be told.

Slabs share the slice where they meet. The vertices on it come from the same values by the same arithmetic, so
they are equal to the last bit, and those of the second slab are replaced by those of the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from noctis_tui.imaging.planes.padding import is_padding

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from noctis_tui.imaging.planes.padding import Padding

SLICES_AT_ONCE = 16
_CLEARANCE = np.float32(2**-12)
"""Of the way from outside to the limit: a third of a unit for bone in a CT."""


@dataclass(frozen=True)
class Level:
    """Where the surface lies, in stored values.

    Attributes
    ----------
    limit
        Values of at least this much are inside.
    sign
        -1 where values of at most `limit` are.
    outside
        The value of what is beyond the volume, and of padding: outside of the surface. It is one for all
        slabs, or they would not meet where the surface is closed at the sides of the volume.
    padding
        Which values are never inside.
    is_whole
        Whether values are whole numbers, of whatever type they are.
    """

    limit: float
    sign: int
    outside: float = 0.0
    padding: Padding | None = None
    is_whole: bool = False

    def between(self, dtype: np.dtype[Any]) -> float:
        """Return the limit times the sign, moved off the values that voxels can have.

        A surface through a voxel's centre would have triangles without an area, and holes where files keep no
        vertices apart that lie at one place.
        """
        limit = self.limit * self.sign
        is_whole = self.is_whole or dtype.kind != "f"
        return limit - 0.5 if is_whole and limit == round(limit) else limit

    def beyond(self, dtype: np.dtype[Any]) -> np.float32:
        """Return the value outside times the sign."""
        return np.float32(min(self.outside * self.sign, self.between(dtype) - 1))

    def inside(self, stored: NDArray[Any]) -> NDArray[np.bool_]:
        """Tell which stored values are inside."""
        found: NDArray[np.bool_] = stored >= self.limit if self.sign > 0 else stored <= self.limit
        return found if self.padding is None else found & ~is_padding(stored, self.padding)


def triangles_at(
    stored: NDArray[Any],
    level: Level,
    *,
    closed: bool,
    heard: Callable[[int, int], object] = lambda _done, _total: None,
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return the surface at a level.

    Parameters
    ----------
    stored
        [slices, rows, columns].
    level
        What is inside.
    closed
        Whether the surface is closed where the volume ends.
    heard
        Called with slices done and all slices.

    Returns
    -------
    tuple[NDArray[np.float32], NDArray[np.int32]]
        Vertices as voxel indices (k, j, i), [vertices, 3], and triangles [triangles, 3], counter-clockwise as
        seen from outside if those axes were right-handed. Both are empty where there is no surface.
    """
    pile = _Pile()
    margin = 1 if closed else 0
    first, last = -margin, len(stored) - 1 + margin
    for begin in range(first, last, SLICES_AT_ONCE):
        end = min(begin + SLICES_AT_ONCE, last)
        pile.add(*_slab(stored, level, begin, end, margin), begin, end)
        heard(end - first, last - first)
    return pile.all()


def _slab(
    stored: NDArray[Any], level: Level, begin: int, end: int, margin: int
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return vertices and triangles between two slices, both included; -1 is one before the volume."""
    from skimage.measure import marching_cubes  # noqa: PLC0415 - of an extra, and heavy

    limit = level.between(stored.dtype)
    values = _values(stored, level, begin, end, margin)
    if not values.min() < limit <= values.max():
        return np.empty((0, 3), np.float32), np.empty((0, 3), np.int32)
    march: Any = marching_cubes  # untyped
    vertices, triangles, *_ = march(values, limit, allow_degenerate=True)
    vertices += (begin, -margin, -margin)
    return vertices.astype(np.float32), triangles[:, ::-1].astype(np.int32)


def _values(stored: NDArray[Any], level: Level, begin: int, end: int, margin: int) -> NDArray[np.float32]:
    """Return slices with a border that is outside, times the sign."""
    _, rows, columns = stored.shape
    present = stored[max(begin, 0) : end + 1]
    outside = level.beyond(stored.dtype)
    values = np.full((end - begin + 1, rows + 2 * margin, columns + 2 * margin), outside, np.float32)
    at = max(-begin, 0)
    window = values[at : at + len(present), margin : margin + rows, margin : margin + columns]
    np.multiply(present, np.float32(level.sign), out=window)
    if stored.dtype.kind == "f":
        _keep_clear(window, np.float32(level.between(stored.dtype)), outside)
    if level.padding is not None:
        window[is_padding(present, level.padding)] = outside
    return values


def _keep_clear(values: NDArray[np.float32], limit: np.float32, outside: np.float32) -> None:
    """Move values off the limit that are all but at it, in place, to the side on which they are.

    Vertices around such a voxel would fall on each other.
    """
    least = (limit - outside) * _CLEARANCE
    is_near = np.abs(values - limit) < least
    near = values[is_near]
    values[is_near] = np.where(near >= limit, limit + least, limit - least)


class _Pile:
    """Slabs as they come, their seams closed."""

    def __init__(self) -> None:
        self._vertices: list[NDArray[np.float32]] = []
        self._triangles: list[NDArray[np.int32]] = []
        self._count = 0
        self._seam_keys = np.empty(0, np.uint64)
        self._seam_places = np.empty(0, np.int64)

    def add(self, vertices: NDArray[np.float32], triangles: NDArray[np.int32], begin: int, end: int) -> None:
        """Lay the next slab on the pile."""
        places = np.full(len(vertices), -1, np.int64)
        low = np.flatnonzero(vertices[:, 0] == begin)
        keys = _keys(vertices[low])
        _, ours, theirs = np.intersect1d(keys, self._seam_keys, return_indices=True)
        places[low[ours]] = self._seam_places[theirs]
        is_new = places < 0
        places[is_new] = self._count + np.arange(is_new.sum())
        self._count += int(is_new.sum())
        self._vertices.append(vertices[is_new])
        self._triangles.append(places[triangles].astype(np.int32))
        high = np.flatnonzero(vertices[:, 0] == end)
        self._seam_keys, self._seam_places = _keys(vertices[high]), places[high]

    def all(self) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Return the vertices and triangles of all slabs."""
        return np.concatenate(self._vertices), np.concatenate(self._triangles)


def _keys(vertices: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return a number for each place (j, i) in a slice."""
    return np.ascontiguousarray(vertices[:, 1:]).view(np.uint64).ravel()
