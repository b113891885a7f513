import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from volume_phantoms import CORONAL, SAGITTAL, Grid, sampled_volume, turned
from volume_rays import body

from archive.errors import BadInput, OutOfResources
from archive.progress import Cancelled, CancelToken
from noctis_tui.imaging.surfaces import mesh_process, mesh_worker
from noctis_tui.imaging.surfaces.marching import Level, triangles_at
from noctis_tui.imaging.surfaces.mesh import Mesh, MeshOptions, extract_mesh
from noctis_tui.imaging.surfaces.mesh_export import save_mesh
from noctis_tui.imaging.volume import Volume

RADIUS_MM, NOTHING_MORE = 18.0, MeshOptions()
GRIDS = {
    "axial": Grid((48, 52, 56), first_mm=(-100, 40, -700)),
    "anisotropic": Grid((30, 60, 50), spacing_mm=(2.0, 0.8, 1.0)),
    "coronal": Grid((48, 56, 64), spacing_mm=(1.2, 1, 0.9), orientation=CORONAL, first_mm=(-10, 4, 30)),
    "oblique": Grid((48, 64, 56), orientation=turned(SAGITTAL, (1, 2, 3), 25), first_mm=(5, 6, 7)),
}


def ball(grid, center_mm=None, **attributes):
    center = grid.center_mm if center_mm is None else center_mm
    return sampled_volume(
        grid,
        lambda points: np.clip(500 + 400 * (RADIUS_MM - np.linalg.norm(points - center, axis=-1)), 0, 1000),
        np.int16,
        **attributes,
    )


def made(volume, threshold, options=NOTHING_MORE):
    """As `extract_mesh`, without a process, whose start takes longer than the work."""
    level = mesh_process.level_of(volume, threshold)
    question = mesh_process._question(volume, slice(0, None), level, options)
    vertices, triangles = mesh_worker.made(volume.stored_values, question, lambda *_: None)
    return Mesh(vertices.astype(np.float32), triangles)


def mirrored(volume):
    """The same volume with its slices stored in the other order: its axes are left-handed then."""
    affine = volume.index_to_patient.copy()
    affine[:3, 3] += affine[:3, 0] * (len(volume.stored_values) - 1)
    affine[:3, 0] *= -1
    return replace(
        volume, stored_values=np.ascontiguousarray(volume.stored_values[::-1]), index_to_patient=affine
    )


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_a_ball_has_the_area_and_volume_of_a_ball_and_normals_point_outwards(grid, is_mirrored):
    volume = ball(grid)
    mesh = made(mirrored(volume) if is_mirrored else volume, 500)
    assert mesh.area_mm2 == pytest.approx(4 * np.pi * RADIUS_MM**2, rel=0.01)
    assert mesh.volume_mm3 == pytest.approx(4 / 3 * np.pi * RADIUS_MM**3, rel=0.01)  # positive: outwards
    assert mesh.is_watertight
    distances = np.linalg.norm(mesh.vertices_mm - grid.center_mm, axis=1)
    assert np.abs(distances - RADIUS_MM).max() < 0.1 * max(grid.spacing_mm) + 0.02
    assert mesh.vertices_mm.dtype == np.float32
    assert mesh.triangles.dtype == np.int32


def flying_edges(volume, threshold):
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D

    padded = np.pad(volume.stored_values, 1, constant_values=volume.stored_values.min())
    image = vtkImageData()
    image.SetDimensions(*padded.shape[::-1])
    image.GetPointData().SetScalars(numpy_to_vtk(padded.ravel(), deep=True))
    surface = vtkFlyingEdges3D()
    surface.SetInputData(image)
    surface.SetValue(0, threshold)
    surface.Update()
    return surface.GetOutput()


@pytest.mark.parametrize("threshold", [120, 300, -400])
def test_there_are_as_many_triangles_as_vtk_finds(threshold):
    volume = body(Grid((40, 48, 56), spacing_mm=(1.4, 1, 0.9)))
    level = Level(threshold, 1)
    vertices, triangles = triangles_at(volume.stored_values, level, closed=True)
    theirs = flying_edges(volume, level.between(np.dtype(np.int16)))
    assert len(triangles) == pytest.approx(theirs.GetNumberOfCells(), rel=0.005)
    assert len(vertices) == pytest.approx(theirs.GetNumberOfPoints(), rel=0.005)


