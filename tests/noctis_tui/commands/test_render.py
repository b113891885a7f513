from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import phantoms
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.pixels.processing import apply_modality_lut, apply_windowing

from noctis_tui.cli import main

KEYS = {
    "units",
    "rescale_type",
    "origin_mm",
    "row_direction",
    "column_direction",
    "row_spacing_mm",
    "column_spacing_mm",
    "slab_thickness_mm",
    "frame_of_reference_uid",
    "source_sop_instance_uids",
}


@pytest.fixture
def noctis(monkeypatch, tmp_path, capsys):
    """Runs a command line; returns exit code and what it said on stderr."""

    def run(*arguments) -> tuple[int, str]:
        line = ["noctis", "--archive", str(tmp_path / "archive"), *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", line)
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code
        return code, capsys.readouterr().err

    return run


def ct() -> Path:
    return Path(get_testdata_file("CT_small.dcm", download=False))


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Five planes whose values are 100 times their number, written in another order than they lie."""
    volume = np.repeat(np.arange(5, dtype=np.int16) * 100, 16 * 24).reshape(5, 16, 24)
    folder = tmp_path / "series"
    paths = phantoms.write_planes(folder, volume, spacing_mm=(2.5, 0.7, 0.6))
    for path, name in zip(paths, "dbeac", strict=True):
        path.rename(folder / name)
    (folder / "notes.txt").write_text("not an image")
    return folder


def test_raw_values_and_geometry_are_the_files(noctis, tmp_path: Path):
    assert noctis("render", ct(), "--raw", tmp_path / "f.npy") == (0, "")
    ds = pydicom.dcmread(ct())
    values = np.load(tmp_path / "f.npy")
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, apply_modality_lut(ds.pixel_array, ds).astype(np.float32))
    sidecar = json.loads((tmp_path / "f.json").read_text())
    assert set(sidecar) == KEYS
    assert sidecar["units"] == "HU"
    assert sidecar["origin_mm"] == [float(value) for value in ds.ImagePositionPatient]
    assert sidecar["row_direction"] + sidecar["column_direction"] == ds.ImageOrientationPatient
    assert [sidecar["row_spacing_mm"], sidecar["column_spacing_mm"]] == ds.PixelSpacing
    assert sidecar["source_sop_instance_uids"] == [ds.SOPInstanceUID]


def test_a_window_gives_one_pixel_a_sample(noctis, tmp_path: Path):
    assert noctis("render", ct(), "--window", 40, 400, "--out", tmp_path / "f.png") == (0, "")
    ds = pydicom.dcmread(ct())
    ds.WindowCenter, ds.WindowWidth = 40, 400
    shown = apply_windowing(apply_modality_lut(ds.pixel_array, ds), ds)
    low, high = (float(value) + ds.RescaleIntercept for value in (-32768, 32767))
    expected = (shown - low) / (high - low) * 255
    with Image.open(tmp_path / "f.png") as picture:
        assert picture.mode == "L"
        assert np.abs(np.asarray(picture) - expected).max() <= 1


def test_a_size_gives_a_pane_with_text(noctis, tmp_path: Path):
    out = tmp_path / "f.png"
    assert noctis("render", ct(), "--size", "400x300", "--preset", "BONE", "--out", out) == (0, "")
    with Image.open(out) as picture:
        assert picture.size == (400, 300)
        assert picture.mode == "RGB"


def test_enhancing_changes_the_picture_and_no_value(noctis, tmp_path: Path):
    for name, options in {
        "plain": (),
        "clahe": ("--enhance", "CLAHE"),
        "more": ("--enhance", "clahe:90"),
    }.items():
        out = ("--out", tmp_path / f"{name}.png", "--raw", tmp_path / f"{name}.npy")
        assert noctis("render", ct(), *options, *out) == (0, "")
    pictures = {(tmp_path / f"{name}.png").read_bytes() for name in ("plain", "clahe", "more")}
    values = {(tmp_path / f"{name}.npy").read_bytes() for name in ("plain", "clahe", "more")}
    assert (len(pictures), len(values)) == (3, 1)


def test_presets_of_one_s_own_are_known_by_name(noctis, tmp_path: Path, monkeypatch):
    config = tmp_path / "config.toml"
    config.write_text('[[preset]]\nname = "Bony"\nmodality = "CT"\ncenter = 400\nwidth = 1800\n')
    monkeypatch.setenv("NOCTIS_CONFIG", str(config))
    assert noctis("render", ct(), "--preset", "bony", "--out", tmp_path / "own.png") == (0, "")
    assert noctis("render", ct(), "--preset", "bone", "--out", tmp_path / "bone.png") == (0, "")
    assert (tmp_path / "own.png").read_bytes() == (tmp_path / "bone.png").read_bytes()
    code, said = noctis("render", ct(), "--preset", "bonny", "--out", tmp_path / "f.png")
    assert code == 2
    assert "did you mean Bony?" in said


@pytest.mark.parametrize("name", ["sharp", "clahe:9", "clahe:101", "clahe:x", "clahe:²", ""])
def test_what_is_no_enhancement_is_refused(noctis, tmp_path: Path, name: str):
    code, said = noctis("render", ct(), "--enhance", name, "--out", tmp_path / "f.png")
    assert code == 2
    assert "Error" in said


def test_frames_of_a_folder_count_in_reading_order(noctis, series: Path, tmp_path: Path):
    for number in (1, 3, 5):
        assert noctis("render", series, "--frame", number, "--raw", tmp_path / "f.npy") == (0, "")
        assert np.load(tmp_path / "f.npy")[0, 0] == 100 * (number - 1)
    sidecar = json.loads((tmp_path / "f.json").read_text())
    assert sidecar["origin_mm"][2] == 10.0
    assert (sidecar["row_spacing_mm"], sidecar["column_spacing_mm"]) == (0.7, 0.6)


def test_color_is_rgb(noctis, tmp_path: Path):
    path = get_testdata_file("examples_rgb_color.dcm", download=False)
    code, _ = noctis("render", path, "--raw", tmp_path / "f.npy", "--out", tmp_path / "f.png")
    assert code == 0
    values = np.load(tmp_path / "f.npy")
    assert (values.dtype, values.ndim) == (np.uint8, 3)
    np.testing.assert_array_equal(values, pydicom.dcmread(path).pixel_array)
    with Image.open(tmp_path / "f.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), values)


def test_a_frame_without_geometry_says_null(noctis, tmp_path: Path):
    path = phantoms.write_image(tmp_path / "i.dcm", np.zeros((4, 5), np.uint8), Modality="OT")
    assert noctis("render", path, "--raw", tmp_path / "f.npy") == (0, "")
    sidecar = json.loads((tmp_path / "f.json").read_text())
    assert all(sidecar[key] is None for key in ("units", "origin_mm", "row_direction", "row_spacing_mm"))


def test_uids_and_prefixes_name_what_the_archive_holds(noctis, series: Path, tmp_path: Path):
    assert noctis("import", series, "--in-place")[0] == 0
    ds = pydicom.dcmread(series / "a")
    for target, expected in (
        (ds.StudyInstanceUID, 200),
        (ds.SeriesInstanceUID, 200),
        (ds.SeriesInstanceUID[:-4], 200),
    ):
        assert noctis("render", target, "--frame", 3, "--raw", tmp_path / "f.npy") == (0, "")
        assert np.load(tmp_path / "f.npy")[0, 0] == expected
    assert noctis("render", ds.SOPInstanceUID, "--raw", tmp_path / "f.npy") == (0, "")
    np.testing.assert_array_equal(np.load(tmp_path / "f.npy"), ds.pixel_array)
    code, said = noctis("render", "2.25.9.9.9", "--raw", tmp_path / "f.npy")
    assert code == 2
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("absent.dcm", "--out", "f.png"), "no file"),
        (("1.2.3", "--out", "f.png"), "no archive"),
        (("\x1b[31mred\n", "--out", "f.png"), "no file"),
        (("x" * 5000, "--out", "f.png"), "no file"),
        (("CT", "--frame", "2", "--out", "f.png"), "no frame 2"),
        (("CT", "--frame", "0", "--out", "f.png"), "not in the range"),
        (("CT", "--window", "nan", "5", "--out", "f.png"), "width"),
        (("CT", "--window", "5", "-1", "--out", "f.png"), "width"),
        (("CT", "--preset", "lnug", "--out", "f.png"), "did you mean Lung"),
        (("CT", "--preset", "lung", "--window", "1", "2", "--out", "f.png"), "not both"),
        (("CT", "--size", "0x9", "--out", "f.png"), "not a size"),
        (("CT", "--size", "99999x99999", "--out", "f.png"), "not a size"),
        (("CT",), "--out"),
        (("CT", "--out", "absent/f.png"), "cannot be written"),
        (("CT", "--raw", "absent/f.npy"), "cannot be written"),
        (("TEXT", "--out", "f.png"), "not a DICOM file"),
        (("EMPTY", "--out", "f.png"), "no pictures"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(noctis, tmp_path: Path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("hello " * 50)
    (tmp_path / "empty").mkdir()
    places = {"CT": str(ct()), "TEXT": "text", "EMPTY": "empty"}
    code, said = noctis("render", *(places.get(argument, argument) for argument in arguments))
    assert code == 2
    assert sentence in said
    assert "Traceback" not in said
    assert "\x1b" not in said
    assert not (tmp_path / "archive").exists()


def _raw(noctis, tmp_path: Path, *arguments) -> np.ndarray:
    assert noctis("render", *arguments, "--raw", tmp_path / "f.npy")[0] == 0
    return np.load(tmp_path / "f.npy")


def test_frames_of_one_file_keep_their_own_numbers(noctis, tmp_path: Path, shared_data: Path):
    """The file holds its frames from the last slice to the first, which the viewer turns round."""
    path = shared_data / "single/legacy_enh_ct_3f.dcm"
    frames = pydicom.dcmread(path).PerFrameFunctionalGroupsSequence
    for number in (1, 2, 3):
        _raw(noctis, tmp_path, path, "--frame", number)
        position = frames[number - 1].PlanePositionSequence[0].ImagePositionPatient
        assert json.loads((tmp_path / "f.json").read_text())["origin_mm"] == position


def test_a_mosaic_is_its_own_first_frame_and_its_slices_follow(noctis, tmp_path: Path, shared_data: Path):
    path = shared_data / "volumes/mr_mosaic_fmri/IM-0001-0001.dcm"
    whole = pydicom.dcmread(path).pixel_array
    assert np.array_equal(_raw(noctis, tmp_path, path), whole)
    assert np.array_equal(_raw(noctis, tmp_path, path, "--frame", 10), whole[80:160, :80])
    assert _raw(noctis, tmp_path, shared_data / "single/sm_wsi_tiles.dcm", "--frame", 26).shape == (50, 50, 3)


def test_overlay_planes_are_drawn_white_where_no_size_is_asked(noctis, tmp_path: Path, shared_data: Path):
    path = shared_data / "single/overlay_embedded_clunie.dcm"
    out = tmp_path / "f.png"
    assert noctis("render", path, "--window", "2048", "4096", "--out", out)[0] == 0
    picture = np.asarray(Image.open(out))
    values = _raw(noctis, tmp_path, path)
    assert picture.shape == values.shape == (512, 512)  # grey, one pixel a sample
    drawn = np.unpackbits(
        np.frombuffer(pydicom.dcmread(path)[0x6004, 0x3000].value, np.uint8), bitorder="little"
    ).reshape(512, 512)
    assert (picture[drawn == 1] == 255).all()
    assert values[drawn == 1].max() < 4095
