"""`noctis render --plane`: files to planes, against pydicom's arrays, SimpleITK and phantoms."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import numpy as np
import pydicom
import pytest
from measured_frames import frame
from PIL import Image
from rendered_planes import render, resampled
from volume_phantoms import (
    AXIAL,
    CORONAL,
    SAGITTAL,
    Grid,
    checker,
    index_ramp,
    sampled,
    sphere,
    turned,
    write_enhanced,
    write_phases,
    write_series,
)

from archive.annotations.annotation import Kind
from archive.annotations.measuring import measure
from archive.errors import BadInput, NoctisError

if TYPE_CHECKING:
    from pathlib import Path

SHAPE, SPACING, FIRST = (9, 14, 20), (2.5, 0.75, 0.5), (-31.5, 12.25, 40.0)
GRIDS = {
    "axial": Grid(SHAPE, SPACING, AXIAL, FIRST),
    "from above": Grid(SHAPE, SPACING, (-1, 0, 0, 0, 1, 0), FIRST),
    "coronal": Grid(SHAPE, SPACING, CORONAL, FIRST),
    "sagittal": Grid(SHAPE, SPACING, SAGITTAL, FIRST),
    "transposed": Grid(SHAPE, SPACING, (0, 1, 0, 1, 0, 0), FIRST),
    "oblique": Grid(SHAPE, SPACING, turned(turned(AXIAL, (1, 0, 0), 25), (0, 1, 1), -12), FIRST),
}
every_grid = pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)


def stored_at(files: list[Path], points: np.ndarray) -> np.ndarray:
    """The values of the pixels nearest to LPS points, by each file's own header; NaN where there is none."""
    found = np.full(points.shape[:-1], np.nan)
    for path in files:
        ds = pydicom.dcmread(path)
        row, column = np.array(ds.ImageOrientationPatient[:3]), np.array(ds.ImageOrientationPatient[3:])
        away = points - np.array(ds.ImagePositionPatient, float)
        i, j = away @ row / ds.PixelSpacing[1], away @ column / ds.PixelSpacing[0]
        here = (abs(away @ np.cross(row, column)) < 1e-3) & (abs(i - np.rint(i)) < 1e-3)
        here &= abs(j - np.rint(j)) < 1e-3
        at = np.rint(j[here]).astype(int), np.rint(i[here]).astype(int)
        values = ds.pixel_array * float(ds.get("RescaleSlope", 1)) + float(ds.get("RescaleIntercept", 0))
        found[here] = values[at]
    return found


@every_grid
@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_planes_along_the_voxels_are_the_files_pixels(tmp_path, grid, plane):
    files = write_series(tmp_path / "ct", grid, checker(grid), reverse_numbers=plane == "coronal")
    for position in ((), ("--position", 0), ("--slab", 0.1)):
        cut = render(tmp_path, tmp_path / "ct", "--plane", plane, *position)
        np.testing.assert_array_equal(cut.values, stored_at(files, cut.points_mm()))


def test_positions_of_an_axial_series_are_its_slices_rows_and_columns(tmp_path):
    grid = GRIDS["axial"]
    write_series(tmp_path / "ct", grid, checker(grid))
    stacked = sampled(grid, checker(grid))
    for plane, position, expected in (
        ("axial", 5.0, stacked[2]),
        ("coronal", 2.25, stacked[::-1, 3]),
        ("sagittal", 4.5, stacked[::-1, :, 9]),
        ("axial", 6.25, (stacked[2] + stacked[3]) / 2),
    ):
        cut = render(tmp_path, tmp_path / "ct", "--plane", plane, "--position", position)
        np.testing.assert_array_equal(cut.values, expected.astype(np.float32))


@every_grid
def test_oblique_planes_are_simpleitk_s(tmp_path, grid):
    files = write_series(tmp_path / "ct", grid, checker(grid))
    center = np.add(grid.center_mm, (0.3, -0.2, 1.1))
    for options in (("--up", 1, 0, 1), ("--spacing", 0.31, "--size", "50x40")):
        cut = render(tmp_path, tmp_path / "ct", "--normal", 1, 2, -3, "--center", *center, *options)
        reference = resampled(files, cut)
        inside = np.isfinite(reference)
        assert inside.sum() > 50
        np.testing.assert_array_equal(np.isfinite(cut.values), inside)
        assert np.abs(cut.values - reference)[inside].max() <= 1e-3


