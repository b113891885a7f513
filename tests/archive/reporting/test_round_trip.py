"""Annotations leave as DICOM objects that DCMTK accepts, and come back the same."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from conftest import require_program
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.data import get_testdata_file

from archive.annotations.annotation import Annotation, FrameKey, KeyImage, Kind, Layer
from archive.annotations.measurement import Extent, Measurement
from archive.annotations.measuring import measure
from archive.errors import BadInput
from archive.pixels.frames import ImageFile
from archive.reporting.document import Document, uid_of, uuid_of
from archive.reporting.key_objects import key_object_selection
from archive.reporting.measured import Appearance, Material, Measured
from archive.reporting.presentation_state import presentation_states
from archive.reporting.reading_back import code, content_items, merged
from archive.reporting.report_reading import annotations_in_report, key_images_in_selection
from archive.reporting.state_reading import annotations_in_state
from archive.reporting.structured_report import measurement_report

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

DOCUMENT = Document("Curie^Marie", datetime(2026, 3, 4, 5, 6, 7))
CT = get_testdata_file("CT_small.dcm")
LOOKS = Appearance(
    {3: (64, 200, 255), 5: (255, 96, 96)}, lambda measured: f"{measured.value} {measured.unit}"
)
LAYERS = (Layer("Measurements", 3), Layer("Doubts", 5))
SHAPES: dict[Kind, tuple[tuple[float, float], ...]] = {
    Kind.LENGTH: ((10, 20), (30.25, 40)),
    Kind.POLYLINE: ((10, 20), (30, 40), (31.5, 7)),
    Kind.ANGLE: ((10, 20), (30, 40), (60, 41)),
    Kind.COBB: ((10, 20), (30, 22), (11, 60), (33, 71)),
    Kind.ELLIPSE: ((20, 30), (60, 40)),
    Kind.RECTANGLE: ((20, 30), (60.5, 45)),
    Kind.POLYGON: ((20, 30), (60, 45), (33, 80)),
    Kind.FREEHAND: ((20, 30), (25, 33), (60, 45), (33, 80)),
    Kind.PROBE: ((64, 65),),
    Kind.TEXT: ((64, 65),),
    Kind.ARROW: ((64, 65), (90, 91)),
}
MEASURING = [kind for kind in Kind if kind not in {Kind.TEXT, Kind.ARROW}]


def image() -> Dataset:
    return dcmread(CT, stop_before_pixels=True)


def frame_key() -> FrameKey:
    ds = image()
    return FrameKey(str(ds.StudyInstanceUID), str(ds.SeriesInstanceUID), str(ds.SOPInstanceUID))


def annotation(kind: Kind, text: str = "") -> Annotation:
    words = text or ("Größe, 大きさ?" if kind is Kind.TEXT else "")
    return Annotation(str(uuid4()), frame_key(), kind, SHAPES[kind], words, "Measurements", "Curie^Marie")


def material(annotations: list[Annotation], keys: tuple[KeyImage, ...] = ()) -> Material:
    with ImageFile.open(CT) as opened:  # type: ignore[arg-type] # a name will do
        stored, attributes = opened.stored_values(0), opened.frame_attributes(0)
    measured = [
        Measured(
            each, measure(each.kind, each.points, stored, attributes) if each.kind in MEASURING else None
        )
        for each in annotations
    ]
    ds = image()
    return Material(measured, LAYERS, keys, {str(ds.SOPInstanceUID): ds})


def everything() -> list[Annotation]:
    return [annotation(kind) for kind in Kind]


def written(ds: Dataset, folder: Path) -> Path:
    path = folder / f"{ds.SOPInstanceUID}.dcm"
    ds.save_as(path, enforce_file_format=True)
    return path


def errors(said: str) -> list[str]:
    """Return what a program of DCMTK complains about; not that it knows no UTF-8 and no templates."""
    known = ("does not support this Specific Character Set", "template constraints", "Testing: ")
    lines = (line for line in said.splitlines() if line.startswith(("E:", "W:", "F:")))
    return [line for line in lines if not any(words in line for words in known)]


def same(back: Annotation, sent: Annotation) -> None:
    assert (back.uid, back.frame, back.kind, back.author) == (sent.uid, sent.frame, sent.kind, sent.author)
    for ours, theirs in zip(back.points, sent.points, strict=True):
        assert ours == pytest.approx(theirs, abs=2e-3)


def test_every_measurement_comes_back_from_the_report(tmp_path: Path) -> None:
    sent = [replace(each, text="left kidney") for each in everything()]
    report = dcmread(written(measurement_report(material(sent), DOCUMENT), tmp_path))
    back = {each.uid: each for each in annotations_in_report(report).annotations}
    assert {each.uid for each in sent if each.kind in MEASURING} == set(back)
    for each in sent:
        if each.kind in MEASURING:
            same(back[each.uid], each)
            assert back[each.uid].text == "left kidney"
            assert back[each.uid].created_at == DOCUMENT.made_at.timestamp()


def test_everything_comes_back_from_the_presentation_state(tmp_path: Path) -> None:
    sent = everything()
    sent[0] = replace(sent[0], layer="Doubts", text="β?")
    (state,) = presentation_states(material(sent), DOCUMENT, LOOKS)
    back = annotations_in_state(dcmread(written(state, tmp_path)))
    found = {each.uid: each for each in back.annotations}
    assert set(found) == {each.uid for each in sent}
    for each in sent:
        same(found[each.uid], each)
        assert (found[each.uid].text, found[each.uid].layer) == (each.text, each.layer)
    assert {layer.name for layer in back.layers} == {"Measurements", "Doubts"}


def test_both_together_are_one_annotation_each() -> None:
    sent = everything()
    (state,) = presentation_states(material(sent), DOCUMENT, LOOKS)
    report = measurement_report(material(sent), DOCUMENT)
    together = merged([annotations_in_state(state), annotations_in_report(report)])
    assert sorted(each.uid for each in together.annotations) == sorted(each.uid for each in sent)


def test_key_images_come_back(tmp_path: Path) -> None:
    keys = (KeyImage(frame_key(), "Curie^Marie"),)
    ko = dcmread(written(key_object_selection(material([], keys), DOCUMENT), tmp_path))
    (back,) = key_images_in_selection(ko).key_images
    assert (back.frame, back.author) == (keys[0].frame, "Curie^Marie")


def test_key_frames_of_a_multi_frame_image_come_back() -> None:
    ds = image()
    ds.NumberOfFrames = 5
    keys = tuple(KeyImage(replace(frame_key(), frame_number=number)) for number in (2, 4))
    made = key_object_selection(Material([], (), keys, {str(ds.SOPInstanceUID): ds}), DOCUMENT)
    assert [key.frame.frame_number for key in key_images_in_selection(made).key_images] == [2, 4]


def test_values_of_the_report_are_what_was_measured(tmp_path: Path) -> None:
    require_program("dsr2xml")
    sent = [annotation(Kind.LENGTH), annotation(Kind.ELLIPSE)]
    made = material(sent)
    report = measurement_report(made, DOCUMENT)
    xml = subprocess.run(
        ["dsr2xml", str(written(report, tmp_path))], check=True, capture_output=True, text=True
    )
    assert not errors(xml.stderr)
    for each in made.measured:
        assert each.measurement is not None
        assert each.measurement.value is not None
        assert f"<value>{each.measurement.value:.6g}"[:12] in xml.stdout


def test_a_length_in_a_spectrum_is_reported_along_both_axes(tmp_path: Path) -> None:
    sent = annotation(Kind.LENGTH, "E wave")
    apart = Measurement(Kind.LENGTH, 60.0, "px", extents=(Extent(0.42, "s"), Extent(35.1, "cm/s")))
    known = replace(material([sent]), measured=[Measured(sent, apart)])
    report = dcmread(written(measurement_report(known, DOCUMENT), tmp_path))
    (back,) = annotations_in_report(report).annotations
    same(back, sent)
    said = {
        code(item, "ConceptNameCodeSequence")[0]: str(item.MeasuredValueSequence[0].NumericValue)
        for item, _ in content_items(report)
        if item.get("ValueType") == "NUM"
    }
    assert said == {"110858": "0.42", "110828": "35.1"}


def test_dcmtk_accepts_the_presentation_state(tmp_path: Path) -> None:
    require_program("dcmpschk")
    plain = [replace(each, text="left kidney") for each in everything()]  # it knows Latin 1 at most
    (state,) = presentation_states(material(plain), DOCUMENT, LOOKS)
    checked = subprocess.run(
        ["dcmpschk", str(written(state, tmp_path))], capture_output=True, text=True, check=False
    )
    said = checked.stdout + checked.stderr
    assert checked.returncode == 0, said
    assert "W: Test passed." in said, said


def test_dcmtk_reads_the_key_objects(tmp_path: Path) -> None:
    require_program("dsrdump")
    ko = key_object_selection(material([], (KeyImage(frame_key(), text="see here"),)), DOCUMENT)
    said = subprocess.run(["dsrdump", str(written(ko, tmp_path))], capture_output=True, text=True, check=True)
    assert "see here" in said.stdout
    assert not errors(said.stderr)


def test_nothing_to_say_is_said() -> None:
    for make in (measurement_report, key_object_selection):
        with pytest.raises(BadInput):
            make(material([]), DOCUMENT)
    with pytest.raises(BadInput):
        presentation_states(material([]), DOCUMENT, LOOKS)


def test_an_image_that_is_gone_is_named() -> None:
    with pytest.raises(BadInput, match="no image"):
        measurement_report(replace(material([annotation(Kind.LENGTH)]), images={}), DOCUMENT)


@given(st.uuids())
def test_a_uuid_comes_back_from_its_uid(uuid: object) -> None:
    assert uuid_of(uid_of(str(uuid))) == str(uuid)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([Kind.POLYLINE, Kind.POLYGON, Kind.FREEHAND]),
    st.lists(st.tuples(st.floats(0, 127), st.floats(0, 127)), min_size=3, max_size=30),
)
def test_any_points_come_back(kind: Kind, points: list[tuple[float, float]]) -> None:
    sent = replace(annotation(kind), points=tuple(points))
    (state,) = presentation_states(
        Material([Measured(sent)], LAYERS, (), material([]).images), DOCUMENT, LOOKS
    )
    same(annotations_in_state(state).annotations[0], sent)
