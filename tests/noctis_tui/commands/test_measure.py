"""`noctis measure`: the command line that acceptance reads."""

from __future__ import annotations

import csv
import io
import json
import sys
from math import pi

import numpy as np
import phantoms
import pydicom
import pytest
from measured_frames import disc
from receiver_process import ReceiverProcess

from archive.annotating import annotations_of
from archive.annotations.annotation import Kind
from archive.local_archive import LocalArchive
from noctis_tui.cli import main

ANISOTROPIC = {"PixelSpacing": [0.8, 0.4], "RescaleSlope": "1", "RescaleIntercept": "-1024"}


@pytest.fixture
def noctis(monkeypatch, tmp_path, capsys):
    """Runs a command line; returns exit code, what it printed, and what it said on stderr."""

    def run(*arguments):
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
def file(tmp_path):
    return phantoms.write_image(tmp_path / "i.dcm", disc(64, (32, 32), 12, 1100, 24), **ANISOTROPIC)


@pytest.fixture
def stored(noctis, file):
    """The image in the archive: its data set."""
    assert noctis("import", file)[0] == 0
    return pydicom.dcmread(file)


def measured(noctis, *arguments):
    code, out, err = noctis("measure", *arguments, "--json")
    assert code == 0, err
    return json.loads(out)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("--length 10,10 20,10", {"kind": "length", "value": 4, "unit": "mm", "calibration": "patient"}),
        ("--length 10,10 10,20", {"value": 8}),
        ("--length -0.5,0 .5,0", {"value": 0.4}),
        ("--polyline 0,0 10,0 10,10 0,10", {"kind": "polyline", "value": 16}),
        ("--angle 60,10 10,10 10,60", {"kind": "angle", "value": 90, "unit": "deg"}),
        ("--angle 20,10 10,10 20,15", {"value": 45}),
        ("--cobb 0,0 10,0 0,20 10,25", {"kind": "cobb", "value": 45}),
        ("--probe 32,32", {"kind": "probe", "value": 76, "unit": "HU"}),
        (
            "--roi ellipse 24,24 40,40",
            {
                "kind": "ellipse",
                "value": 64 * pi * 0.32,
                "unit": "mm2",
                "area_mm2": 64 * pi * 0.32,
                "mean": 76,
                "sd": 0,
                "min": 76,
                "max": 76,
                "value_unit": "HU",
            },
        ),
        ("--roi rectangle 0,0 4,4", {"mean": -1000, "count": 25, "area_px": 16, "area_mm2": 16 * 0.32}),
        ("--roi polygon 0,0 4,0 4,4 0,4", {"kind": "polygon", "count": 25, "area_px": 16}),
        ("--roi freehand 0,0 4,0 0,4", {"kind": "freehand", "area_px": 8}),
    ],
)
def test_every_shape_in_a_file(noctis, file, shape, said):
    for words in ((file, *shape.split()), (*shape.split(), file)):
        found = measured(noctis, *words)
        assert {name: found[name] for name in said} == pytest.approx(said)
        assert found["uid"] is None


def test_without_json_it_is_read_by_a_person(noctis, file):
    code, out, err = noctis("measure", file, "--length", "10,10", "20,10")
    assert (code, out) == (0, "length     4 mm (patient)\n")
    assert "Not stored" in err
    _, out, _ = noctis("measure", file, "--roi", "ellipse", "24,24", "40,40")
    assert out.split("\n")[:2] == ["area       64.3398 mm² (patient)", "mean       76 HU"]
    _, out, _ = noctis("measure", file, "--angle", "60,10", "10,10", "10,60")
    assert out == "angle      90° (patient)\n"


def test_without_calibration_it_is_said(noctis, tmp_path):
    bare = phantoms.write_image(tmp_path / "bare.dcm", np.zeros((8, 8), np.uint8))
    _, out, _ = noctis("measure", bare, "--length", "0,0", "3,4")
    assert out == "length     5 px (not calibrated)\n"
    found = measured(noctis, bare, "--length", "0,0", "3,4")
    assert (found["unit"], found["calibration"]) == ("px", None)


def test_padding_is_named(noctis, tmp_path):
    path = phantoms.write_image(tmp_path / "i.dcm", np.zeros((8, 8), np.uint16), PixelPaddingValue=0)
    _, out, _ = noctis("measure", path, "--roi", "rectangle", "0,0", "1,1")
    assert "padding    4 pixels left out" in out
    assert measured(noctis, path, "--probe", "1,1")["value"] is None


