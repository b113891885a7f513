"""PNG, NPY and NIfTI of reconstructions hold the values, where they are."""

from __future__ import annotations

import json
from dataclasses import replace

import nibabel
import numpy as np
import pytest
from PIL import Image
from reconstructed_series import GRID, OBLIQUE, loaded, own_slices
from volume_phantoms import index_ramp, sampled

from archive.errors import BadInput
from archive.pixels.voi_lut import Window
from noctis_tui.imaging.planes.reslicing import reslice
from noctis_tui.imaging.slices import Slice
from noctis_tui.reading.export.request import Watch
from noctis_tui.reading.reconstruction_output.images import OutputImage
from noctis_tui.reading.reconstruction_output.nifti import save_nifti_stack
from noctis_tui.reading.reconstruction_output.npy import save_npy
from noctis_tui.reading.reconstruction_output.png_stack import display, save_png, save_png_stack

RENDERED = {
    *("units", "rescale_type", "origin_mm", "row_direction", "column_direction", "row_spacing_mm"),
    *("column_spacing_mm", "slab_thickness_mm", "frame_of_reference_uid", "source_sop_instance_uids"),
}


@pytest.fixture
def series(tmp_path):
    return own_slices(*loaded(tmp_path / "source", OBLIQUE))


def truth(grid=OBLIQUE):
    return np.rint(sampled(grid, index_ramp(grid)))


def one_of(series, **said):
    image = next(series.images)
    return replace(series, images=iter([replace(image, **said)]), count=1)


def test_npy_holds_values_and_the_json_where_they_are(series, tmp_path):
    save_npy(tmp_path / "x.npy", tmp_path / "x.json", series, Watch(9))
    values = np.load(tmp_path / "x.npy")
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, truth())
    said = json.loads((tmp_path / "x.json").read_text())
    assert said.keys() == RENDERED | {"spacing_between_planes_mm", "images"}
    assert said["units"] == "HU"
    assert said["spacing_between_planes_mm"] == pytest.approx(3.0)
    assert said["source_sop_instance_uids"] == list(series.volume.source_sop_instance_uids)
    for k, each in enumerate(said["images"]):
        np.testing.assert_allclose(each["origin_mm"], OBLIQUE.point_mm(k, 0, 0), atol=1e-6)
    assert (said["row_spacing_mm"], said["column_spacing_mm"]) == pytest.approx((0.8, 0.7))


def test_one_image_is_an_array_of_two_axes_with_the_keys_of_render(series, tmp_path):
    save_npy(tmp_path / "x.npy", tmp_path / "x.json", one_of(series), Watch(1))
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), truth()[0])
    assert json.loads((tmp_path / "x.json").read_text()).keys() == RENDERED


def test_images_of_different_sizes_are_no_array(series, tmp_path):
    first, second = next(series.images), next(series.images)
    series = replace(series, images=iter([first, replace(second, values=second.values[1:])]), count=2)
    with pytest.raises(BadInput, match="different sizes"):
        save_npy(tmp_path / "x.npy", tmp_path / "x.json", series, Watch(2))


@pytest.mark.parametrize("name", ["x.nii", "x.nii.gz"])
def test_nifti_is_placed_where_the_planes_are(series, tmp_path, name):
    save_nifti_stack(tmp_path / name, series, Watch(9))
    image = nibabel.load(tmp_path / name)
    assert image.get_data_dtype() == np.int16
    np.testing.assert_array_equal(np.asarray(image.dataobj), truth().T)
    ras = image.affine @ (3, 2, 5, 1)
    np.testing.assert_allclose(ras[:3] * (-1, -1, 1), OBLIQUE.point_mm(5, 2, 3), atol=1e-4)


def test_nifti_keeps_what_is_not_there_as_nan(series, tmp_path):
    volume = series.volume
    own = volume.slice_at(2)
    wide = Slice(own.plane, own.rows + 2, own.columns, own.frame_of_reference_uid)
    image = OutputImage(reslice(volume, wide), 0.8, 0.7, wide)
    save_nifti_stack(tmp_path / "x.nii", replace(series, images=iter([image]), count=1), Watch(1))
    read = nibabel.load(tmp_path / "x.nii")
    assert read.get_data_dtype() == np.float32
    np.testing.assert_array_equal(np.asarray(read.dataobj)[..., 0].T, image.values)


def test_what_is_turned_or_unrolled_is_no_volume(series, tmp_path):
    first, second = next(series.images), next(series.images)
    turned = replace(second, grid=replace(second.grid, plane=first.grid.plane))
    for images in ([first, turned], [replace(first, grid=None), second]):
        with pytest.raises(BadInput, match="no volume"):
            save_nifti_stack(tmp_path / "x.nii", replace(series, images=iter(images), count=2), Watch(2))


def test_png_shows_what_the_window_says(series, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    save_png_stack(folder, series, Window(-100, 256, "LINEAR_EXACT"), Watch(9))
    assert [path.name for path in sorted(folder.iterdir())] == [
        *(f"{number:05}.png" for number in range(1, 10)),
        "geometry.json",
    ]
    shown = np.asarray(Image.open(folder / "00004.png"))
    np.testing.assert_array_equal(
        shown, display(truth()[3].astype(np.float32), Window(-100, 256, "LINEAR_EXACT"))
    )
    assert shown.min() < shown.max()
    assert json.loads((folder / "geometry.json").read_text())["spacing_between_planes_mm"] == pytest.approx(3)


def test_one_png_is_a_file(series, tmp_path):
    save_png(tmp_path / "x.png", one_of(series), Window(-100, 200), Watch(1), inverted=True)
    assert Image.open(tmp_path / "x.png").size == (14, 12)


def test_outside_is_black_in_a_negative_too():
    values = np.array([[np.nan, 0.0, 100.0]], np.float32)
    assert display(values, Window(50, 100, "LINEAR_EXACT")).tolist() == [[0, 0, 255]]
    assert display(values, Window(50, 100, "LINEAR_EXACT"), inverted=True).tolist() == [[0, 255, 0]]


def test_the_first_of_one_plane_is_a_millimetre_thick_for_nifti(series, tmp_path):
    save_nifti_stack(tmp_path / "x.nii", one_of(series), Watch(1))
    assert nibabel.load(tmp_path / "x.nii").shape == (GRID.shape[2], GRID.shape[1], 1)