def test_slabs_meet_without_a_seam(monkeypatch):
    from noctis_tui.imaging.surfaces import marching

    stored = body(Grid((40, 48, 56))).stored_values
    monkeypatch.setattr(marching, "SLICES_AT_ONCE", 7)
    vertices, triangles = triangles_at(stored, Level(100, 1), closed=True)
    monkeypatch.setattr(marching, "SLICES_AT_ONCE", 1000)
    whole, whole_triangles = triangles_at(stored, Level(100, 1), closed=True)
    assert len(vertices) == len(whole)
    assert len(triangles) == len(whole_triangles)
    np.testing.assert_allclose(np.sort(vertices, axis=0), np.sort(whole, axis=0), atol=1e-4)


def test_noise_and_the_ends_of_the_volume_leave_no_holes():
    random = np.random.default_rng(5)
    volume = Volume(
        random.integers(0, 200, (20, 22, 24)).astype(np.uint16), Grid((20, 22, 24)).index_to_patient
    )
    assert made(volume, 100).is_watertight
    ends = ball(GRIDS["axial"], GRIDS["axial"].point_mm(0, 0, 0))
    assert made(ends, 500).is_watertight
    assert not made(ends, 500, MeshOptions(closed=False)).is_watertight


@pytest.mark.parametrize("darkest", [np.arange(-1024, -984), np.full(40, -1024)])
def test_what_the_side_of_the_volume_cuts_off_is_closed_from_slab_to_slab(darkest):
    stored = np.broadcast_to(darkest[:, None, None], (40, 12, 14)).astype(np.int16)
    stored[2:38, :8, 3:] = 700
    assert made(Volume(stored, Grid(stored.shape).index_to_patient), 300).is_watertight


@pytest.mark.parametrize("slope", [1.0, -2.0])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_padding_is_as_good_as_the_end_of_the_volume(dtype, slope):
    inner = np.random.default_rng(3).integers(100, 400, (20, 22, 24))
    inner[:, :11] = 1000
    if slope < 0:
        inner = 1000 - inner
    around = np.pad(inner, ((17, 3), (4, 1), (3, 2)), constant_values=0)
    is_padding = np.pad(np.zeros(inner.shape, bool), ((17, 3), (4, 1), (3, 2)), constant_values=True)
    ends = sorted(slope * value + (1000 if slope < 0 else 0) for value in (1500, 2000))
    affine = Grid(inner.shape).index_to_patient
    bare = Volume(inner.astype(dtype), affine, slope, 1000.0 if slope < 0 else 0.0)
    first = tuple(bare.patient_point(-17, -4, -3))
    meshes = [made(bare, 500)]
    for code in (1500, 2000, 1600):
        stored = np.where(is_padding, code, around).astype(dtype)
        outer = replace(bare, stored_values=stored, padding_range=(ends[0], ends[1]))
        outer = replace(outer, index_to_patient=Grid(stored.shape, first_mm=first).index_to_patient)
        meshes.append(made(outer, 500))
    for mesh in meshes[1:]:
        assert mesh.is_watertight
        assert len(mesh.triangles) == len(meshes[0].triangles)
        assert mesh.volume_mm3 == pytest.approx(meshes[0].volume_mm3, rel=1e-6)


def test_slices_of_nothing_but_padding_are_of_no_interest():
    stored = np.full((9, 5, 5), 3000, np.int16)
    volume = Volume(stored, np.eye(4), padding_range=(3000.0, 3000.0))
    with pytest.raises(BadInput, match="Nothing in this volume reaches"):
        extract_mesh(volume, 300)


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_voxels_at_the_threshold_itself_leave_no_two_vertices_at_one_place(dtype):
    stored = np.random.default_rng(2).integers(298, 303, (20, 12, 14)).astype(dtype)
    mesh = made(Volume(stored, Grid(stored.shape).index_to_patient), 300)
    assert len(np.unique(mesh.vertices_mm, axis=0)) == len(mesh.vertices_mm)
    assert mesh.is_watertight


