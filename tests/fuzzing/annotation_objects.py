"""Any bytes at all as an object that annotations are taken over from: what may be kept comes, or nothing."""

from __future__ import annotations

import traceback

from derived_objects import items
from fuzzing import documents, drawn_objects
from fuzzing.documents import code
from fuzzing.written import INSTANCE, SERIES, encoded, file_of, instance

from archive.errors import NoctisError
from archive.reporting import objects
from archive.reporting.opening import open_object
from archive.reporting.reading_back import merged

LONGEST_INPUT = 4_096
_REPORT = "1.2.840.10008.5.1.4.1.1.88.33"


def seeds():
    """Give a measurement report, and the states, selections and reports of the other targets."""
    yield encoded(_report())
    yield encoded(_report(), implicit=True)
    yield from drawn_objects.seeds()
    yield from list(documents.seeds())[:2]


def _report():
    reference = items(ReferencedSOPInstanceUID=INSTANCE, ReferencedFrameNumber=[1, 2])
    image = items(ValueType="IMAGE", ReferencedSOPSequence=[reference])
    shapes = [
        items(ValueType="SCOORD", GraphicType=kind, GraphicData=points, ContentSequence=[image])
        for kind, points in (
            ("POLYLINE", [0, 0, 1, 1]),
            ("CIRCLE", [2, 2, 2, 3]),
            ("ELLIPSE", [0, 2, 4, 2, 2, 1, 2, 3]),
        )
    ]
    group = items(
        ValueType="CONTAINER",
        ConceptNameCodeSequence=[code("125007", "Measurement Group")],
        ContentSequence=[
            items(ValueType="TEXT", ConceptNameCodeSequence=[code("112039", "Tracking")], TextValue="length"),
            items(ValueType="UIDREF", ConceptNameCodeSequence=[code("112040", "Tracking")], UID="2.25.12345"),
            *shapes,
        ],
    )
    series = items(SeriesInstanceUID=SERIES, ReferencedSOPSequence=[reference])
    return instance(
        _REPORT,
        ContentDate="20200101",
        ContentTime="120000.5",
        ContentSequence=[group],
        CurrentRequestedProcedureEvidenceSequence=[items(ReferencedSeriesSequence=[series])],
    )


def check(data):
    """Take over what is in the object; fail when anything but a sentence comes, or what cannot be kept."""
    try:
        ds = open_object(file_of(data))
    except NoctisError:
        return
    try:
        found = objects._annotations_in(ds, str(ds.get("SOPClassUID", "")), None)
    except Exception as error:
        if "/pydicom/" not in traceback.extract_tb(error.__traceback__)[-1].filename:
            raise
        return  # an element that pydicom cannot read: `annotations_in` leaves the object out
    for annotation in merged([found]).annotations:
        assert annotation.points
        assert annotation.frame.frame_number >= 1
        assert len(annotation.text) <= 1_024
