"""Reconstructions of series whose every value is known: what is written is there, and where it says."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from PIL import Image
from reconstructed_series import GRID, OBLIQUE, PATIENT
from volume_phantoms import Grid, index_ramp, ramp, sampled, sphere, write_phases, write_series

from archive.errors import BadInput
from archive.pixels.voi_lut import Window
from archive.progress import Cancelled, CancelToken, unheard
from noctis_tui.reading.reconstructing.order import Order
from noctis_tui.reading.reconstructing.request import CurveView, Kind, Reconstruction
from noctis_tui.reading.reconstructing.run import reconstruct
from noctis_tui.reading.reconstructing.series import title_of
from noctis_tui.reading.reconstruction_output.formats import OutputFormat, output_format
from noctis_tui.reading.reconstruction_output.target import Output
from noctis_tui.reading.volume_loading import load_volumes


@pytest.fixture
def files(tmp_path):
    return write_series(tmp_path / "source", GRID, index_ramp(GRID), **PATIENT)


def made(files, tmp_path, asked, name="x.npy", what=OutputFormat.NPY, **more):
    """Reconstruct; return the values and their geometry of an NPY."""
    out = Output(tmp_path / name, what, more.pop("window", None))
    outputs = reconstruct(files, asked, out, **more)
    if what is not OutputFormat.NPY:
        return outputs
    return np.load(tmp_path / name), json.loads((tmp_path / name).with_suffix(".json").read_text())


def points_of(said, values):
    """Return the LPS position of every sample of a stack, [images, rows, columns, 3]."""
    images = said.get("images", [said])
    _, rows, columns = values.shape
    row, column = np.mgrid[:rows, :columns]
    return np.stack(
        [
            np.array(each["origin_mm"])
            + row[..., None] * each["row_spacing_mm"] * np.array(each["column_direction"])
            + column[..., None] * each["column_spacing_mm"] * np.array(each["row_direction"])
            for each in images
        ]
    )


@pytest.mark.parametrize(
    ("plane", "axis"), [("axial", 0), ("coronal", 1), ("sagittal", 2)], ids=["axial", "coronal", "sagittal"]
)
def test_all_planes_along_the_voxels_are_the_voxels(files, tmp_path, plane, axis):
    values, said = made(files, tmp_path, Reconstruction(Kind.MPR, plane=plane))
    assert len(values) == GRID.shape[axis]
    expected = index_ramp(GRID)(points_of(said, values))
    np.testing.assert_array_equal(values, np.rint(expected))
    assert said["spacing_between_planes_mm"] == pytest.approx(GRID.spacing_mm[axis])
    assert said["slab_thickness_mm"] == 0


def test_oblique_planes_fill_the_volume_and_lie_where_they_say(files, tmp_path):
    asked = Reconstruction(Kind.MPR, normal=(1, 2, 4), every_mm=2.0)
    values, said = made(files, tmp_path, asked)
    inside = ~np.isnan(values)
    assert inside.any(axis=(1, 2)).all()
    expected = index_ramp(GRID)(points_of(said, values))
    k, j, i = (points_of(said, values) - GRID.first_mm).transpose(3, 0, 1, 2)[::-1] / np.reshape(
        GRID.spacing_mm, (3, 1, 1, 1)
    )
    between = (k >= 0) & (k <= 8) & (j >= 0) & (j <= 11) & (i >= 0) & (i <= 13)
    np.testing.assert_allclose(values[between & inside], expected[between & inside], atol=1e-2)
    assert said["spacing_between_planes_mm"] == pytest.approx(2.0)


def test_an_oblique_plane_along_the_voxels_shows_every_voxel(files, tmp_path):
    values, said = made(files, tmp_path, Reconstruction(Kind.MPR, normal=(0, 0, 1), spacing_mm=0.7))
    assert len(values) == GRID.shape[0]
    places = [each["origin_mm"][2] for each in said["images"]]
    np.testing.assert_allclose(places, GRID.first_mm[2] + 3.0 * np.arange(9), atol=1e-6)


def test_a_range_is_counted_from_the_first_slice(files, tmp_path):
    asked = Reconstruction(Kind.MPR, plane="axial", from_mm=3.0, to_mm=10.0, every_mm=1.5)
    values, said = made(files, tmp_path, asked)
    places = [each["origin_mm"][2] - GRID.first_mm[2] for each in said["images"]]
    np.testing.assert_allclose(places, [3, 4.5, 6, 7.5, 9])
    np.testing.assert_allclose(values, index_ramp(GRID)(points_of(said, values)), atol=1e-3)


@pytest.mark.parametrize(("kind", "reduce"), [(Kind.MIP, np.max), (Kind.MINIP, np.min), (Kind.MEAN, np.mean)])
def test_projections_look_through_everything(files, tmp_path, kind, reduce):
    values, said = made(files, tmp_path, Reconstruction(kind, plane="axial"))
    expected = reduce(np.rint(sampled(GRID, index_ramp(GRID))), axis=0)
    np.testing.assert_allclose(values, expected, atol=1e-4)
    assert said["slab_thickness_mm"] == pytest.approx(27.0)
    assert len(said["source_sop_instance_uids"]) == 9


def test_slabs_follow_each_other_by_half(files, tmp_path):
    values, said = made(files, tmp_path, Reconstruction(Kind.MIP, plane="axial", slab_mm=6.0))
    truth = np.rint(sampled(GRID, index_ramp(GRID)))
    assert said["spacing_between_planes_mm"] == pytest.approx(3.0)
    for k, image in enumerate(values):
        np.testing.assert_array_equal(image, truth[max(k - 1, 0) : k + 2].max(axis=0))


def test_thick_planes_of_an_mpr_are_means(files, tmp_path):
    asked = Reconstruction(Kind.MPR, plane="axial", slab_mm=6.0, from_mm=12.0, to_mm=12.0)
    values, _ = made(files, tmp_path, asked)
    np.testing.assert_allclose(values, np.rint(sampled(GRID, index_ramp(GRID)))[3:6].mean(axis=0), atol=1e-3)


def test_views_go_around_the_patient(tmp_path):
    grid = Grid((20, 24, 28), spacing_mm=(1.5, 1.0, 1.0))
    center = grid.center_mm + np.array([8, 0, 0])
    files = write_series(tmp_path / "source", grid, sphere(center, 4), **PATIENT)
    values, said = made(files, tmp_path, Reconstruction(Kind.MIP, rotate=4, spacing_mm=1.0))
    assert values.shape[0] == 4
    columns = []
    for image in values:
        rows, cols = np.nonzero(np.nan_to_num(image) > 500)
        columns.append(cols.mean() - (image.shape[1] - 1) / 2)
        assert rows.mean() == pytest.approx((image.shape[0] - 1) / 2, abs=1)
    assert columns == pytest.approx([8, 0, -8, 0], abs=1)  # the patient's left is on the right from the front
    assert said["spacing_between_planes_mm"] is None
    right = [each["row_direction"] for each in said["images"]]
    np.testing.assert_allclose(right, [(1, 0, 0), (0, 1, 0), (-1, 0, 0), (0, -1, 0)], atol=1e-9)


def test_half_a_turn_ends_on_the_other_side(files, tmp_path):
    _, said = made(files, tmp_path, Reconstruction(Kind.MIP, rotate=3, arc_degrees=180.0))
    right = [each["row_direction"] for each in said["images"]]
    np.testing.assert_allclose(right, [(1, 0, 0), (0, 1, 0), (-1, 0, 0)], atol=1e-9)


CURVE = ((-28.0, 16.0, 95.0), (-26.0, 17.0, 100.0), (-27.0, 16.5, 107.0))


@pytest.mark.parametrize("view", [CurveView.STRAIGHTENED, CurveView.STRETCHED])
def test_a_curve_is_unrolled(files, tmp_path, view):
    asked = Reconstruction(
        Kind.CURVED, points_mm=CURVE, curve_view=view, width_mm=4.0, spacing_mm=0.5, rotate=2
    )
    values, said = made(files, tmp_path, asked)
    assert values.shape[0] == 2
    middle = values.shape[2] // 2
    first = index_ramp(GRID)(np.array(CURVE[0]))
    if view is CurveView.STRAIGHTENED:
        assert values[0][0, middle] == pytest.approx(first, abs=0.5)
    assert said["origin_mm"] is None
    assert said["row_spacing_mm"] == 0.5


def test_sections_lie_across_the_curve(files, tmp_path):
    asked = Reconstruction(
        Kind.CURVED,
        points_mm=CURVE,
        curve_view=CurveView.SECTIONS,
        width_mm=4.0,
        spacing_mm=0.5,
        every_mm=4.0,
    )
    values, said = made(files, tmp_path, asked)
    assert len(values) == 4
    inside = ~np.isnan(values)
    np.testing.assert_allclose(values[inside], index_ramp(GRID)(points_of(said, values))[inside], atol=2)


def test_a_series_of_planes_is_a_volume_again(tmp_path):
    files = write_series(tmp_path / "source", OBLIQUE, index_ramp(OBLIQUE), **PATIENT)
    asked = Reconstruction(Kind.MPR, plane="sagittal")
    (folder,) = made(files, tmp_path, asked, "out", OutputFormat.DICOM)
    (volume,) = load_volumes(sorted(folder.iterdir())).volumes
    points = np.stack(np.indices(volume.shape), -1) @ volume.index_to_patient[:3, :3].T
    points += volume.index_to_patient[:3, 3]
    np.testing.assert_allclose(volume.stored_values, np.rint(index_ramp(OBLIQUE)(points)), atol=1e-3)
    first = pydicom.dcmread(min(folder.iterdir()))
    assert first.SeriesDescription == "MPR sagittal Thorax 3.0"
    assert "volume of 9 slices" in first.DerivationDescription


def test_pictures_are_as_wide_as_the_patient(files, tmp_path):
    asked = Reconstruction(Kind.MIP, plane="coronal")
    (path,) = made(files, tmp_path, asked, "x.png", OutputFormat.PNG, window=Window(0, 500))
    columns, rows = Image.open(path).size
    assert columns / rows == pytest.approx((13 * 0.7) / (8 * 3.0), abs=0.05)


@pytest.mark.parametrize("rotate", [None, 2])
def test_a_projection_without_a_window_is_seen_through_that_of_the_screen(tmp_path, rotate):
    """The window of the planes of an MR makes it white."""
    words = {"Modality": "MR", "WindowCenter": "-100", "WindowWidth": "10"}
    files = write_series(tmp_path / "mr", GRID, index_ramp(GRID), **PATIENT | words)
    asked = Reconstruction(Kind.MIP, plane=None if rotate else "axial", rotate=rotate)
    made(files, tmp_path, asked, "turning", OutputFormat.PNG)
    picture = np.asarray(Image.open(tmp_path / "turning" / "00001.png"))
    assert np.median(picture[picture > 0]) < 250


def test_the_only_image_is_a_file_and_several_are_a_folder(files, tmp_path):
    one = Reconstruction(Kind.MIP, plane="axial")
    (path,) = made(files, tmp_path, one, "one.dcm", OutputFormat.DICOM)
    assert pydicom.dcmread(path).ImageType[2] == "MIP"
    with pytest.raises(BadInput, match="There are 9 images: name a folder"):
        made(files, tmp_path, Reconstruction(Kind.MPR, plane="axial"), "many.dcm", OutputFormat.DICOM)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.dcm", "source"]


def test_progress_goes_from_nothing_to_all(files, tmp_path):
    heard = []
    made(files, tmp_path, Reconstruction(Kind.MPR, plane="axial"), listener=heard.append)
    done = [progress.done for progress in heard]
    assert done == sorted(done)
    assert {progress.total for progress in heard} == {1000}
    assert done[-1] == 1000


def test_cancelling_leaves_nothing(files, tmp_path):
    token = CancelToken()

    def listener(progress):
        if progress.done > 700:
            token.cancel()

    with pytest.raises(Cancelled):
        made(
            files,
            tmp_path,
            Reconstruction(Kind.MPR, plane="axial"),
            "out",
            OutputFormat.DICOM,
            listener=listener,
            token=token,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_several_volumes_are_told_and_chosen(tmp_path):
    phases = write_phases(tmp_path / "source", GRID, [ramp((0, 0, 0), 5), ramp((0, 0, 0), 7)])
    files, told = [path for phase in phases for path in phase], []
    asked = Reconstruction(Kind.MIP, plane="axial")
    values, _ = made(files, tmp_path, asked, tell=told.append)
    assert (values == 5).all()
    assert told[0].startswith("The first of 2 volumes; --volume N takes another")
    values, _ = made(files, tmp_path, replace(asked, volume=2), "y.npy")
    assert (values == 7).all()
    with pytest.raises(BadInput, match="There is no volume 3: 2 is the last"):
        made(files, tmp_path, replace(asked, volume=3), "z.npy")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"from_mm": 30.0}, "There is no plane from 30 to 24 mm: the volume is from 0 to 24 mm"),
        ({"every_mm": 0.001}, "There would be 24,001 images"),
        ({"spacing_mm": 0.001}, "samples"),
    ],
)
def test_what_cannot_be_is_refused(files, tmp_path, said, sentence):
    with pytest.raises(BadInput, match=sentence):
        made(files, tmp_path, Reconstruction(Kind.MPR, plane="axial", **said))


def test_a_gap_is_refused_with_its_instances(tmp_path):
    files = write_series(tmp_path / "source", GRID, index_ramp(GRID), missing=(4,))
    with pytest.raises(BadInput, match=r"No volume: 1 slice is missing.*instances"):
        made(files, tmp_path, Reconstruction(Kind.MPR, plane="axial"))
    values, _ = made(files, tmp_path, Reconstruction(Kind.MPR, plane="axial", resample=True))
    assert len(values) == 9


def test_nothing_is_written_over(files, tmp_path):
    (tmp_path / "x.json").write_text("mine")
    with pytest.raises(BadInput, match="already"):
        made(files, tmp_path, Reconstruction(Kind.MPR, plane="axial"))
    assert (tmp_path / "x.json").read_text() == "mine"


def test_orders_are_the_same_after_json(tmp_path):
    asked = Reconstruction(
        Kind.CURVED, points_mm=CURVE, curve_view=CurveView.SECTIONS, every_mm=2.5, volume=2
    )
    output = Output(tmp_path / "\udcff", OutputFormat.PNG, Window(40, 400))
    order = Order((tmp_path / "a\udce4", tmp_path / "b"), asked, output, 7)
    assert Order.from_json(json.loads(json.dumps(order.to_json()))) == order
    for wrong in ({}, order.to_json() | {"format": "x"}, order.to_json() | {"asked": {"kind": 3}}):
        with pytest.raises(BadInput):
            Order.from_json(wrong)


def test_what_was_said_is_what_is_kept():
    asked = Reconstruction(Kind.CURVED, points_mm=CURVE, width_mm=30.0)
    assert asked.parameters() == {"points": 3, "width_mm": 30.0}
    assert Reconstruction(Kind.MIP, plane="axial", normal=(1, 0, 0)).parameters()["normal"] == [1, 0, 0]
    assert title_of(Reconstruction(Kind.MIP, rotate=4)) == "MIP turning"


@pytest.mark.parametrize(
    ("name", "said", "surface", "expected"),
    [
        ("out", None, False, OutputFormat.DICOM),
        ("out", "png", False, OutputFormat.PNG),
        ("x.PNG", None, False, OutputFormat.PNG),
        ("x.nii.gz", None, False, OutputFormat.NIFTI),
        ("series 3.0", None, False, OutputFormat.DICOM),
        ("x.stl", None, True, OutputFormat.STL),
        ("x.stl", None, False, None),
        ("x.npy", None, True, None),
        ("out", None, True, None),
        ("out", "npy", False, None),
        ("x.png", "npy", False, None),
        ("x.jpg", None, False, None),
    ],
)
def test_the_name_says_the_format(tmp_path, name, said, surface, expected):
    if expected is not None:
        assert output_format(tmp_path / name, said, surface=surface) is expected
        return
    with pytest.raises(BadInput):
        output_format(tmp_path / name, said, surface=surface)


def test_a_listener_is_not_needed(files, tmp_path):
    made(files, tmp_path, Reconstruction(Kind.MIP, plane="axial"), listener=unheard)