@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_fractions_at_the_threshold_and_all_but_at_it_leave_no_holes_either(slope):
    random = np.random.default_rng(2)
    stored = random.choice([298.25, 299.99999, 300, 300.00003, 301.5], (20, 12, 14)).astype(np.float32)
    mesh = made(Volume(stored * slope, Grid(stored.shape).index_to_patient, slope), 300)
    assert len(np.unique(mesh.vertices_mm, axis=0)) == len(mesh.vertices_mm)
    assert mesh.is_watertight


def test_a_falling_rescale_turns_nothing_inside_out():
    grid = GRIDS["anisotropic"]
    mesh = made(ball(grid, rescale_slope=-2.0, rescale_intercept=1000.0), 500)
    assert mesh.volume_mm3 == pytest.approx(4 / 3 * np.pi * RADIUS_MM**3, rel=0.01)


def two_balls():
    grid = Grid((40, 44, 70))
    return sampled_volume(
        grid,
        lambda points: np.maximum(
            500 + 400 * (14 - np.linalg.norm(points - (18, 22, 20), axis=-1)),
            500 + 400 * (8 - np.linalg.norm(points - (52, 22, 20), axis=-1)),
        ).clip(0, 1000),
        np.int16,
    )


def test_the_largest_pieces_are_kept():
    volume = two_balls()
    both, one, three = (made(volume, 500, MeshOptions(components=count)) for count in (0, 1, 3))
    assert one.area_mm2 == pytest.approx(4 * np.pi * 14**2, rel=0.02)
    assert both.area_mm2 == pytest.approx(4 * np.pi * (14**2 + 8**2), rel=0.02)
    assert len(three.triangles) == len(both.triangles)
    assert one.triangles.max() == len(one.vertices_mm) - 1
    assert one.is_watertight


def test_smoothing_takes_the_steps_away_and_does_not_shrink():
    grid = GRIDS["axial"]
    hard = sampled_volume(
        grid, lambda points: np.linalg.norm(points - grid.center_mm, axis=-1) <= RADIUS_MM, np.uint8
    )
    rough, smooth = (made(hard, 1, MeshOptions(smoothing=passes)) for passes in (0, 15))
    off = [np.std(np.linalg.norm(mesh.vertices_mm - grid.center_mm, axis=1)) for mesh in (rough, smooth)]
    assert off[1] < 0.7 * off[0]
    assert smooth.volume_mm3 == pytest.approx(rough.volume_mm3, rel=0.01)
    assert smooth.is_watertight


def test_fewer_triangles_show_the_same_ball():
    mesh = made(ball(GRIDS["axial"]), 500)
    fewer = made(ball(GRIDS["axial"]), 500, MeshOptions(reduction=0.8))
    assert len(fewer.triangles) == pytest.approx(0.2 * len(mesh.triangles), rel=0.05)
    assert fewer.volume_mm3 == pytest.approx(mesh.volume_mm3, rel=0.01)
    assert fewer.is_watertight


@pytest.mark.parametrize("suffix", [".stl", ".ply", ".obj", ".glb"])
def test_other_readers_find_the_same_surface_in_files(suffix, tmp_path):
    mesh = made(ball(GRIDS["oblique"]), 500, MeshOptions(reduction=0.5))
    path = tmp_path / f"ball{suffix.upper()}"
    save_mesh(path, mesh)
    points, triangles = read_by_vtk(path, suffix)
    if suffix == ".glb":
        points = np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1) * 1000
    assert len(triangles) == len(mesh.triangles)
    for ours, theirs in ((mesh.vertices_mm.min(0), points.min(0)), (mesh.vertices_mm.max(0), points.max(0))):
        np.testing.assert_allclose(ours, theirs, atol=1e-3)
    a, b, c = (points[triangles[:, corner]] - points.mean(0) for corner in range(3))
    assert (a * np.cross(b, c)).sum() / 6 == pytest.approx(mesh.volume_mm3, rel=1e-4)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def read_by_vtk(path, suffix):
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOGeometry import vtkGLTFReader, vtkOBJReader, vtkSTLReader
    from vtkmodules.vtkIOPLY import vtkPLYReader

    reader = {".stl": vtkSTLReader, ".ply": vtkPLYReader, ".obj": vtkOBJReader, ".glb": vtkGLTFReader}[
        suffix
    ]()
    reader.SetFileName(str(path))
    reader.Update()
    found = reader.GetOutput()
    while not hasattr(found, "GetPolys"):
        found = found.GetBlock(0)
    points = vtk_to_numpy(found.GetPoints().GetData()).astype(float)
    return points, vtk_to_numpy(found.GetPolys().GetConnectivityArray()).reshape(-1, 3)


