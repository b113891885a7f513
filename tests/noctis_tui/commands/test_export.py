"""What is exported is what the files hold, whatever the format; nothing is written over, nothing half."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from typing import TYPE_CHECKING

import nibabel
import numpy as np
import phantoms
import pydicom
import pytest
from PIL import Image, ImageSequence
from pydicom.data import get_testdata_file

from archive.progress import Cancelled, CancelToken
from noctis_tui.cli import main
from noctis_tui.commands.target_frames import frames_of_target
from noctis_tui.reading.export.formats import Format
from noctis_tui.reading.export.run import export
from noctis_tui.reading.export.target import target_of_stack

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "Unmistakable^Name"


@pytest.fixture
def noctis(monkeypatch, tmp_path, capsys):
    """Runs a command line; returns exit code, stdout and stderr."""

    def run(*arguments) -> tuple[int, str, str]:
        line = ["noctis", "--archive", str(tmp_path / "archive"), *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", line)
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Six oblique slices with a gantry tilt: positions move within the plane, too."""
    folder = tmp_path / "series"
    folder.mkdir()
    volume = np.random.default_rng(3).integers(-900, 3000, (6, 12, 20)).astype(np.int16)
    tilt = np.deg2rad(18)
    for number, plane in enumerate(volume):
        phantoms.write_image(
            folder / f"{9 - number}",
            plane,
            PatientName=SECRET,
            Modality="CT",
            InstanceNumber=number + 1,
            SOPInstanceUID=f"1.2.3.4.{number + 1}",
            SeriesInstanceUID="1.2.3.4",
            StudyInstanceUID="1.2.3",
            ImageOrientationPatient=[1, 0, 0, 0, float(np.cos(tilt)), float(np.sin(tilt))],
            ImagePositionPatient=[-5, -7 + 0.1 * number, 40 + 2.5 * number],
            PixelSpacing=[0.7, 0.6],
            RescaleSlope=1,
            RescaleIntercept=-24,
        )
    return folder


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_volume_has_every_voxel_where_the_slices_say(noctis, series: Path, tmp_path: Path):
    out = tmp_path / "volume.nii.gz"
    assert noctis("export", series, "--out", out)[0] == 0
    image = nibabel.load(out)
    values, to_voxel = np.asanyarray(image.dataobj), np.linalg.inv(image.affine)
    assert values.dtype == np.int16
    for path in series.iterdir():
        ds = pydicom.dcmread(path)
        row_direction, column_direction = np.array(ds.ImageOrientationPatient).reshape(2, 3)
        for row, column in ((0, 0), (3, 17), (11, 2)):
            lps = ds.ImagePositionPatient + row_direction * 0.6 * column + column_direction * 0.7 * row
            voxel = to_voxel @ [-lps[0], -lps[1], lps[2], 1]
            index = np.rint(voxel[:3]).astype(int)
            assert voxel[:3] == pytest.approx(index, abs=1e-3)
            assert values[tuple(index)] == ds.pixel_array[row, column] - 24


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ImagePositionPatient": [-5, -7, 60]}, "mm apart, others"),
        ({"ImageOrientationPatient": [1, 0, 0, 0, 0, 1]}, "different orientations"),
        ({"PixelSpacing": [0.7, 0.7]}, "pixel sizes"),
        ({"ImagePositionPatient": None}, "does not say where it lies"),
    ],
)
def test_what_is_no_volume_says_why(noctis, series: Path, tmp_path: Path, change, sentence):
    path = series / "6"
    ds = pydicom.dcmread(path)
    for keyword, value in change.items():
        setattr(ds, keyword, value)
    ds.save_as(path)
    code, _, said = noctis("export", series, "--out", tmp_path / "volume.nii")
    assert code == 2
    assert sentence in said
    assert not list(tmp_path.glob("*.nii")) + list(tmp_path.glob(".noctis-export*"))