def test_the_sidecar_says_what_the_plane_is(tmp_path):
    grid = GRIDS["axial"]
    files = write_series(tmp_path / "ct", grid, index_ramp(grid), RescaleType="HU")
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in files]
    options = ("--center", -27, 15, 48, "--normal", 0, 0, 1, "--up", 0, -1, 0, "--spacing", 0.5)
    cut = render(tmp_path, tmp_path / "ct", *options, "--size", "6x4", "--slab", 2, "--projection", "mean")
    assert cut.values.dtype == np.float32
    assert cut.sidecar == {
        "units": "HU",
        "rescale_type": "HU",
        "origin_mm": [-27 - 2.5 * 0.5, 15 - 1.5 * 0.5, 48],
        "row_direction": [1, 0, 0],
        "column_direction": [0, 1, 0],
        "row_spacing_mm": 0.5,
        "column_spacing_mm": 0.5,
        "slab_thickness_mm": 2,
        "frame_of_reference_uid": headers[0].FrameOfReferenceUID,
        "source_sop_instance_uids": [headers[3].SOPInstanceUID],
    }


def test_a_tilted_gantry_is_sheared_right(tmp_path):
    grid = Grid((8, 24, 24), (3, 1, 1), AXIAL, FIRST, drift_mm=(0.0, -1.0))
    field = index_ramp(grid)
    write_series(tmp_path / "ct", grid, field)
    for plane in ("axial", "coronal", "sagittal"):
        cut = render(tmp_path, tmp_path / "ct", "--plane", plane)
        index = cut.points_mm() - grid.index_to_patient[:3, 3]
        index = index @ np.linalg.inv(grid.index_to_patient[:3, :3]).T
        inside = ((index > -1e-6) & (index < np.array(grid.shape) - 1 + 1e-6)).all(-1)
        assert inside.sum() > 80
        np.testing.assert_allclose(cut.values[inside], field(cut.points_mm())[inside], atol=1e-3)
        np.testing.assert_array_equal(np.isfinite(cut.values), inside)


def test_what_a_tilt_leaves_empty_is_no_part_of_any_slab(tmp_path):
    grid = Grid((8, 24, 24), (3, 1, 1), AXIAL, FIRST, drift_mm=(0.0, -1.5))
    write_series(tmp_path / "ct", grid, index_ramp(grid, first=3000))
    for projection in ("min", "mean", "max"):
        options = ("--plane", "axial", "--slab", 12, "--projection", projection)
        cut = render(tmp_path, tmp_path / "ct", *options)
        assert np.isfinite(cut.values).sum() > 400
        assert np.nanmin(cut.values) > 2800


@every_grid
def test_lengths_on_any_plane_are_the_patient_s(tmp_path, grid):
    """Two balls; where they are seen on a plane through both, measured as the viewer measures."""
    fine = Grid((40, 44, 48), (1.0, 0.75, 0.5), grid.orientation, grid.first_mm)
    a, b = fine.point_mm(8, 12, 9), fine.point_mm(31, 30, 37)
    field_a, field_b = sphere(a, 3.0), sphere(b, 3.0)
    write_series(tmp_path / "ct", fine, lambda points: field_a(points) + field_b(points))
    along = (b - a) / np.linalg.norm(b - a)
    normal = np.cross(along, (0.3, 0.5, -0.8))
    cut = render(tmp_path, tmp_path / "ct", "--center", *(a + b) / 2, "--normal", *normal, "--spacing", 0.5)
    ends = []
    for ball in (a, b):
        near = np.linalg.norm(cut.points_mm() - ball, axis=-1) < 5
        weight = np.where(near & np.isfinite(cut.values), cut.values, 0)
        rows, columns = np.indices(weight.shape)
        ends.append(((columns * weight).sum() / weight.sum(), (rows * weight).sum() / weight.sum()))
    spacing = cut.sidecar["row_spacing_mm"], cut.sidecar["column_spacing_mm"]
    measured = measure(Kind.LENGTH, ends, None, frame(pixel_spacing=spacing))
    assert measured.unit == "mm"
    assert measured.value == pytest.approx(np.linalg.norm(b - a), abs=0.25)