def test_a_color_is_told(noctis, tmp_path):
    path = phantoms.write_image(tmp_path / "i.dcm", np.full((8, 8, 3), (1, 2, 3), np.uint8))
    assert measured(noctis, path, "--probe", "1,1")["color"] == [1, 2, 3]
    assert "colour     R 1 G 2 B 3" in noctis("measure", path, "--probe", "1,1")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--length", "1,1", "2,2"], "Missing argument 'TARGET'"),
        (["FILE"], "Say what to measure"),
        (["FILE", "1,1", "2,2"], "Say what to measure"),
        (["FILE", "--length", "--angle", "1,1", "2,2"], "Say what to measure"),
        (["FILE", "--roi", "ellipse", "--length", "1,1", "2,2"], "Say what to measure"),
        (["FILE", "--length", "1,1"], "Length takes 2 points COLUMN,ROW; 1 came"),
        (["FILE", "--probe"], "Probe takes 1 point COLUMN,ROW; 0 came"),
        (["FILE", "--polyline", "1,1"], "Polyline takes 2 or more points"),
        (["FILE", "--length", "1,1", "2,2,3"], "2,2,3 is no point"),
        (["FILE", "--length", "1,1", "nan,inf"], "nan,inf is no point"),
        (["FILE", "--length", "1,1", "1e9,2"], "1e9,2 is no point"),
        (["FILE", "--length", "1,1", "9" * 400 + ",1"], "is no point"),
        (["FILE", "--length", "1,1", "\u0661,2"], "is no point"),
        (["FILE", "--roi", "circle", "1,1", "2,2"], "'circle' is not one of"),
        (["FILE", "--roi", "1,1", "2,2"], "'1,1' is not one of"),
        (["FILE", "--roi", "polygon", "1,1", "2,2"], "Polygon takes 3 or more points"),
        (["FILE", "--lenght", "1,1", "2,2"], "did you mean --length?"),
        (["FILE", "--length", "1,1", "64,2"], "outside the image of 64 columns and 64 rows"),
        (["FILE", "--angle", "1,1", "1,1", "2,2"], "two of its points are the same"),
        (["FILE", "--frame", "2", "--length", "1,1", "2,2"], "There is no frame 2"),
        (["FILE", "--list"], "Nothing is stored beside files"),
        (["FILE", "--list", "--length", "1,1", "2,2"], "give no shape"),
        (["missing.dcm", "--length", "1,1", "2,2"], "no file missing.dcm"),
        (["mis\x1b[31msing", "--length", "1,1", "2,2"], "no file mis"),
    ],
)
def test_what_cannot_be_measured_is_a_sentence(noctis, file, words, sentence):
    code, out, err = noctis("measure", *[file if word == "FILE" else word for word in words])
    assert code == 2
    assert sentence in err
    assert out == ""
    assert "\x1b" not in err
    assert "Traceback" not in err


def test_what_is_measured_in_the_archive_is_stored_there(noctis, stored, tmp_path):
    shape = ("--length", "10,10", "20,10", "--note", "a cyst")
    for target in (
        stored.StudyInstanceUID,
        stored.SeriesInstanceUID,
        stored.SOPInstanceUID,
        stored.StudyInstanceUID[:-3],
    ):
        found = measured(noctis, target, *shape)
        assert found["sop_instance_uid"] == stored.SOPInstanceUID
    with LocalArchive.open(tmp_path / "archive") as archive:
        kept = annotations_of(archive.index, stored.StudyInstanceUID).annotations
    assert len(kept) == 4
    assert kept[-1].uid == found["uid"]
    assert (kept[0].kind, kept[0].points, kept[0].text) == (Kind.LENGTH, ((10, 10), (20, 10)), "a cyst")
    assert kept[0].frame.frame_number == 1
    assert kept[0].created_at == kept[0].modified_at > 1.7e9


def test_what_is_refused_is_not_stored(noctis, stored, tmp_path):
    assert noctis("measure", stored.StudyInstanceUID, "--length", "1,1", "99,1")[0] == 2
    assert noctis("measure", stored.StudyInstanceUID, "--probe", "1,1", "--note", "x" * 2000)[0] == 2
    with LocalArchive.open(tmp_path / "archive") as archive:
        assert annotations_of(archive.index, stored.StudyInstanceUID).annotations == ()


def test_beside_a_receiver_it_is_stored_and_beside_an_import_it_is_busy(noctis, stored, tmp_path):
    shape = (stored.StudyInstanceUID, "--length", "10,10", "20,10")
    with ReceiverProcess(tmp_path / "archive") as receiver:
        assert measured(noctis, *shape)["uid"]
        assert receiver.end() == (0, [], "")
    with LocalArchive.open(tmp_path / "archive") as archive, archive.hold("import"):
        code, _, err = noctis("measure", *shape)
    assert code == 75
    assert "held by import" in err


def test_a_frame_of_a_clip_is_named(noctis, tmp_path):
    clip = phantoms.write_image(tmp_path / "clip.dcm", np.arange(3 * 64, dtype=np.uint8).reshape(3, 8, 8))
    assert noctis("import", clip)[0] == 0
    found = measured(noctis, pydicom.dcmread(clip).SOPInstanceUID, "--probe", "1,0", "--frame", "3")
    assert (found["frame"], found["value"]) == (3, 129)
    code, out, _ = noctis("measure", pydicom.dcmread(clip).StudyInstanceUID, "--list", "--json")
    (listed,) = json.loads(out)
    assert (code, listed["frame"], listed["value"]) == (0, 3, 129)


