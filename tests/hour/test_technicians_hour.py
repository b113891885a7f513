"""A technician's hour in a real xterm: find, window, measure, annotate, compare, export; by keys alone.

What is read is generated (`clinic`), so that every number is known. `NOCTIS_HOUR_PICTURES=FOLDER` keeps a
picture of each step for people to look at.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import clinic
import numpy as np
import pytest
from clinic import CT_BEFORE, CT_TODAY, RADIOGRAPH, ULTRASOUND, series_uid, study_uid
from clinic_images import uid, volume
from conftest import REPOSITORY, require_program
from hour_screen import (
    PX_PER_MM,
    colored,
    grain,
    has_grown,
    inside,
    is_inverted,
    is_softer,
    redness,
    reference_lines,
    windowed,
)
from PIL import Image
from reading_session import Session
from terminals import PROGRAMS

from archive.annotations.annotation import Kind

pytestmark = pytest.mark.terminal

MIDDLE = 144
"""Column and row where a tool's cross stands first."""
PIXEL_MM = 1.3
STUDY = study_uid(CT_TODAY)


def _noctis(root: Path, *words: str) -> str:
    command = [sys.executable, "-m", "noctis_tui", "--archive", str(root), *words]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "LOGNAME": "reader"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def session(tmp_path):
    require_program("xterm", *PROGRAMS)
    root, home = tmp_path / "archive", tmp_path / "home"
    home.mkdir()
    clinic.write_clinic(tmp_path / "files")
    _noctis(root, "import", str(tmp_path / "files"))
    (root / "noctis.toml").write_text("[receiver]\nport = 0\n")
    kept = os.environ.get("NOCTIS_HOUR_PICTURES")
    with Session(root, home, Path(kept) if kept else None) as session:
        yield session


def test_an_hour_by_keys_alone(session):
    find_the_patient(session)
    plain = look_at_the_liver(session)
    enlarge_and_enhance(session, plain)
    measure(session)
    annotate(session)
    change_and_take_back(session)
    list_what_was_drawn(session)
    show_segments(session)
    look_from_three_sides(session)
    compare_with_the_prior(session)
    read_the_tags(session)
    export(session)
    save_as_dicom(session)
    measure_in_ultrasound(session)
    measure_without_calibration(session)
    find_what_differs(session)
    leave(session)


# ---- the hour


def find_the_patient(session):
    session.sees("5 studies", "Whitfield, Arthur", "Receiving at")
    session.picture("worklist")
    _filter(session, "holl")
    text = session.sees("2 studies", "Hollis, Miriam")
    assert "Whitfield" not in text
    session.picture("filtered")
    session.press("Return")
    session.sees("CT Se 1 Axial 2.5 mm", "1/5 series")


def _filter(session, words):
    session.press("slash", "ctrl+a", "ctrl+k")
    session.type(words)
    session.press("Return")


def look_at_the_liver(session):
    first = session.picture("opened")
    assert not windowed(first, 50, 400)  # no cyst in the first slice
    session.press("2*J", "5*j")
    plain = session.shows("slice 26", lambda pixels: windowed(pixels, 50, 400))  # the file's own
    session.press("2")
    session.shows("lung", lambda pixels: windowed(pixels, -600, 1500))
    session.press("1", "w")
    session.sees("WINDOW", "hl width")
    before = session.shows("soft tissue", lambda pixels: windowed(pixels, 40, 400))
    session.press("3*l", "2*k")
    softer = session.shows("wider and brighter", lambda pixels: is_softer(pixels, before))
    session.press("Escape", "i")
    session.shows("inverted", lambda pixels: is_inverted(pixels, softer))
    session.press("period")
    session.shows("as at first", lambda pixels: np.array_equal(inside(pixels), inside(plain)))
    return plain


def enlarge_and_enhance(session, plain):
    session.press("z", "2*k", "Escape")
    zoom = 1.25**2
    larger = session.shows("larger", lambda pixels: windowed(pixels, 50, 400, zoom))
    assert not windowed(larger, 50, 400)
    session.press("t", "l", "Escape")
    session.shows("moved", lambda pixels: not windowed(pixels, 50, 400, zoom))
    session.press("period", "E")
    session.shows("sharpened", lambda pixels: grain(pixels) > 1.2 * grain(plain))
    session.press("ctrl+e", "x", "Escape", "h")
    session.shows("histogram", lambda pixels: colored(pixels[400:560, 700:], 2).sum() > 100)
    session.press("h")
    session.shows("not enhanced", lambda pixels: np.array_equal(inside(pixels), inside(plain)))