def test_frames_of_an_enhanced_image_are_slices_in_any_order(tmp_path):
    grid = GRIDS["oblique"]
    write_series(tmp_path / "ct", grid, checker(grid))
    enhanced = write_enhanced(tmp_path / "e.dcm", grid, checker(grid), order=[3, 1, 4, 0, 5, 8, 2, 6, 7])
    for options in (("--plane", "coronal"), ("--normal", 1, 1, 1)):
        one, many = render(tmp_path, enhanced, *options), render(tmp_path, tmp_path / "ct", *options)
        np.testing.assert_array_equal(one.values, many.values)
        assert one.points_mm() == pytest.approx(many.points_mm())
        assert one.sidecar["source_sop_instance_uids"] == [pydicom.dcmread(enhanced).SOPInstanceUID]


def test_slices_with_a_rescale_of_their_own_make_one_volume(tmp_path):
    grid = GRIDS["axial"]
    files = write_series(tmp_path / "mr", grid, index_ramp(grid), rescale=lambda k: (1 + k / 4, 10.0 * k))
    cut = render(tmp_path, tmp_path / "mr", "--plane", "coronal")
    np.testing.assert_array_equal(cut.values, stored_at(files, cut.points_mm()).astype(np.float32))


def test_of_several_volumes_one_is_chosen(tmp_path, capsys):
    grid = GRIDS["axial"]
    fields = [index_ramp(grid, first=first) for first in (0, 1000, 2000)]
    write_phases(tmp_path / "ct", grid, fields)
    for number, options in ((0, ()), (0, ("--volume", 1)), (2, ("--volume", 3))):
        cut = render(tmp_path, tmp_path / "ct", "--plane", "axial", *options)
        np.testing.assert_allclose(cut.values, fields[number](cut.points_mm()), atol=1e-3)
        assert ("first of 3 volumes" in capsys.readouterr().err) == (not options)
    with pytest.raises(BadInput, match="no volume 4"):
        render(tmp_path, tmp_path / "ct", "--plane", "axial", "--volume", 4)


def test_a_missing_slice_is_refused_with_its_neighbours(tmp_path):
    grid = GRIDS["axial"]
    files = write_series(tmp_path / "ct", grid, index_ramp(grid), missing=(4,))
    beside = [pydicom.dcmread(path).SOPInstanceUID for path in files[3:5]]
    with pytest.raises(BadInput, match="missing") as refused:
        render(tmp_path, tmp_path / "ct", "--plane", "coronal")
    assert all(uid in str(refused.value) for uid in beside)
    cut = render(tmp_path, tmp_path / "ct", "--plane", "coronal", "--resample")
    np.testing.assert_allclose(cut.values, index_ramp(grid)(cut.points_mm()), atol=1e-3)
    assert cut.values.shape == (9, 20)


def test_outside_the_volume_is_nan_and_black(tmp_path, capsys):
    grid = GRIDS["axial"]
    write_series(tmp_path / "ct", grid, index_ramp(grid, first=500))
    out = tmp_path / "f.png"
    window = ("--window", 400, 800, "--out", out)
    cut = render(tmp_path, tmp_path / "ct", "--normal", 1, 1, 1, *window)
    with Image.open(out) as picture:
        shown = np.asarray(picture)
    assert shown.shape == cut.values.shape
    assert (shown[np.isnan(cut.values)] == 0).all()
    assert (shown[np.isfinite(cut.values)] > 0).all()
    cut = render(tmp_path, tmp_path / "ct", "--plane", "axial", "--position", 500)
    assert np.isnan(cut.values).all()
    assert "outside" in capsys.readouterr().err


def test_a_size_gives_a_picture_with_letters(tmp_path):
    grid = GRIDS["axial"]
    write_series(tmp_path / "ct", grid, index_ramp(grid))
    out = tmp_path / "f.png"
    cut = render(tmp_path, tmp_path / "ct", "--plane", "coronal", "--size", "300x200", "--out", out)
    assert cut.values.shape == (200, 300)
    with Image.open(out) as picture:
        assert (picture.size, picture.mode) == ((300, 200), "RGB")


