from __future__ import annotations

from dataclasses import replace

import numpy as np
import pydicom
import pytest
import volume_phantoms as vp
from loaded_volumes import modality, only
from phantoms import image, write_image
from pydicom.uid import ImplicitVRLittleEndian, RLELossless

from archive.progress import Cancelled, CancelToken, Progress
from noctis_tui.reading.stack import FrameRef, Stack
from noctis_tui.reading.volume_loading import LoadingOptions, load_volume, load_volumes, plan_volumes

OBLIQUE = vp.turned(vp.turned(vp.CORONAL, (0, 0, 1), 20), (1, 0, 0), 12)
GRID = vp.Grid((7, 12, 9), (2.5, 0.7, 0.9), OBLIQUE, (-20.5, 31, 12))


@pytest.mark.parametrize("orientation", [vp.AXIAL, vp.CORONAL, vp.SAGITTAL, OBLIQUE])
def test_a_series_becomes_the_volume_that_was_written(tmp_path, orientation):
    grid = replace(GRID, orientation=orientation)
    paths = vp.write_series(tmp_path, grid, vp.index_ramp(grid), rescale=lambda _: (0.5, -1000.0))

    volume = only(load_volumes(reversed(paths)))

    assert np.allclose(volume.index_to_patient, grid.index_to_patient, atol=1e-9)
    assert volume.stored_values.dtype == np.int16
    assert volume.stored_values.flags.c_contiguous
    assert not volume.stored_values.flags.writeable
    assert np.abs(modality(volume) - vp.sampled(grid, vp.index_ramp(grid))).max() < 1e-9
    assert volume.units == "HU"
    assert volume.outside_value == -1024
    uids = [pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID for path in paths]
    assert list(volume.source_sop_instance_uids) == uids


def test_a_stack_of_the_viewer_is_as_good_as_files(tmp_path):
    paths = vp.write_series(tmp_path, GRID, vp.index_ramp(GRID))
    stack = Stack(tuple(FrameRef(path, 0) for path in paths))
    assert only(load_volumes(stack)).shape == GRID.shape


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, RLELossless])
def test_slices_in_other_transfer_syntaxes_are_read_alike(tmp_path, syntax):
    paths = vp.write_series(tmp_path, GRID, vp.index_ramp(GRID))
    expected = only(load_volumes(paths)).stored_values
    for path in paths[::2]:
        ds = pydicom.dcmread(path)
        if syntax == RLELossless:
            ds.compress(syntax)
        else:
            ds.file_meta.TransferSyntaxUID = syntax
        ds.save_as(path, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True)
    assert (only(load_volumes(paths)).stored_values == expected).all()


@pytest.mark.parametrize("reversed_bits", [False, True])
def test_bits_above_the_stored_ones_are_no_values(tmp_path, reversed_bits):
    rng = np.random.default_rng(2)
    values = rng.integers(0, 4096, (4, 6, 8)).astype(np.uint16)
    shared = {
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": int(reversed_bits),
        "FrameOfReferenceUID": "1.2",
    }
    paths = [
        write_image(
            tmp_path / f"{k}",
            plane | (rng.integers(0, 16, plane.shape).astype(np.uint16) << 12),
            **vp.geometry(vp.Grid((4, 6, 8)), k),
            **shared,
        )
        for k, plane in enumerate(values)
    ]
    expected = values.astype(np.int32)
    if reversed_bits:
        expected -= (expected >= 2048) * 4096
    assert (only(load_volumes(paths)).stored_values == expected).all()


def test_slopes_of_each_slice_make_modality_values(tmp_path):
    field = vp.index_ramp(GRID, (30, -6, 4), 1000)
    paths = vp.write_series(tmp_path, GRID, field, rescale=lambda k: (0.5 + k / 4, 10.0 * k))
    volume = only(load_volumes(paths))
    assert volume.stored_values.dtype == np.float32
    assert (volume.rescale_slope, volume.rescale_intercept) == (1, 0)
    expected = [
        ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
        for ds in map(pydicom.dcmread, paths)
    ]
    assert (volume.stored_values == np.array(expected, np.float32)).all()


