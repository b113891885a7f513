"""A study whose every text is an attack on who shows it: an image, and all kinds of objects about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derived_objects import STRUCTURE_SET, items
from fuzzing.documents import code
from fuzzing.written import STUDY, encoded, image, instance
from pydicom.uid import generate_uid

if TYPE_CHECKING:
    from pathlib import Path

MARK = "PWNED"
HOSTILE_TEXT = (
    f"\x1b]0;{MARK}\x07\x1b[31337m\x9b31337m\x9d0;{MARK}\x9c\x1bP{MARK}\x90\u202e\u2066\u200f[@click=app.exit]"
    f"{MARK}[/][/b]\r\n\x0b\x08\x7fשלום"
)
LONG_TEXT = "ALong" + "\u0301" * 2_000 + "Name^" + "W" * 60_000
_SERIES = "1.2.3.2"
_IMAGE_UID = "1.2.3.3"
_REPORT, _STATE, _SELECTION = (f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("88.33", "11.1", "88.59"))
_PDF = "1.2.840.10008.5.1.4.1.1.104.1"


def hostile_files(folder: Path, text: str = HOSTILE_TEXT) -> dict[str, Path]:
    """Write the study; return its files by what they are."""
    made = {
        "image": _image(text),
        "report": _report(text),
        "state": _state(text),
        "selection": _selection(text),
        "structures": _structures(text),
        "document": _document(text),
    }
    paths = {}
    for number, (name, ds) in enumerate(made.items(), 1):
        _add_patient(ds, text)
        ds.SeriesNumber = number
        if name != "image":
            ds.SOPInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
        paths[name] = folder / f"{name}.dcm"
        paths[name].write_bytes(encoded(ds))
    return paths


def _add_patient(ds, text) -> None:
    ds.SpecificCharacterSet = "ISO_IR 192"
    for keyword in (
        *("PatientName", "PatientID", "StudyDescription", "SeriesDescription", "AccessionNumber"),
        *("ReferringPhysicianName", "ProtocolName", "BodyPartExamined", "Manufacturer", "InstitutionName"),
        *("PatientSex", "StudyTime", "PatientBirthDate"),
    ):
        ds.add_new(keyword, "PN" if keyword in {"PatientName", "ReferringPhysicianName"} else "LO", text)
    ds.StudyInstanceUID, ds.StudyDate = STUDY, "20200101"


def _image(text):
    mapping = items(
        RealWorldValueFirstValueMapped=0,
        RealWorldValueLastValueMapped=65535,
        RealWorldValueSlope=2.0,
        RealWorldValueIntercept=1.0,
    )
    mapping.MeasurementUnitsCodeSequence = [_code(text)]
    ds = image(rows=32, columns=32, SOPInstanceUID=_IMAGE_UID, SeriesInstanceUID=_SERIES, Modality="CT")
    ds.RealWorldValueMappingSequence = [mapping]
    ds.WindowCenter, ds.WindowWidth = [50, 90], [100, 200]
    ds.add_new("WindowCenterWidthExplanation", "LO", text)
    ds.add_new(0x00090010, "LO", text)
    ds.add_new(0x00091001, "LO", text)
    return ds


def _as_code(text):
    """Return what pydicom writes as the bytes of a text where it takes no more than ASCII."""
    return text.encode().decode("latin-1")


def _code(text):
    return code(text, text, text)


def _reference():
    return items(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID=_IMAGE_UID)


def _report(text):
    shown = items(ValueType="IMAGE", ReferencedSOPSequence=[_reference()])
    line = items(
        ValueType="SCOORD", GraphicType="POLYLINE", GraphicData=[1, 1, 9, 9], ContentSequence=[shown]
    )
    words = items(ValueType="TEXT", ConceptNameCodeSequence=[code("112039", "Tracking")], TextValue=text)
    group = items(
        ValueType="CONTAINER",
        ConceptNameCodeSequence=[code("125007", "Group")],
        ContentSequence=[words, line],
    )
    said = items(ValueType="TEXT", ConceptNameCodeSequence=[_code(text)], TextValue=text)
    odd = items(ConceptNameCodeSequence=[_code(text)], PersonName=text)
    odd.add_new("ValueType", "CS", _as_code(text))
    return instance(
        _REPORT, Modality="SR", ConceptNameCodeSequence=[_code(text)], ContentSequence=[said, odd, group]
    )


def _state(text):
    line = items(
        GraphicAnnotationUnits="PIXEL", GraphicData=[2, 2, 8, 3], GraphicType="POLYLINE", GraphicFilled="N"
    )
    words = items(AnchorPointAnnotationUnits="PIXEL", AnchorPoint=[3, 3], AnchorPointVisibility="Y")
    words.UnformattedTextValue = text
    annotation = items(
        ReferencedImageSequence=[_reference()], GraphicObjectSequence=[line], TextObjectSequence=[words]
    )
    layer = items(GraphicLayerOrder=1, GraphicLayerDescription=text)
    for item in (annotation, layer):
        item.add_new("GraphicLayer", "CS", _as_code(text))
    images = items(SeriesInstanceUID=_SERIES, ReferencedImageSequence=[_reference()])
    ds = instance(
        _STATE,
        Modality="PR",
        ReferencedSeriesSequence=[images],
        GraphicAnnotationSequence=[annotation],
        GraphicLayerSequence=[layer],
        ContentDescription=text,
        ContentCreatorName=text,
    )
    ds.add_new("ContentLabel", "CS", _as_code(text))
    return ds


def _selection(text):
    described = items(
        ValueType="TEXT", ConceptNameCodeSequence=[code("113012", "Description")], TextValue=text
    )
    shown = items(ValueType="IMAGE", ReferencedSOPSequence=[_reference()])
    return instance(
        _SELECTION,
        Modality="KO",
        ConceptNameCodeSequence=[_code(text)],
        ContentSequence=[described, shown],
    )


def _structures(text):
    contour = items(
        ContourGeometricType="CLOSED_PLANAR",
        ContourData=[2, 2, 0, 20, 2, 0, 20, 20, 0],
        NumberOfContourPoints=3,
    )
    return instance(
        STRUCTURE_SET,
        Modality="RTSTRUCT",
        StructureSetLabel=text,
        StructureSetROISequence=[items(ROINumber=1, ROIName=text, ReferencedFrameOfReferenceUID="1.2.3.4")],
        ROIContourSequence=[items(ReferencedROINumber=1, ContourSequence=[contour])],
        RTROIObservationsSequence=[items(ReferencedROINumber=1, RTROIInterpretedType=_as_code(text))],
        ReferencedFrameOfReferenceSequence=[items(FrameOfReferenceUID="1.2.3.4")],
    )


def _document(text):
    return instance(
        _PDF,
        Modality="DOC",
        DocumentTitle=text,
        MIMETypeOfEncapsulatedDocument=text,
        EncapsulatedDocument=b"no PDF at all",
    )