CONTRADICTIONS = {
    ("--position", 3): "--plane",
    ("--slab", 3): "--plane",
    ("--plane", "oblique"): "--normal",
    ("--plane", "axial", "--normal", 0, 0, 1): "--normal",
    ("--plane", "axial", "--up", 0, 0, 1): "--up",
    ("--plane", "axial", "--position", 1, "--center", 0, 0, 0): "--center",
    ("--plane", "axial", "--frame", 2): "--frame",
    ("--plane", "axial", "--position", 1, "--projection", "max"): "--slab",
    ("--plane", "axial", "--position", "nan"): "between",
    ("--normal", 0, "inf", 1): "between",
    ("--plane", "axial", "--spacing", 0): "0",
    ("--plane", "axial", "--slab", -1): "-1",
    ("--plane", "diagonal"): "diagonal",
}


@pytest.mark.parametrize("options", CONTRADICTIONS, ids=lambda options: " ".join(map(str, options)))
def test_contradictions_are_wrong_usage(tmp_path, options):
    with pytest.raises(click.UsageError) as wrong:
        render(tmp_path, tmp_path, *options)
    assert CONTRADICTIONS[options] in wrong.value.format_message()


def test_a_refusal_is_one_sentence_and_exit_code_2(tmp_path):
    grid = GRIDS["axial"]
    files = write_series(tmp_path / "ct", grid, index_ramp(grid))
    command = [sys.executable, "-m", "noctis_tui", "render", files[0], "--plane", "axial", "--raw", "x.npy"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("noctis: No volume: A single image is no volume (instance ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "x.npy").exists()


# Real studies ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "reason"),
    {
        "ct_missing_slice": "1 slice is missing",
        "ct_same_position": "one position",
        "mr_mixed_orientation": "2 orientations",
        "rgb_series": "Colour",
    }.items(),
)
def test_what_is_no_volume_says_why(shared_data, tmp_path, series, reason):
    with pytest.raises(NoctisError, match=reason) as refused:
        render(tmp_path, shared_data / "volumes" / series, "--plane", "axial")
    said = str(refused.value)
    uids = {pydicom.dcmread(path).SOPInstanceUID for path in (shared_data / "volumes" / series).iterdir()}
    assert said.startswith("No volume: ")
    assert sum(uid in said for uid in uids) >= 2
    assert "\n" not in said


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize(
    "series",
    [
        "ct_chest_cmb_crc",
        "ct_head_phantom_5mm",
        "mr_head_sag_prone_HFP",
        "mr_rescale_per_slice",
        "mr_liver_haste_coronal",
    ],
)
def test_real_planes_along_the_voxels_are_the_files_pixels(shared_data, tmp_path, series, plane):
    files = sorted((shared_data / "volumes" / series).iterdir())
    cut = render(tmp_path, shared_data / "volumes" / series, "--plane", plane)
    np.testing.assert_array_equal(cut.values, stored_at(files, cut.points_mm()).astype(np.float32))
    assert len(cut.sidecar["source_sop_instance_uids"]) in {1, len(files)}


@pytest.mark.parametrize(
    "series",
    [
        "ct_chest_cmb_crc",
        "mr_four_syntaxes_one_series",
        "mr_head_t1_defaced",
        "mr_liver_haste_coronal",
        "mr_oblique_hitachi",
    ],
)
def test_real_oblique_planes_are_simpleitk_s(shared_data, tmp_path, series):
    folder = shared_data / "volumes" / series
    for options in (("--normal", 1, 2, 3), ("--normal", 0, 0, 1, "--spacing", 1.5)):
        cut = render(tmp_path, folder, *options)
        reference = resampled(along_normal(folder), cut, padding=-3024 if "chest" in series else None)
        inside = np.isfinite(reference) & np.isfinite(cut.values)
        assert inside.sum() > 100
        assert np.abs(cut.values - reference)[inside].max() <= 1e-3


def along_normal(folder: Path) -> list[Path]:
    """The files as SimpleITK wants them: in the order of their positions."""

    def position(path: Path) -> float:
        ds = pydicom.dcmread(path, stop_before_pixels=True)
        row, column = np.array(ds.ImageOrientationPatient[:3]), np.array(ds.ImageOrientationPatient[3:])
        return float(np.cross(row, column) @ np.array(ds.ImagePositionPatient))

    return sorted(folder.iterdir(), key=position)


def test_the_sidecar_is_plain_json(shared_data, tmp_path):
    render(tmp_path, shared_data / "volumes" / "mr_head_t1_defaced", "--plane", "sagittal")
    said = json.loads((tmp_path / "plane.json").read_text(), parse_constant=pytest.fail)
    assert said["units"] is None