def measure(session):
    session.press("d")
    session.sees("Length · one end")
    session.move(66 - MIDDLE, 129 - MIDDLE)
    session.press("Return")
    session.move(20, 0)
    session.press("Return", "Escape")
    (length,) = session.measured(STUDY, 1)
    assert length.annotation.points == ((66, 129), (86, 129))
    assert length.measurement.value == pytest.approx(20 * PIXEL_MM)  # the cyst's true diameter
    assert length.measurement.calibration == "patient"
    assert length.instance_number == 26
    session.shows("length", lambda pixels: colored(pixels, 3).sum() > 80)
    session.press("e")
    session.move(70 - MIDDLE, 123 - MIDDLE)
    session.press("Return")
    session.move(12, 12)
    session.press("Return", "Escape")
    ellipse = session.measured(STUDY, 2)[1].measurement
    assert ellipse.mean == pytest.approx(volume(7)[25][_disc((76, 129), 6)].mean())
    assert ellipse.mean == pytest.approx(0, abs=3)  # water
    assert ellipse.value_unit == "HU"
    assert ellipse.area_mm2 == pytest.approx(np.pi * (6 * PIXEL_MM) ** 2)
    session.press("a")
    session.move(-30, 0)
    session.press("Return")
    session.move(0, 20)
    session.press("Return")
    session.move(20, 0)
    session.press("Return", "Escape")
    angle = session.measured(STUDY, 3)[2].measurement
    assert (angle.value, angle.unit) == (pytest.approx(90), "deg")
    session.picture("ellipse and angle")


def _disc(center, radius):
    row, column = np.mgrid[:288, :288]
    return (column - center[0]) ** 2 + (row - center[1]) ** 2 <= radius**2


def annotate(session):
    session.press("T")
    session.move(0, -40)
    session.press("Return")
    session.type("simple cyst")
    session.press("Return", "Escape")
    words = session.measured(STUDY, 4)[3].annotation
    assert (words.kind, words.text, words.author) == (Kind.TEXT, "simple cyst", "reader")
    session.press("asterisk")
    (key,) = session.kept(STUDY, lambda kept: len(kept.key_images) == 1).key_images
    assert key.frame == words.frame
    session.picture("annotated key image")


def change_and_take_back(session):
    points = lambda kept: min(kept.annotations, key=lambda each: each.created_at).points  # noqa: E731 - short
    here, there = ((66, 129), (86, 129)), ((69, 129), (89, 129))
    session.press("n", "3*Right")
    session.sees("Length", "Tab point")
    session.picture("moved by three pixels")
    session.press("Escape")
    session.kept(STUDY, lambda kept: points(kept) == there)
    session.press("u")
    session.kept(STUDY, lambda kept: points(kept) == here)
    session.press("ctrl+r")
    session.kept(STUDY, lambda kept: points(kept) == there)
    session.press("u", "n", "x")
    session.kept(STUDY, lambda kept: len(kept.annotations) == 3)
    session.press("u")
    assert points(session.kept(STUDY, lambda kept: len(kept.annotations) == 4)) == here


def list_what_was_drawn(session):
    session.press("M")
    session.sees("Measurements  4 · 1 key image", "26.0 mm", "1.91 cm²", "90.0°", "simple cyst")
    session.press("2*j")
    session.sees("HU")
    session.picture("list of measurements")
    session.press("C")
    session.sees("Copied 4 measurements.")
    session.press("Escape")
    session.sees_no_more("Measurements  4")


def show_segments(session):
    session.press("o")
    session.shows("segments", lambda pixels: redness(pixels) > 10)
    session.press("O")
    session.sees("Liver and kidneys", "Cyst", "Kidneys")
    session.picture("list of objects")
    session.press("O", "o")
    session.terminal.wait_until(lambda pixels: abs(redness(pixels)) < 2)


def look_from_three_sides(session):
    session.press("S")
    session.sees("Coronal", "Sagittal", "Lung 5 mm")
    session.picture("series strip")
    session.press("S", "F", "2", "2")
    session.sees("Se 2 · Coronal", "Se 3 · Sagittal", "Se 4 · Lung 5 mm", "⇄ mm")
    before = session.shows("four panes", lambda pixels: reference_lines(pixels).max() > 150)
    lung = before[340:560, 500:940].astype(int)
    session.press("J")
    session.shows(
        "ten slices on",
        lambda pixels: (
            reference_lines(pixels).max() > 150
            and abs(reference_lines(before).argmax() - reference_lines(pixels).argmax() - 25 * PX_PER_MM) < 2
            and np.abs(pixels[340:560, 500:940] - lung).mean() > 4  # it goes along
        ),
    )
    session.press("K", "f")
    session.sees_no_more("Se 3 · Sagittal")


