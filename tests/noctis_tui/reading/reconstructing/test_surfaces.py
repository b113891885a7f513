"""Surfaces lie where tissues begin; of air, only that inside the body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from volume_phantoms import Grid, sampled_volume, sphere

from archive.errors import BadInput
from archive.progress import CancelToken, unheard
from noctis_tui.imaging.surfaces.mesh import extract_mesh
from noctis_tui.reading.reconstructing import surfaces
from noctis_tui.reading.reconstructing.request import Kind, Reconstruction
from noctis_tui.reading.reconstructing.surfaces import save_surface

GRID = Grid((24, 40, 40), spacing_mm=(1.5, 1.0, 1.0), first_mm=(-20.0, 10.0, 30.0))


def body(points):
    """A ball of water in air, with a ball of lung in it."""
    water = sphere(GRID.center_mm, 15, inside=0, outside=-1000)(points)
    return np.where(sphere(GRID.center_mm, 7, inside=1)(points) > 0, -850, water)


def saved(tmp_path, volume, **said):
    trimesh = pytest.importorskip("trimesh")
    save_surface(tmp_path / "x.stl", volume, Reconstruction(Kind.SURFACE, **said), unheard, CancelToken())
    return trimesh.load(tmp_path / "x.stl")


@pytest.mark.parametrize(("preset", "radius"), [("soft tissue", 15), ("lung", 7), ("Soft-Tissue", 15)])
def test_a_preset_finds_its_tissue(tmp_path, preset, radius):
    volume = sampled_volume(GRID, body, np.int16, units="HU", rescale_intercept=-1024.0)
    mesh = saved(tmp_path, volume, preset=preset, largest=1)
    assert mesh.is_watertight
    np.testing.assert_allclose(mesh.extents / 2, radius, atol=1.2)
    np.testing.assert_allclose(mesh.bounds.mean(axis=0), GRID.center_mm, atol=0.8)


def test_what_is_not_ct_needs_a_threshold(tmp_path):
    volume = sampled_volume(GRID, body, np.int16)
    with pytest.raises(BadInput, match="say --threshold"):
        saved(tmp_path, volume)
    assert saved(tmp_path, volume, threshold=-500.0).is_watertight


def test_an_unknown_preset_names_those_that_there_are(tmp_path):
    volume = sampled_volume(GRID, body, np.int16, units="HU")
    with pytest.raises(BadInput, match="bone, soft tissue, lung, contrast"):
        saved(tmp_path, volume, preset="skin")


def test_of_a_surface_that_is_not_watertight_a_sentence_says_so(tmp_path, monkeypatch):
    pytest.importorskip("trimesh")
    volume, told = sampled_volume(GRID, body, np.int16), []
    asked = Reconstruction(Kind.SURFACE, threshold=-500.0, reduction=0.5)
    save_surface(tmp_path / "x.stl", volume, asked, unheard, CancelToken(), told.append)
    assert not told
    whole = extract_mesh(volume, -500)
    holed = replace(whole, triangles=whole.triangles[1:])
    monkeypatch.setattr(surfaces, "extract_mesh", lambda *_, **__: holed)
    save_surface(tmp_path / "y.stl", volume, asked, unheard, CancelToken(), told.append)
    assert told == ["The surface is not watertight: some of its edges do not belong to two triangles."]
