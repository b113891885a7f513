"""Surfaces that touch themselves along edges, as reducing them leaves some: two triangles at each edge again.

What reads surfaces - for printing, say - takes an edge of four triangles for a hole. Nothing moves: all but
two of the triangles at such an edge get a vertex on it. Splitting the vertices at its ends instead (Guéziec,
A., et al., Cutting and stitching, IEEE TVCG 7(2), 2001) is undone by formats that know no vertices, as STL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vertices = NDArray[np.float64]
    Triangles = NDArray[np.int32]

_NEXT = np.array([1, 2, 0])


def mended(vertices: Vertices, triangles: Triangles) -> tuple[Vertices, Triangles]:
    """Return the same surface with two triangles at each edge, where as many run forth as back.

    Parameters
    ----------
    vertices, triangles
        float64 [vertices, 3]; int32 [triangles, 3].
    """
    is_crowded = _is_crowded(triangles) | _is_doubled(triangles)
    crowd = _without_folds(triangles[is_crowded])
    while len(pairs := _surplus_pairs(crowd)):
        vertices, crowd = _split(vertices, crowd, pairs)
    return vertices, np.concatenate([triangles[~is_crowded], crowd])


def edge_keys(triangles: Triangles) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return a number for the edge that follows each corner, the same both ways, and whether it runs forth.

    Returns
    -------
    tuple[NDArray[np.int64], NDArray[np.bool_]]
        Two [triangles, 3].
    """
    ends = triangles.astype(np.int64), triangles[:, _NEXT].astype(np.int64)
    low, high = np.minimum(*ends), np.maximum(*ends)
    return low * (int(triangles.max(initial=0)) + 1) + high, ends[0] < ends[1]


def _is_crowded(triangles: Triangles) -> NDArray[np.bool_]:
    """Tell which triangles have an edge with more than one other triangle."""
    keys, _ = edge_keys(triangles)
    found, counts = np.unique(keys, return_counts=True)
    return np.asarray(np.isin(keys, found[counts > 2]).any(axis=1))


def _is_doubled(triangles: Triangles) -> NDArray[np.bool_]:
    """Tell which triangles have the corners of another one."""
    corners = np.sort(triangles, axis=1)
    order = np.lexsort(corners.T)
    is_next = (corners[order[1:]] == corners[order[:-1]]).all(axis=1)
    doubled = np.zeros(len(triangles), np.bool_)
    doubled[order[1:][is_next]] = doubled[order[:-1][is_next]] = True
    return doubled


def _without_folds(triangles: Triangles) -> Triangles:
    """Leave out triangles that have a vertex twice, and those that lie on each other back to back."""
    corners = np.sort(triangles, axis=1)
    is_flat = (corners[:, 0] == corners[:, 1]) | (corners[:, 1] == corners[:, 2])
    triangles, corners = triangles[~is_flat], corners[~is_flat]
    is_forth = (triangles[:, _NEXT] > triangles).sum(axis=1) == 2
    alone: dict[tuple[int, ...], list[int]] = {}
    kept = np.ones(len(triangles), np.bool_)
    for number, (place, forth) in enumerate(zip(map(tuple, corners.tolist()), is_forth, strict=True)):
        others = alone.setdefault(place, [])
        if others and is_forth[others[-1]] != forth:
            kept[[number, others.pop()]] = False
        else:
            others.append(number)
    return triangles[kept]


def _surplus_pairs(triangles: Triangles) -> NDArray[np.int64]:
    """Return for some edges of more than two triangles two of these, of which one runs forth and one back.

    Returns
    -------
    NDArray[np.int64]
        [pairs, 5]: the triangle that runs forth and its corner before the edge, those of the one that runs
        back, and how many there are at the edge. No triangle is in two pairs.
    """
    keys, is_forth = (each.ravel() for each in edge_keys(triangles))
    found, counts = np.unique(keys, return_counts=True)
    ahead, behind = np.flatnonzero(is_forth), np.flatnonzero(~is_forth)
    edges_ahead, first_ahead = np.unique(keys[ahead], return_index=True)
    edges_behind, first_behind = np.unique(keys[behind], return_index=True)
    crowded = np.intersect1d(np.intersect1d(edges_ahead, edges_behind), found[counts > 2])
    one = ahead[first_ahead[np.searchsorted(edges_ahead, crowded)]]
    other = behind[first_behind[np.searchsorted(edges_behind, crowded)]]
    taken = np.stack([one // 3, other // 3], axis=1).ravel()
    is_first = np.zeros(len(taken), np.bool_)
    is_first[np.unique(taken, return_index=True)[1]] = True
    pairs = np.stack(
        [one // 3, one % 3, other // 3, other % 3, counts[np.searchsorted(found, crowded)]], axis=1
    )
    return np.asarray(pairs[is_first.reshape(-1, 2).all(axis=1)], np.int64)


def _split(vertices: Vertices, triangles: Triangles, pairs: NDArray[np.int64]) -> tuple[Vertices, Triangles]:
    """Give both triangles of each pair a vertex on their edge: another one for each pair of an edge."""
    ahead, corner, behind, corner_behind, count = pairs.T
    start, end = triangles[ahead, corner], triangles[ahead, _NEXT[corner]]
    points = vertices[start] + (vertices[end] - vertices[start]) * (2 / count[:, None])
    added = (len(vertices) + np.arange(len(pairs))).astype(np.int32)
    kept, halves = triangles.copy(), []
    for which, place in ((ahead, corner), (behind, corner_behind)):
        half = triangles[which]
        half[np.arange(len(which)), place] = added
        kept[which, _NEXT[place]] = added
        halves.append(half)
    return np.concatenate([vertices, points]), np.concatenate([kept, *halves])
