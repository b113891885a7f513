"""A volume beyond the memory cap: the same pictures as one in memory, and hardly more memory than the cap."""

from __future__ import annotations

import tracemalloc
from functools import partial

import numpy as np
import pytest
import volume_phantoms as vp
from loaded_volumes import only
from sampled_volumes import axis_grid, grid_through

from noctis_tui.imaging.curves import compiled_lines
from noctis_tui.imaging.curves.curve import curve_through
from noctis_tui.imaging.curves.curved import curved_values, straightened
from noctis_tui.imaging.planes import compiled_reslice
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.reslicing import reslice
from noctis_tui.imaging.planes.slab_projection import project
from noctis_tui.imaging.surfaces.mesh import MeshOptions, extract_mesh
from noctis_tui.imaging.turning import compiled_turning
from noctis_tui.imaging.turning.rotating_projection import rotating_projection
from noctis_tui.imaging.turning.surface_preview import surface_preview
from noctis_tui.imaging.turning.turned_view import fitted_view, turned_orientation
from noctis_tui.reading.volume_loading import LoadingOptions, load_volumes

MIB = 1 << 20
CAP = 2 * MIB
"""A sixth of the volume."""
BESIDE = 4 * MIB
"""What a slice, a picture and what they are computed with take beside the cap."""
GRID = vp.Grid((96, 256, 256), (1.5, 0.8, 0.8), vp.turned(vp.AXIAL, (1, 2, 0), 14), (-60.5, 31, 12))
PADDING = -2000
ARE_COMPILED = None not in {
    *(compiled_reslice.loops, compiled_reslice.projections, compiled_lines.loops),
    *(compiled_turning.loops, compiled_turning.points),
}
THRESHOLD = 400
PROJECTED = (Projection.MAX, Projection.MIN, Projection.MEAN)


def body(points):
    """A ball with a grain, noise around it, and padding on one side."""
    away = np.linalg.norm(points - GRID.center_mm, axis=-1)
    noise = np.modf(np.abs(np.sin(points @ (12.9898, 78.233, 37.719))) * 43758.5453)[0]
    values = np.where(away < 50, 600, -900) + np.floor(200 * noise)
    return np.where(points[..., 0] > GRID.center_mm[0] + 70, PADDING, values)


def traced(work):
    """Return what the work returns, and the most that arrays took meanwhile beside those there were."""
    tracemalloc.start()
    try:
        made = work()
        return made, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module", params=[None, PADDING], ids=["plain", "padding"])
def volumes(request, tmp_path_factory):
    """The same files in memory, and mapped from a disk."""
    folder = tmp_path_factory.mktemp("series")
    attributes = {} if request.param is None else {"PixelPaddingValue": request.param}
    paths = vp.write_series(folder, GRID, body, **attributes)
    options = LoadingOptions(memory_limit_bytes=CAP, temporary_folder=tmp_path_factory.mktemp("room"))
    mapped, most = traced(lambda: only(load_volumes(paths, options=options)))
    assert most < CAP + BESIDE
    whole = only(load_volumes(paths))
    assert isinstance(mapped.stored_values, np.memmap)
    assert not isinstance(whole.stored_values, np.memmap)
    assert whole.stored_values.nbytes >= 6 * CAP
    assert (whole.stored_padding is None) == (request.param is None)
    return mapped, whole


def pictures():
    """Everything that is looked at, by name."""
    for axis in range(3):
        yield f"plane {axis}", lambda v, a=axis: reslice(v, axis_grid(v, a, v.shape[a] // 3))
        for each in PROJECTED:
            yield (
                f"slab {axis} {each.value}",
                lambda v, a=axis, p=each: reslice(
                    v, axis_grid(v, a, v.shape[a] // 2), slab_thickness_mm=45, projection=p
                ),
            )
            yield f"whole {axis} {each.value}", lambda v, a=axis, p=each: project(v, a, p)
    for degrees in ((20, -35, 10), (80, 15, 0)):
        oblique = partial(grid_through, degrees=degrees, pixels=(200, 220))
        yield f"oblique {degrees}", lambda v, grid=oblique: reslice(v, grid(v))
        for each in PROJECTED:
            yield (
                f"oblique slab {degrees} {each.value}",
                lambda v, grid=oblique, p=each: reslice(v, grid(v), slab_thickness_mm=9, projection=p),
            )
    for direction in ((0, 0), (90, 0), (40, 25), (0, 80)):
        view = partial(fitted_view, orientation=turned_orientation(*direction), rows=150, columns=160)
        for each in PROJECTED:
            for draft in (False, True):
                yield (
                    f"turned {direction} {each.value} {draft}",
                    lambda v, at=view, p=each, d=draft: rotating_projection(v, at(v), projection=p, draft=d),
                )
        yield f"surface {direction}", lambda v, at=view: surface_preview(v, at(v), THRESHOLD)
    points = GRID.center_mm + np.array([[-30, 5, -20], [-5, -20, 0], [10, 12, 15], [35, 0, 25]])
    curve = straightened(curve_through(points), width_mm=40, spacing_mm=0.7)
    yield "curve", lambda v: curved_values(v, curve)


@pytest.mark.parametrize("picture", [pytest.param(make, id=name) for name, make in pictures()])
def test_pictures_are_those_of_the_volume_in_memory_and_take_little(volumes, picture):
    mapped, whole = volumes
    theirs = picture(whole)  # what is imported by the way is, when the other one is measured
    seen, most = traced(lambda: picture(mapped))
    assert np.array_equal(seen, theirs, equal_nan=seen.dtype.kind == "f")
    assert np.isfinite(seen).any()
    if ARE_COMPILED:  # numpy takes up to 20 MiB at once, however large the volume is
        assert most < CAP + BESIDE


def test_its_surface_is_the_same_and_is_not_made_in_memory(volumes):
    pytest.importorskip("skimage")
    mapped, whole = volumes
    options = MeshOptions(components=1, reduction=0.5)
    theirs = extract_mesh(whole, THRESHOLD, options)
    mesh, most = traced(lambda: extract_mesh(mapped, THRESHOLD, options))
    assert np.array_equal(mesh.triangles, theirs.triangles)
    assert np.array_equal(mesh.vertices_mm, theirs.vertices_mm)
    assert mesh.is_watertight
    assert most < CAP + BESIDE + mesh.vertices_mm.nbytes + mesh.triangles.nbytes