def test_pictures_are_what_render_writes_and_name_nobody(noctis, series: Path, tmp_path: Path):
    out, single = tmp_path / "pictures", tmp_path / "single.png"
    code, said, _ = noctis("export", series, "--out", out, "--format", "png", "--window", 500, 900, "--json")
    assert (code, json.loads(said)["files"]) == (0, 6)
    assert noctis("render", series, "--frame", 3, "--window", 500, 900, "--out", single)[0] == 0
    files = files_below(out)
    assert [file.name for file in files] == [f"{number:05}.png" for number in range(1, 7)]
    assert np.array_equal(Image.open(files[2]), Image.open(single))
    assert all(b"Unmistakable" not in file.read_bytes() for file in files)


def test_sixteen_bits_are_the_window_exactly(noctis, series: Path, tmp_path: Path):
    out = tmp_path / "grey.png"
    arguments = ("--format", "png16", "--frame", 1, "--window", 1000, 1001)
    assert noctis("export", series, "--out", out, *arguments)[0] == 0
    stored = pydicom.dcmread(series / "9").pixel_array - 24.0
    expected = np.rint(np.clip((stored - 999.5) / 1000 + 0.5, 0, 1) * 65535)
    assert np.array_equal(np.array(Image.open(out)), expected)


def test_text_is_burned_in_only_when_it_is_asked_for(noctis, series: Path, tmp_path: Path):
    plain, written = tmp_path / "plain.png", tmp_path / "written.png"
    assert noctis("export", series, "--out", plain, "--frame", 1, "--size", "600x400")[0] == 0
    assert noctis("export", series, "--out", written, "--frame", 1, "--size", "600x400", "--burn-in")[0] == 0
    assert Image.open(plain).size == Image.open(written).size == (600, 400)
    assert Image.open(plain).mode == "L"
    assert not np.array_equal(Image.open(plain).convert("RGB"), Image.open(written).convert("RGB"))


def test_a_gif_plays_as_fast_as_asked(noctis, series: Path, tmp_path: Path):
    out = tmp_path / "clip.gif"
    assert noctis("export", series, "--out", out, "--fps", 5)[0] == 0
    frames = list(ImageSequence.Iterator(Image.open(out)))
    assert len(frames) == 6
    assert {frame.info["duration"] for frame in frames} == {200}