def compare_with_the_prior(session):
    session.press("ampersand")
    session.sees("Compare with", "2023-05-09", "1 y before")
    session.press("Return")
    session.sees("CURRENT 2024-05-17", "PRIOR 2023-05-09")
    session.shows("compared", has_grown)


def read_the_tags(session):
    session.press("I")
    session.sees("tags", "SOPClassUID", "CT Image Storage")
    session.press("slash")
    session.type("pixelspacing")
    session.press("Return")
    session.sees("match 1 of 1", "1.3\\1.3")
    session.picture("tags")
    session.press("q")
    session.sees("PRIOR")
    session.press("ampersand")
    session.sees("No comparison")
    session.press("Return")
    session.sees_no_more("PRIOR")


def export(session):
    session.press("ctrl+x")
    session.sees("Export", "This image", "1 image, 1 file")
    session.picture("export")
    session.press("Return")
    session.sees("~/noctis-")
    session.press("Return")
    session.sees("Exported to")
    (picture,) = session.home.glob("noctis-*.png")
    _is_slice_26(np.asarray(Image.open(picture)))
    session.press("ctrl+x")
    session.sees("1 image, 1 file")
    session.press("8*j", "Return")
    session.sees("~/noctis-", ".csv")
    session.press("Return")
    session.says("Exported to", ".csv")
    (table,) = session.home.glob("noctis-*.csv")
    rows = list(csv.DictReader(table.open()))
    assert [row["kind"] for row in rows] == ["length", "ellipse", "angle", "text"]
    assert float(rows[0]["value"]) == pytest.approx(26.0)
    assert float(rows[1]["mean"]) == pytest.approx(0, abs=3)


def _is_slice_26(grey):
    values = volume(7)[25].astype(float)
    wanted = np.clip((values - 49.5) / 399 + 0.5, 0, 1) * 255
    assert grey.shape == wanted.shape
    assert np.abs(grey - wanted).max() <= 1


def save_as_dicom(session):
    session.press("ctrl+o")
    session.sees("4 annotations, 1 key image in 3 objects", "1/8 series")
    written = session.objects_beside("CT", STUDY)
    assert set(written) == {"SEG", "SR", "PR", "KO"}
    numbers = [float(each.NumericValue) for each in _items(written["SR"]) if "NumericValue" in each]
    assert any(number == pytest.approx(26.0) for number in numbers)
    (shown,) = written["KO"].CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    slice_26 = uid(series_uid(CT_TODAY, clinic.AXIAL), 26)
    assert shown.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == slice_26
    session.press("5*Right")
    session.sees("6/8 series", "Length: 26.0 mm")
    session.picture("report")


def _items(ds):
    """Yield every item of a report's content tree."""
    for item in ds.get("ContentSequence", ()):
        yield from item.get("MeasuredValueSequence", ())
        yield from _items(item)


def measure_in_ultrasound(session):
    session.press("q")
    _open(session, "okafor")
    session.sees("US Se 1 Liver, colour Doppler")
    session.press("c")
    session.sees("▶ 25/s")
    before = session.terminal.screenshot()
    session.terminal.wait_until(lambda pixels: (inside(pixels) != inside(before)).any())
    session.press("c", "g", "d", "Return")
    session.move(20, 0)
    session.press("Return", "Escape")
    (length,) = session.measured(study_uid(ULTRASOUND), 1)
    assert length.measurement.value == pytest.approx(10.0)
    assert length.measurement.calibration == "ultrasound region"
    session.picture("ultrasound")
    session.press("q")


def measure_without_calibration(session):
    _open(session, "whitf")
    session.sees("CR Se 1 Chest AP")
    session.press("d", "Return")
    session.move(0, 30)
    session.press("Return", "Escape")
    (length,) = session.measured(study_uid(RADIOGRAPH), 1)
    assert (length.measurement.value, length.measurement.unit) == (pytest.approx(30), "px")
    assert not length.measurement.calibration
    session.picture("radiograph")
    session.press("q")


def _open(session, words):
    session.sees("worklist")
    _filter(session, words)
    session.sees("1 study")
    session.press("Return")


def find_what_differs(session):
    session.sees("worklist")
    _filter(session, "holl")
    session.sees("2 studies")
    session.press("space", "j", "space", "D")
    session.sees("KVP", "140", "120")
    session.picture("differences")
    session.press("q")


def leave(session):
    session.sees("2 studies")
    session.press("q")
    session.terminal.wait_until(lambda _: session.terminal.exit_status is not None)
    assert session.terminal.exit_status == 0
    assert study_uid(CT_BEFORE) in _noctis(session.root, "audit", "--json")
