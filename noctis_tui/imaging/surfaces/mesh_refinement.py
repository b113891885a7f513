"""What is done to triangles: the largest pieces, smoothing, fewer of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from noctis_tui.imaging.surfaces.mesh_mending import mended

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Triangles = tuple[NDArray[np.float64], NDArray[np.int32]]

_SHRINK, _GROW = 0.5, 0.53
"""Taubin, G.: A signal processing approach to fair surface design, SIGGRAPH 1995; 1/0.5 - 1/0.53 = 0.1."""


def largest_pieces(vertices: NDArray[np.float64], triangles: NDArray[np.int32], count: int) -> Triangles:
    """Return the pieces of the largest area.

    Parameters
    ----------
    vertices, triangles
        float64 [vertices, 3] in mm; int32 [triangles, 3].
    count
        How many pieces.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - heavy
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    a, b, c = triangles.T
    edges = np.concatenate([a, b]), np.concatenate([b, c])
    shape = len(vertices), len(vertices)
    graph = coo_array((np.ones(len(edges[0]), np.int8), edges), shape=shape)
    pieces, piece_of = connected_components(graph, directed=False)
    corners = vertices[triangles]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    sizes = np.bincount(piece_of[a], weights=areas, minlength=pieces)
    is_kept = np.zeros(pieces, bool)
    is_kept[np.argsort(-sizes, kind="stable")[:count]] = True
    return _used(vertices, triangles[is_kept[piece_of[a]]])


def _used(vertices: NDArray[np.float64], triangles: NDArray[np.int32]) -> Triangles:
    is_used = np.zeros(len(vertices), bool)
    is_used[triangles] = True
    places = (np.cumsum(is_used) - 1).astype(np.int32)
    return vertices[is_used], places[triangles]


def smoothed(vertices: NDArray[np.float64], triangles: NDArray[np.int32], passes: int) -> NDArray[np.float64]:
    """Return the vertices after passes of Taubin's filter, each shrinking and growing again."""
    from trimesh import Trimesh  # noqa: PLC0415 - of an extra, and heavy
    from trimesh.smoothing import filter_taubin  # noqa: PLC0415

    mesh = Trimesh(vertices, triangles, process=False)
    neighbours = _neighbours(len(vertices), triangles)
    smooth: Any = filter_taubin  # untyped
    smooth(mesh, lamb=_SHRINK, nu=_GROW, iterations=2 * passes, laplacian_operator=neighbours)
    return np.asarray(mesh.vertices, np.float64)


def _neighbours(count: int, triangles: NDArray[np.int32]) -> Any:  # noqa: ANN401 - scipy's sparse array
    """Return the matrix that gives each vertex the mean of its neighbours."""
    from scipy.sparse import csr_array  # noqa: PLC0415

    a, b, c = triangles.T
    edges = np.concatenate([a, b, c, b, c, a]), np.concatenate([b, c, a, a, b, c])
    matrix = csr_array((np.ones(len(edges[0])), edges), shape=(count, count))
    matrix.data[:] = 1
    matrix.data /= np.repeat(matrix.sum(axis=1), np.diff(matrix.indptr))
    return matrix


def reduced(vertices: NDArray[np.float64], triangles: NDArray[np.int32], share: float) -> Triangles:
    """Return the surface without a share of its triangles, and closed where it was.

    By quadric errors (Garland, M., Heckbert, P. S., SIGGRAPH 1997).
    """
    import fast_simplification  # noqa: PLC0415 - of an extra

    middle = vertices.mean(axis=0)  # what follows has 32 bits
    fewer, left = fast_simplification.simplify(
        (vertices - middle).astype(np.float32), triangles.astype(np.int32), target_reduction=share
    )[:2]
    return _used(*mended(np.asarray(fewer, np.float64) + middle, np.asarray(left, np.int32)))
