"""Surfaces that touch themselves along edges get two triangles at each edge, and stay what they are."""

import numpy as np
import pytest
from volume_phantoms import Grid
from volume_rays import body

from noctis_tui.imaging.surfaces.marching import Level, triangles_at
from noctis_tui.imaging.surfaces.mesh import Mesh
from noctis_tui.imaging.surfaces.mesh_export import save_mesh
from noctis_tui.imaging.surfaces.mesh_mending import mended
from noctis_tui.imaging.surfaces.mesh_refinement import largest_pieces, reduced, smoothed


def fan(count):
    """Wedges around one edge, all of them at it: `2 * count` triangles."""
    vertices, triangles = [[0.0, 0, 0], [0, 0, 1.0]], []
    for each in range(count):
        angles = 2 * np.pi * (np.array([0.0, 0.5]) + each) / count
        a, b = len(vertices), len(vertices) + 1
        vertices += [[np.cos(angle), np.sin(angle), 0.5] for angle in angles]
        triangles += [(0, a, 1), (1, b, 0), (0, b, a), (1, a, b)]
    return np.array(vertices), np.array(triangles, np.int32)


def as_mesh(vertices, triangles):
    return Mesh(vertices.astype(np.float32), triangles)


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_an_edge_of_many_triangles_becomes_edges_of_two(count):
    vertices, triangles = fan(count)
    before, after = as_mesh(vertices, triangles), as_mesh(*mended(vertices, triangles))
    assert not before.is_watertight
    assert after.is_watertight
    assert after.volume_mm3 == pytest.approx(before.volume_mm3, rel=1e-6)
    assert after.area_mm2 == pytest.approx(before.area_mm2, rel=1e-6)
    assert len(np.unique(after.vertices_mm, axis=0)) == len(after.vertices_mm)  # for formats without vertices


def test_triangles_back_to_back_and_those_without_an_area_go():
    vertices, triangles = fan(1)
    folds = np.array([(0, 1, 3), (3, 1, 0), (2, 2, 0), (1, 0, 1)], np.int32)
    _, left = mended(vertices, np.concatenate([folds[:2], triangles, folds[2:]]))
    assert sorted(map(tuple, left.tolist())) == sorted(map(tuple, triangles.tolist()))
    alone = np.array([(0, 1, 2), (1, 0, 2)], np.int32)
    assert not len(mended(vertices, alone)[1])


def test_what_is_open_stays_open_and_is_finished():
    vertices, triangles = fan(2)
    for gone in range(len(triangles)):
        left = np.delete(triangles, gone, axis=0)
        assert not as_mesh(*mended(vertices, left)).is_watertight


def test_what_needs_nothing_is_left_alone():
    vertices, triangles = triangles_at(body(Grid((20, 24, 28))).stored_values, Level(200, 1), closed=True)
    same = mended(vertices.astype(np.float64), triangles)
    assert np.array_equal(same[0], vertices)
    assert np.array_equal(same[1], triangles)


def noisy(shape=(30, 36, 40)):
    stored = body(Grid(shape)).stored_values.astype(np.float64)
    return (stored + np.random.default_rng(5).normal(0, 150, shape)).astype(np.int16)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["noisy", "largest", "smoothed", "noise"])
def test_a_reduced_surface_is_watertight_where_it_was(share, kind, tmp_path):
    trimesh = pytest.importorskip("trimesh")
    stored = (
        noisy() if kind != "noise" else np.random.default_rng(1).integers(0, 200, (16, 18, 20), np.uint16)
    )
    vertices, triangles = triangles_at(stored, Level(100 if kind == "noise" else 200, 1), closed=True)
    vertices = vertices.astype(np.float64)
    if kind in {"largest", "smoothed"}:
        vertices, triangles = largest_pieces(vertices, triangles, 1)
    if kind == "smoothed":
        vertices = smoothed(vertices, triangles, 10)
    whole, fewer = as_mesh(vertices, triangles), as_mesh(*reduced(vertices, triangles, share))
    assert whole.is_watertight
    assert fewer.is_watertight
    assert len(fewer.triangles) < 0.75 * len(whole.triangles)
    assert fewer.triangles.max() == len(fewer.vertices_mm) - 1
    save_mesh(tmp_path / "x.stl", fewer)
    read = trimesh.load_mesh(tmp_path / "x.stl")
    assert read.is_watertight
    assert read.is_winding_consistent
    assert len(read.faces) == len(fewer.triangles)