@pytest.mark.parametrize("along_columns", [0.8, -0.8])
@pytest.mark.parametrize("along_rows", [0.0, 0.45])
def test_a_tilt_is_sheared_out_linearly(tmp_path, along_columns, along_rows):
    grid = replace(GRID, drift_mm=(along_rows, along_columns))
    volume = only(load_volumes(vp.write_series(tmp_path, grid, vp.index_ramp(grid))))
    upright = replace(grid, drift_mm=(0.0, 0.0))
    axes = volume.index_to_patient[:3, :3]
    assert np.allclose(axes, upright.index_to_patient[:3, :3], atol=1e-9)
    rows_columns = np.array(volume.shape[1:])
    assert (rows_columns > np.array(grid.shape[1:])).tolist() == [True, along_rows > 0]

    points = np.stack(np.indices(volume.shape), -1) @ axes.T + volume.index_to_patient[:3, 3]
    into = np.linalg.inv(grid.index_to_patient)
    indices = points @ into[:3, :3].T + into[:3, 3]
    inside = ((indices > -1e-6) & (indices < np.array(grid.shape) - 1 + 1e-6)).all(-1)
    assert inside.mean() > 0.2
    truth = vp.index_ramp(grid)(points)
    assert np.abs(volume.stored_values - truth)[inside].max() < 1e-3
    assert volume.has_gaps
    assert (volume.stored_values[~inside] == volume.padding_range[0]).all()
    assert volume.padding_range[0] == pytest.approx(volume.outside_value, abs=1e-3)


def test_uneven_slices_are_resampled_when_that_is_asked_for(tmp_path):
    grid = replace(GRID, orientation=vp.AXIAL)
    paths = vp.write_series(tmp_path, grid, vp.index_ramp(grid))
    moved = pydicom.dcmread(paths[3])
    moved.ImagePositionPatient[2] += 1.0
    moved.save_as(paths[3])
    assert load_volumes(paths).volumes == ()
    volume = only(load_volumes(paths, options=LoadingOptions(resample_uneven=True)))
    expected = vp.sampled(grid, vp.index_ramp(grid))
    # Slice 3 holds what belonged 1 mm before it: even slices mix it with its neighbours.
    expected[3] = expected[2] + (expected[3] - expected[2]) * 2.5 / 3.5
    assert np.abs(volume.stored_values - expected).max() < 1e-3
    assert np.allclose(volume.index_to_patient, grid.index_to_patient, atol=1e-9)


def test_float_pixels_are_rescaled_once(tmp_path):
    values = np.random.default_rng(4).normal(size=(4, 6, 8)).astype(np.float32)
    paths = []
    for k, plane in enumerate(values):
        ds = image(np.zeros(plane.shape, np.uint16), **vp.geometry(vp.Grid((4, 6, 8)), k), RescaleSlope="2")
        ds.RescaleIntercept, ds.FrameOfReferenceUID, ds.BitsAllocated = "5", "1.2", 32
        for keyword in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
            delattr(ds, keyword)
        ds.FloatPixelData = plane.tobytes()
        paths.append(tmp_path / f"{k}")
        ds.save_as(paths[-1], enforce_file_format=True)
    assert np.allclose(modality(only(load_volumes(paths))), values * 2.0 + 5, atol=1e-6)


def test_bytes_are_kept_as_bytes(tmp_path):
    values = np.random.default_rng(4).integers(0, 256, (4, 5, 7)).astype(np.uint8)
    paths = [
        write_image(tmp_path / f"{k}", plane, **vp.geometry(vp.Grid((4, 5, 7)), k), FrameOfReferenceUID="1.2")
        for k, plane in enumerate(values)
    ]
    volume = only(load_volumes(paths))
    assert volume.stored_values.dtype == np.uint8
    assert (volume.stored_values == values).all()


def test_frames_that_share_one_position_say_nothing_of_their_own(tmp_path):
    path = write_image(tmp_path / "cine", np.zeros((5, 4, 4), np.int16), **vp.geometry(vp.Grid((1, 4, 4)), 0))
    (refusal,) = load_volumes([path]).refusals
    assert refusal.reason == "The images do not say where they lie in the patient."


def test_instances_without_a_uid_are_told_apart_by_their_files(tmp_path):
    paths = vp.write_series(tmp_path, GRID, vp.index_ramp(GRID))
    for path in paths:
        ds = pydicom.dcmread(path)
        del ds.SOPInstanceUID
        ds.save_as(path)
    volume = only(load_volumes(paths))
    assert volume.source_sop_instance_uids == tuple(path.name for path in paths)


def test_padding_keeps_its_value_and_is_told(tmp_path):
    field = vp.index_ramp(GRID)
    paths = vp.write_series(tmp_path, GRID, field, rescale=lambda _: (1.0, -1024.0), PixelPaddingValue=-2000)
    assert only(load_volumes(paths)).padding_range == (-3024, -3024)