def test_a_process_makes_the_same_from_the_slices_that_matter():
    grid = Grid((80, 52, 56), first_mm=(-100, 40, -700), orientation=CORONAL)
    volume = ball(grid)
    heard = []
    mesh = extract_mesh(
        volume, 500, MeshOptions(components=1, smoothing=2, reduction=0.2), listener=heard.append
    )
    theirs = made(volume, 500, MeshOptions(components=1, smoothing=2, reduction=0.2))
    np.testing.assert_array_equal(mesh.triangles, theirs.triangles)
    np.testing.assert_allclose(mesh.vertices_mm, theirs.vertices_mm, atol=1e-3)
    assert mesh.frame_of_reference_uid == "1.2.3"
    assert [each.what for each in heard[-3:]] == ["Finding its pieces", "Smoothing", "Reducing the triangles"]
    assert heard[0].total < 45


def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path, monkeypatch):
    volume = ball(GRIDS["axial"])
    with pytest.raises(BadInput, match="Nothing in this volume reaches"):
        extract_mesh(volume, 5000)
    with pytest.raises(BadInput, match="no surface"):
        extract_mesh(ball(Grid((3, 4, 5))), -5000, MeshOptions(closed=False))
    for wrong in ({"components": -1}, {"smoothing": 9999}, {"reduction": 1.0}, {"reduction": float("nan")}):
        with pytest.raises(BadInput):
            MeshOptions(**wrong)
    mesh = made(volume, 500)
    with pytest.raises(BadInput, match=r"\.stl"):
        save_mesh(tmp_path / "ball.vtk", mesh)
    with pytest.raises(OutOfResources, match="could not be written"):
        save_mesh(tmp_path / "nowhere" / "ball.stl", mesh)
    monkeypatch.setattr(
        "noctis_tui.imaging.surfaces.surfaces_extra.find_spec", lambda name: name != "trimesh" or None
    )
    with pytest.raises(BadInput, match=r'Surfaces need .*missing: pip install "noctis-tui\[surfaces\]"'):
        extract_mesh(volume, 500)


def test_asked_to_stop_it_stops_at_once_even_in_the_middle_of_a_librarys_call():
    random = np.random.default_rng(5)
    volume = Volume(
        random.integers(0, 200, (24, 64, 64)).astype(np.int16), Grid((24, 64, 64)).index_to_patient
    )
    token, heard = CancelToken(), []

    def hear(progress):
        heard.append(progress)
        if progress.what == "Smoothing":
            threading.Timer(0.2, cancel).start()

    def cancel():
        heard.append(time.monotonic())
        token.cancel()

    with pytest.raises(Cancelled):
        extract_mesh(volume, 100, MeshOptions(smoothing=1000), listener=hear, token=token)
    assert time.monotonic() - heard[-1] < 2  # 0.05 s and a busy machine
    found = [progress for progress in heard if not isinstance(progress, float)]
    assert found[0].what == "Finding the surface"
    assert found[0].total == 25
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        extract_mesh(volume, 100, token=token)


def test_a_process_that_dies_is_told(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(OutOfResources, match="process"):
        mesh_process.mesh_by_process(ball(GRIDS["axial"]), 500, MeshOptions(), lambda _: None, None)
