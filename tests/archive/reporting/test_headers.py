"""Objects about images of every kind: what differs among them, and what their headers say wrongly."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import numpy as np
import phantoms
import pytest
from pydicom import Dataset, dcmread

from archive.annotations.annotation import Annotation, FrameKey, KeyImage, Kind, Layer
from archive.annotations.measurement import Measurement
from archive.reporting.document import Document
from archive.reporting.measured import Appearance, Material, Measured
from archive.reporting.objects import annotations_in, objects_of

GREY, COLOR = np.zeros((16, 16), np.int16), np.zeros((16, 16, 3), np.uint8)
HU = {"RescaleSlope": "1", "RescaleIntercept": "-1024", "RescaleType": "HU"}


def image(number: int, pixels: np.ndarray = GREY, **attributes: Any) -> Dataset:
    uids = {"StudyInstanceUID": "1.2", "SeriesInstanceUID": "1.2.1", "SOPInstanceUID": f"1.2.1.{number}"}
    ds = phantoms.image(pixels, **(uids | attributes))
    file = BytesIO()
    ds.save_as(file, enforce_file_format=True)
    file.seek(0)
    return dcmread(file, stop_before_pixels=True)


def objects_about(images: list[Dataset], frame_number: int = 1) -> list[Dataset]:
    keys = [FrameKey("1.2", "1.2.1", str(ds.SOPInstanceUID), frame_number) for ds in images]
    measured = [
        Measured(
            Annotation(str(uuid4()), key, Kind.LENGTH, ((1, 1), (9, 9))),
            Measurement(Kind.LENGTH, 11.3, "mm", "patient"),
        )
        for key in keys
    ]
    material = Material(
        measured,
        (Layer("Measurements"),),
        [KeyImage(key) for key in keys],
        {str(ds.SOPInstanceUID): ds for ds in images},
    )
    return list(objects_of(material, Document("R"), Appearance()))


def states(objects: list[Dataset]) -> list[Dataset]:
    return [ds for ds in objects if ds.Modality == "PR"]


@pytest.mark.parametrize(
    "others",
    [
        {"RescaleSlope": "2", "RescaleIntercept": "0", "RescaleType": "HU"},
        {},
        {"pixels": np.zeros((20, 30), np.int16), **HU},
        {"pixels": COLOR},
    ],
)
def test_images_that_no_state_is_about_together_have_one_each(others: dict[str, Any]) -> None:
    objects = objects_about([image(1, **HU), image(2, **others)])
    assert [len(states(objects)), len(annotations_in(objects).annotations)] == [2, 2]
    assert "-1024" in {str(ds.get("RescaleIntercept")) for ds in states(objects)}


@pytest.mark.parametrize(
    ("attributes", "shape"),
    [
        ({}, "IDENTITY"),
        ({"PhotometricInterpretation": "MONOCHROME1"}, "INVERSE"),
        ({"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "IDENTITY"}, "IDENTITY"),
        ({"PresentationLUTShape": "INVERSE"}, "INVERSE"),
    ],
)
def test_the_state_turns_no_greys_that_the_image_does_not(attributes: dict[str, Any], shape: str) -> None:
    (state,) = states(objects_about([image(1, **attributes)]))
    assert state.PresentationLUTShape == shape


def test_frames_are_named_also_where_the_class_knows_none() -> None:
    objects = objects_about([image(1, np.zeros((3, 16, 16), np.int16))], frame_number=2)
    found = annotations_in(objects)
    assert {each.frame.frame_number for each in (*found.annotations, *found.key_images)} == {2}
    assert len(found.annotations) == 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "wrong",
    [
        {"PatientBirthDate": "1970-01-01"},
        {"PatientSex": "unknown"},
        {"StudyDate": "garbage", "StudyTime": "99:99"},
        {"SpecificCharacterSet": "NONSENSE"},
        {"AccessionNumber": "x" * 40, "StudyID": "y" * 30},
        {"PatientID": "x" * 80},
    ],
)
def test_what_headers_say_wrongly_is_not_said_again(wrong: dict[str, Any]) -> None:
    from pydicom import config

    with config.disable_value_validation():
        objects = objects_about([image(1, **wrong)])
    assert [ds.Modality for ds in objects] == ["SR", "PR", "KO"]
    assert {str(ds.SpecificCharacterSet) for ds in objects} == {"ISO_IR 192"}


def test_names_stay_what_they_are() -> None:
    latin = image(1, SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Jörg")
    for ds in objects_about([latin]):
        file = BytesIO()
        ds.save_as(file, enforce_file_format=True)
        file.seek(0)
        assert str(dcmread(file).PatientName) == "Müller^Jörg"


def test_layers_come_back_in_the_nearest_of_the_colors_there_are() -> None:
    uids = FrameKey("1.2", "1.2.1", "1.2.1.1", 1)
    shape = Annotation(str(uuid4()), uids, Kind.ARROW, ((1, 1), (9, 9)), layer="Doubts")
    material = Material([Measured(shape)], (Layer("Doubts", 5),), (), {"1.2.1.1": image(1)})
    colors = {3: (64, 200, 255), 5: (255, 96, 96), 6: (255, 150, 60)}
    made = list(objects_of(material, Document("R"), Appearance(colors)))
    assert annotations_in(made, colors).layers == (Layer("Doubts", 5),)
    assert annotations_in(made).layers == (Layer("Doubts", 3),)