def test_an_mp4_has_every_frame_at_its_time(noctis, series: Path, tmp_path: Path):
    av = pytest.importorskip("av")
    out = tmp_path / "clip.mp4"
    assert noctis("export", series, "--out", out, "--fps", 10, "--size", "301x201")[0] == 0
    with av.open(out) as container:
        frames = list(container.decode(video=0))
    assert [round(frame.time, 3) for frame in frames] == [0, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert (frames[0].width, frames[0].height) == (302, 202)


def test_jpeg_by_the_name(noctis, series: Path, tmp_path: Path):
    out = tmp_path / "one.jpg"
    assert noctis("export", series, "--out", out, "--frame", 2)[0] == 0
    assert Image.open(out).format == "JPEG"


def test_dicom_and_zip_are_the_files_byte_for_byte(noctis, series: Path, tmp_path: Path):
    folder, zipped = tmp_path / "copies", tmp_path / "copies.zip"
    assert noctis("export", series, "--out", folder)[0] == 0
    assert noctis("export", series, "--out", zipped)[0] == 0
    sent = sorted(path.read_bytes() for path in series.iterdir())
    assert sorted(path.read_bytes() for path in files_below(folder)) == sent
    with zipfile.ZipFile(io.BytesIO(zipped.read_bytes())) as archive:
        assert sorted(archive.read(name) for name in archive.namelist()) == sent
        assert all(info.date_time[0] == 1980 for info in archive.infolist())


def test_a_study_of_the_archive_is_exported_and_audited(noctis, series: Path, tmp_path: Path):
    assert noctis("import", series, get_testdata_file("CT_small.dcm"))[0] == 0
    out = tmp_path / "study"
    assert noctis("export", "1.2.3", "--out", out, "--format", "png")[0] == 0
    assert len(files_below(out)) == 6
    code, told, _ = noctis("audit", "--json")
    assert code == 0
    exported = [each for each in json.loads(told) if each["event"] == "exported"]
    assert [each["study_instance_uid"] for each in exported] == ["1.2.3"]


def test_what_is_there_is_not_written_over(noctis, series: Path, tmp_path: Path):
    out = tmp_path / "one.png"
    out.write_text("precious")
    code, _, said = noctis("export", series, "--out", out, "--frame", 1)
    assert (code, out.read_text()) == (2, "precious")
    assert "already" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--out", "a.png"), "There are 6 images"),
        (("--out", "a.tiff"), "cannot be written"),
        (("--out", "a.png", "--frame", "7"), "6 is the last"),
    ],
)
def test_bad_input_is_one_sentence(noctis, series: Path, tmp_path: Path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    code, _, said = noctis("export", series, *arguments)
    assert code == 2
    assert sentence in said
    assert "Traceback" not in said


def test_an_export_that_is_cancelled_leaves_nothing(series: Path, tmp_path: Path):
    token, out = CancelToken(), tmp_path / "pictures"
    target = target_of_stack(frames_of_target(str(series), tmp_path))

    def stop_after_two(progress) -> None:
        if progress.done == 2:
            token.cancel()

    with pytest.raises(Cancelled):
        export(target, out, Format.PNG, listener=stop_after_two, token=token)
    assert not out.exists()
    assert not list(tmp_path.glob(".noctis-export*"))


def test_de_identified_copies_name_nobody_and_keep_their_pixels(noctis, series: Path, tmp_path: Path):
    assert noctis("import", series)[0] == 0
    out = tmp_path / "free.zip"
    code, said, _ = noctis("export", "1.2.3", "--out", out, "--deidentify", "--pseudonym", "T7", "--json")
    assert (code, json.loads(said)["left_out"]) == (0, [])
    with zipfile.ZipFile(out) as archive:
        copies = [pydicom.dcmread(io.BytesIO(archive.read(name))) for name in archive.namelist()]
    assert {str(ds.PatientID) for ds in copies} == {"T7"}
    assert {ds.PatientIdentityRemoved for ds in copies} == {"YES"}
    assert not {str(ds.SOPInstanceUID) for ds in copies} & {f"1.2.3.4.{number}" for number in range(1, 7)}
    sent = {pydicom.dcmread(path).PixelData for path in series.iterdir()}
    assert {ds.PixelData for ds in copies} == sent


def test_what_cannot_be_de_identified_is_left_out_and_named(noctis, series: Path, tmp_path: Path):
    path = series / "6"
    ds = pydicom.dcmread(path)
    ds.BurnedInAnnotation = "YES"
    ds.save_as(path)
    out = tmp_path / "pictures"
    code, said, warned = noctis("export", series, "--out", out, "--format", "png", "--deidentify")
    assert (code, len(files_below(out))) == (0, 5)
    assert "1 instance left out: Its pixels show text" in warned
    assert said.startswith("5 files")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--out", "a", "--format", "png", "--deidentify", "--burn-in"), "not de-identified"),
        (("--out", "a.csv", "--deidentify"), "not de-identified"),
        (("--out", "a", "--pseudonym", "X"), "--deidentify"),
        (("--out", "a", "--deidentify", "--pseudonym", "X^Y"), "pseudonym"),
    ],
)
def test_what_would_tell_the_patient_is_refused(
    noctis, series: Path, tmp_path: Path, monkeypatch, arguments, sentence
):
    monkeypatch.chdir(tmp_path)
    code, _, said = noctis("export", series, *arguments)
    assert code == 2
    assert sentence in said
    assert not list(tmp_path.glob("a*"))
