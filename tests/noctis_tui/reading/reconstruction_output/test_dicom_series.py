"""Derived series are placed where they were cut, say what they are, and are accepted by others."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pydicom
import pytest
import SimpleITK
from conftest import require_program
from reconstructed_series import GRID, OBLIQUE, loaded, own_slices
from volume_phantoms import Grid, index_ramp, sampled, sampled_volume

from archive.pixels.voi_lut import Window
from archive.progress import Cancelled, CancelToken
from noctis_tui.imaging.planes.reslicing import reslice
from noctis_tui.imaging.slices import Slice
from noctis_tui.reading.export.request import Watch
from noctis_tui.reading.reconstruction_output.dicom_series import save_dicom_series
from noctis_tui.reading.reconstruction_output.images import Contrast, OutputImage
from noctis_tui.reading.reconstruction_output.whole_values import whole_values
from noctis_tui.reading.volume_loading import load_volumes

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, series, window=Window(40, 400)) -> list[Path]:  # noqa: B008 - frozen
    folder.mkdir()
    save_dicom_series(folder, series, window, Watch(series.count))
    return sorted(folder.iterdir())


@pytest.fixture(params=[GRID, OBLIQUE], ids=["axial", "oblique"])
def grid(request) -> Grid:
    return request.param


def test_our_own_loader_reads_it_back_where_it_was(tmp_path, grid):
    volume, files = loaded(tmp_path / "source", grid)
    paths = written(tmp_path / "out", own_slices(volume, files))
    (again,) = load_volumes(paths).volumes
    np.testing.assert_allclose(again.index_to_patient, volume.index_to_patient, atol=1e-6)
    np.testing.assert_array_equal(
        again.stored_values * again.rescale_slope + again.rescale_intercept,
        np.rint(sampled(grid, index_ramp(grid))),
    )
    assert again.units == "HU"
    assert again.frame_of_reference_uid == volume.frame_of_reference_uid != ""


def test_simpleitk_reads_it_back_where_it_was(tmp_path, grid):
    volume, files = loaded(tmp_path / "source", grid)
    written(tmp_path / "out", own_slices(volume, files))
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path / "out")))
    image = reader.Execute()
    np.testing.assert_array_equal(
        SimpleITK.GetArrayFromImage(image), np.rint(sampled(grid, index_ramp(grid)))
    )
    np.testing.assert_allclose(image.GetOrigin(), grid.point_mm(0, 0, 0), atol=1e-5)
    np.testing.assert_allclose(image.GetSpacing(), (0.7, 0.8, 3.0), atol=1e-5)
    direction = np.reshape(image.GetDirection(), (3, 3))
    np.testing.assert_allclose(direction[:, 0], grid.orientation[:3], atol=1e-6)
    np.testing.assert_allclose(direction[:, 1], grid.orientation[3:], atol=1e-6)


def test_it_says_what_it_is_and_whose(tmp_path):
    private = {"ProtocolName": "Thorax", "PatientComments": "none"}
    volume, files = loaded(tmp_path / "source", **private)
    for path in files.values():
        ds = pydicom.dcmread(path)
        block = ds.private_block(0x0009, "MAKER", create=True)
        block.add_new(1, "LO", "stale")
        ds.add_new("SmallestImagePixelValue", "SS", 3)
        ds.WindowCenter, ds.WindowWidth = 1, 2
        ds.save_as(path)
    source = pydicom.dcmread(next(iter(files.values())))
    paths = written(tmp_path / "out", own_slices(volume, files))
    made = [pydicom.dcmread(path) for path in paths]
    first = made[0]
    for keyword in (
        *("PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate", "AccessionNumber"),
        *("StudyID", "ReferringPhysicianName", "FrameOfReferenceUID", "Manufacturer", "Modality", "KVP"),
        *("ConvolutionKernel", "PatientPosition", "ProtocolName", "PatientComments"),
    ):
        assert first[keyword].value == source[keyword].value, keyword
    assert str(first.PatientName) == "Müller^Jürgen"
    assert first.SpecificCharacterSet == "ISO_IR 192"
    assert list(first.ImageType) == ["DERIVED", "SECONDARY", "MPR"]
    assert first.SeriesDescription == "MPR axial Thorax 3.0"
    assert first.DerivationDescription == "Planes of a volume."
    assert first.DerivationCodeSequence[0].CodeValue == "113072"
    assert first.SliceThickness == 3
    assert (first.WindowCenter, first.WindowWidth) == (40, 400)
    for keyword in ("ExposureTime", "SmallestImagePixelValue"):
        assert keyword not in first
    assert not any(element.tag.is_private for element in first.iterall())
    assert first.SeriesInstanceUID != source.SeriesInstanceUID
    assert len({ds.SeriesInstanceUID for ds in made}) == 1
    assert len({ds.SOPInstanceUID for ds in made} | set(files)) == 2 * len(made)
    assert [ds.InstanceNumber for ds in made] == list(range(1, len(made) + 1))
    for k, ds in enumerate(made):
        assert [each.ReferencedSOPInstanceUID for each in ds.SourceImageSequence] == [
            volume.source_sop_instance_uids[k]
        ]


def test_a_slab_is_as_thick_as_it_is(tmp_path):
    volume, files = loaded(tmp_path / "source")
    series = own_slices(volume, files)
    thick = replace(
        series,
        images=(replace(image, slab_thickness_mm=12.0) for image in series.images),
        contrast=Contrast.MIP,
    )
    ds = pydicom.dcmread(written(tmp_path / "out", thick)[0])
    assert ds.SliceThickness == 12
    assert ds.ImageType[2] == "MIP"
    assert ds.DerivationCodeSequence[0].CodeMeaning == "Maximum intensity projection"


def test_what_lies_outside_is_padding(tmp_path):
    volume, files = loaded(tmp_path / "source")
    own = volume.slice_at(4)
    wide = Slice(own.plane, own.rows + 5, own.columns + 5, own.frame_of_reference_uid)
    image = OutputImage(reslice(volume, wide), 0.8, 0.7, wide)
    series = replace(own_slices(volume, files), images=iter([image]), count=1)
    ds = pydicom.dcmread(written(tmp_path / "out", series)[0])
    outside = np.isnan(image.values)
    assert outside.any()
    assert (ds.pixel_array[outside] == ds.PixelPaddingValue).all()
    assert (ds.pixel_array[~outside] != ds.PixelPaddingValue).all()


def test_a_curve_lies_in_no_plane(tmp_path):
    volume, files = loaded(tmp_path / "source")
    image = OutputImage(np.ones((5, 6), np.float32), 0.5, 0.5)
    series = replace(own_slices(volume, files), images=iter([image]), count=1, contrast=Contrast.CPR)
    ds = pydicom.dcmread(written(tmp_path / "out", series)[0])
    assert ds.SOPClassUID == pydicom.uid.SecondaryCaptureImageStorage
    assert "ImagePositionPatient" not in ds
    assert "FrameOfReferenceUID" not in ds
    assert list(ds.PixelSpacing) == [0.5, 0.5]


@pytest.mark.parametrize("modality", ["MR", "PT", "NM"])
def test_other_modalities_have_what_their_class_demands(tmp_path, modality):
    volume, files = loaded(tmp_path / "source", Modality=modality)
    ds = pydicom.dcmread(written(tmp_path / "out", own_slices(volume, files))[0])
    assert ds.Modality == modality
    assert (
        ds.SOPClassUID
        == {
            "MR": pydicom.uid.MRImageStorage,
            "PT": pydicom.uid.PositronEmissionTomographyImageStorage,
            "NM": pydicom.uid.SecondaryCaptureImageStorage,
        }[modality]
    )
    (again,) = load_volumes(sorted((tmp_path / "out").iterdir())).volumes
    values = again.stored_values * again.rescale_slope + again.rescale_intercept
    np.testing.assert_allclose(values, sampled(GRID, index_ramp(GRID)), atol=1e-3)


@pytest.mark.parametrize("program", ["dcmdump", "dcm2pnm"])
def test_dcmtk_reads_it(tmp_path, program):
    require_program(program)
    volume, files = loaded(tmp_path / "source")
    path = written(tmp_path / "out", own_slices(volume, files))[3]
    more = [tmp_path / "x.pgm"] if program == "dcm2pnm" else []
    ran = subprocess.run([program, path, *more], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "E: " not in ran.stdout + ran.stderr


@pytest.mark.parametrize("modality", ["CT", "MR", "PT", "NM", "curve"])
def test_a_validator_finds_nothing_wrong(tmp_path, modality):
    require_program("dciodvfy")
    volume, files = loaded(tmp_path / "source", Modality="CT" if modality == "curve" else modality)
    series = own_slices(volume, files)
    if modality == "curve":
        curves = (replace(image, grid=None) for image in series.images)
        series = replace(series, images=curves, contrast=Contrast.CPR)
    path = written(tmp_path / "out", series)[3]
    ran = subprocess.run(["dciodvfy", path], capture_output=True, text=True, check=False)
    said = ran.stdout + ran.stderr
    assert "Error" not in said, said


def test_cancelling_ends_it(tmp_path):
    volume, files = loaded(tmp_path / "source")
    token = CancelToken()

    def listener(progress):
        if progress.done == 3:
            token.cancel()

    (tmp_path / "out").mkdir()
    with pytest.raises(Cancelled):
        save_dicom_series(
            tmp_path / "out", own_slices(volume, files), None, Watch(9, listener=listener, token=token)
        )


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.uint8, np.float32])
def test_values_are_kept_as_finely_as_they_were(dtype):
    grid = Grid((3, 4, 5))
    field = index_ramp(grid, first=20, per_index=(9, 7, 5))
    volume = sampled_volume(grid, field, dtype)
    encoding = whole_values(volume)
    stored = encoding.stored(sampled(grid, field).astype(np.float32))
    np.testing.assert_array_equal(stored * encoding.slope + encoding.intercept, sampled(grid, field))
    assert encoding.padding is not None
    assert not (stored == encoding.padding).any()


@pytest.mark.parametrize(("low", "high"), [(0, 65535), (40000, 65535), (-32768, 32767), (-32768, 5)])
def test_the_whole_range_of_16_bits_fits(low, high):
    dtype = np.uint16 if low >= 0 else np.int16
    values = np.array([[[low, high], [low + 1, high - 1]]], dtype)
    volume = replace(sampled_volume(Grid((1, 2, 2)), lambda p: p[..., 0]), stored_values=values)
    encoding = whole_values(volume)
    stored = encoding.stored(values[0].astype(np.float32))
    np.testing.assert_array_equal(stored * encoding.slope + encoding.intercept, values[0])


@pytest.mark.parametrize("factor", [1e-6, 0.37, 1e6])
@pytest.mark.parametrize("sign", [1, -1])
def test_floats_are_spread_over_the_16_bits(factor, sign):
    values = (np.arange(24, dtype=np.float32).reshape(2, 3, 4) * sign * factor).astype(np.float32)
    values[0, 0, 0] = -sign * factor if sign < 0 else values[0, 0, 0]
    volume = replace(sampled_volume(Grid((2, 3, 4)), lambda p: p[..., 0]), stored_values=values)
    encoding = whole_values(volume)
    stored = encoding.stored(values.reshape(6, 4))
    again = stored * encoding.slope + encoding.intercept
    np.testing.assert_allclose(again, values.reshape(6, 4), atol=float(np.abs(values).max()) / 60000)


def test_nothing_but_one_value_is_stored_too():
    for value in (0.0, np.nan, 5.5):
        values = np.full((2, 3, 4), value, np.float32)
        volume = replace(sampled_volume(Grid((2, 3, 4)), lambda p: p[..., 0]), stored_values=values)
        encoding = whole_values(volume)
        stored = encoding.stored(values[0])
        assert np.isnan(value) or np.allclose(stored * encoding.slope + encoding.intercept, value)