def test_padding_is_not_mixed_with_values(tmp_path):
    grid = replace(GRID, orientation=vp.AXIAL, drift_mm=(0.0, 0.35))
    paths = vp.write_series(
        tmp_path, grid, lambda points: np.where(points[..., 0] < -17, -2000.0, 100.0), PixelPaddingValue=-2000
    )
    volume = only(load_volumes(paths))
    assert set(np.unique(volume.stored_values)) == {np.float32(100), np.float32(volume.padding_range[0])}


def test_phases_are_volumes_of_their_own_and_one_can_be_loaded_alone(tmp_path):
    fields = [vp.index_ramp(GRID, first=number) for number in (0, 100, 200)]
    paths = [path for phase in vp.write_phases(tmp_path, GRID, fields) for path in phase]
    series = load_volumes(paths)
    assert series.names == ("time 1/3", "time 2/3", "time 3/3")
    for volume, field in zip(series.volumes, fields, strict=True):
        assert (volume.stored_values == np.rint(vp.sampled(GRID, field))).all()
    plan = plan_volumes(paths)
    assert plan.names == series.names
    assert (load_volume(plan, 1).stored_values == series.volumes[1].stored_values).all()


def test_frames_of_an_enhanced_image_come_in_any_order(tmp_path):
    path = vp.write_enhanced(
        tmp_path / "enhanced", GRID, vp.index_ramp(GRID), order=[3, 0, 6, 1, 5, 2, 4], slope=0.5
    )
    volume = only(load_volumes([path]))
    assert np.allclose(volume.index_to_patient, GRID.index_to_patient, atol=1e-9)
    assert np.abs(modality(volume) - vp.sampled(GRID, vp.index_ramp(GRID))).max() < 1e-9
    assert volume.units == "HU"


def test_a_volume_beyond_the_cap_is_mapped_and_the_same(tmp_path):
    paths = vp.write_series(tmp_path / "series", GRID, vp.index_ramp(GRID))
    (tmp_path / "room").mkdir()
    options = LoadingOptions(memory_limit_bytes=100, temporary_folder=tmp_path / "room")
    volume = only(load_volumes(paths, options=options))
    assert isinstance(volume.stored_values, np.memmap)
    assert (volume.stored_values == only(load_volumes(paths)).stored_values).all()
    assert list((tmp_path / "room").iterdir()) == []


def test_progress_counts_headers_then_slices(tmp_path):
    heard: list[Progress] = []
    paths = vp.write_series(tmp_path, GRID, vp.index_ramp(GRID))
    only(load_volumes(paths, listener=heard.append))
    assert {progress.what for progress in heard} == {"headers", "slices"}
    assert heard[-1] == Progress(7, 7, "slices")


def test_a_cancelled_load_stops_at_the_next_slice(tmp_path):
    paths = vp.write_series(tmp_path, replace(GRID, shape=(40, 12, 9)), vp.ramp((1, 0, 0)))
    token, heard = CancelToken(), []

    def listener(progress):
        heard.append(progress)
        if progress.what == "slices" and progress.done == 5:
            token.cancel()

    with pytest.raises(Cancelled):
        load_volumes(paths, listener=listener, token=token)
    assert max(progress.done for progress in heard if progress.what == "slices") <= 8
    with pytest.raises(Cancelled):
        load_volumes(paths, token=token)


def test_a_slice_that_is_cut_short_refuses_the_volume(tmp_path):
    paths = vp.write_series(tmp_path, GRID, vp.index_ramp(GRID))
    paths[4].write_bytes(paths[4].read_bytes()[:-20])
    series = load_volumes(paths)
    assert series.volumes == ()
    (refusal,) = series.refusals
    assert refusal.reason.startswith(f"Slice 5 of 7 ({paths[4].name}) cannot be read: ")
    assert refusal.sop_instance_uids == (pydicom.dcmread(paths[4], force=True).SOPInstanceUID,)


def test_what_is_no_image_is_refused_beside_the_volume(tmp_path):
    paths = vp.write_series(tmp_path, GRID, vp.index_ramp(GRID))
    (tmp_path / "notes").write_text("nothing")
    series = load_volumes([*paths, tmp_path / "notes", tmp_path / "gone"])
    assert len(series.volumes) == 1
    assert [refusal.reason for refusal in series.refusals] == [
        "This is not a DICOM file.",
        "There is no such file.",
    ]