def test_what_is_stored_is_listed(noctis, stored):
    uid = stored.StudyInstanceUID
    assert json.loads(noctis("measure", uid, "--list", "--json")[1]) == []
    measured(noctis, uid, "--length", "10,10", "20,10", "--note", "=1+1\x1b[31m")
    measured(noctis, uid, "--roi", "rectangle", "0,0", "4,4")
    code, out, _ = noctis("measure", uid, "--list")
    assert code == 0
    assert "4 mm" in out
    assert "-1000 ± 0 HU" in out
    assert "\x1b" not in out
    first, second = json.loads(noctis("measure", stored.SeriesInstanceUID, "--list", "--json")[1])
    assert (first["kind"], first["points"], first["unit"]) == ("length", [[10, 10], [20, 10]], "mm")
    assert (second["kind"], second["mean"], second["area_mm2"]) == ("rectangle", -1000, pytest.approx(5.12))
    code, out, _ = noctis("measure", uid, "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (rows[0]["value"], rows[0]["text"][:5]) == ("4.0", "'=1+1")
    assert "\x1b" not in out
    assert (rows[1]["mean"], rows[1]["value_unit"]) == ("-1000.0", "HU")


def test_what_is_stored_is_listed_without_its_image(noctis, stored, tmp_path):
    uid = stored.StudyInstanceUID
    measured(noctis, uid, "--length", "10,10", "20,10")
    (kept,) = (tmp_path / "archive" / "instances").rglob("*.dcm")
    kept.unlink()
    (listed,) = json.loads(noctis("measure", uid, "--list", "--json")[1])
    assert (listed["kind"], listed["value"]) == ("length", None)
    assert noctis("measure", uid, "--list")[0] == noctis("measure", uid, "--csv")[0] == 0


def test_json_and_csv_are_not_both(noctis, stored):
    assert noctis("measure", stored.StudyInstanceUID, "--csv", "--json")[0] == 2


def test_a_length_in_a_spectrum_says_seconds_and_velocity(noctis, tmp_path):
    region = pydicom.Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 3, 3, 0
    region.RegionLocationMinX0 = region.RegionLocationMinY0 = 0
    region.RegionLocationMaxX1 = region.RegionLocationMaxY1 = 63
    region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection = 4, 7
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.01, -2.5
    path = phantoms.write_image(
        tmp_path / "us.dcm", np.zeros((64, 64), np.uint8), SequenceOfUltrasoundRegions=[region]
    )
    found = measured(noctis, path, "--length", "10,40", "52,10")
    assert (found["unit"], found["calibration"]) == ("px", None)
    assert (found["delta_x"], found["delta_x_unit"]) == (pytest.approx(0.42), "s")
    assert (found["delta_y"], found["delta_y_unit"]) == (pytest.approx(75), "cm/s")
    said = noctis("measure", path, "--length", "10,40", "52,10")[1]
    assert "not calibrated" not in said
    assert "across     0.42 s" in said
    assert "down       75 cm/s" in said


def test_what_is_stored_on_pet_is_told_in_suv_beside_the_unit_of_the_file(noctis, shared_data):
    file = shared_data / "single" / "pt_acrin_flt_029.dcm"
    noctis("import", file)
    uid = pydicom.dcmread(file, stop_before_pixels=True).SOPInstanceUID
    stored = measured(noctis, uid, "--roi", "ellipse", "50,50", "70,70")
    asked = measured(noctis, uid, "--probe", "60,60", "--suv", "bw")
    rows = {row["kind"]: row for row in json.loads(noctis("measure", uid, "--list", "--json")[1])}
    assert rows["ellipse"]["mean"] == stored["mean"]
    assert rows["ellipse"]["value_unit"] == "BQML"
    assert rows["ellipse"]["suv_type"] == rows["probe"]["suv_type"] == "SUVbw"
    assert rows["probe"]["suv_value"] == pytest.approx(asked["value"])
    factor = asked["value"] / rows["probe"]["value"]
    for name in ("mean", "sd", "min", "max"):
        assert rows["ellipse"][f"suv_{name}"] == pytest.approx(stored[name] * factor)
    (first, _) = csv.DictReader(io.StringIO(noctis("measure", uid, "--csv")[1]))
    assert float(first["suv_mean"]) == pytest.approx(rows["ellipse"]["suv_mean"])
    assert noctis("measure", uid, "--list")[1].count("SUVbw") == 2
    assert "SUV" not in noctis("measure", uid, "--list", "--suv", "lbm")[1]  # Patient's Size is missing
