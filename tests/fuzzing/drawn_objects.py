"""Any bytes at all as a segmentation, structure set, dose, presentation state."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from math import isfinite

import numpy as np
from derived_objects import DOSE, STRUCTURE_SET, items
from fuzzing.written import CT_CLASS, INSTANCE, PLACE, SERIES, encoded, file_of, image, instance

from archive.errors import NoctisError
from archive.progress import CancelToken
from noctis_tui.reading.derived.contours import StructureSet
from noctis_tui.reading.derived.dose import Dose
from noctis_tui.reading.derived.objects import read_object_header
from noctis_tui.reading.derived.part import Appearance
from noctis_tui.reading.derived.presentation import GRAYSCALE, PresentationState
from noctis_tui.reading.derived.segmentation import Segmentation
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.marks import Stroke, Wash
from noctis_tui.reading.rendering import render
from noctis_tui.reading.stack import FrameRef
from noctis_tui.reading.viewport import ViewState

LONGEST_INPUT = 4_096
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
KEY_OBJECT_SELECTION = "1.2.840.10008.5.1.4.1.1.88.59"
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_IMAGE = {"ReferencedSOPClassUID": CT_CLASS, "ReferencedSOPInstanceUID": INSTANCE}


def seeds():
    """Give one small object of each kind, in both VRs."""
    for make in (_segmentation, _labels, _structures, _dose, _state, _selection):
        yield encoded(make())
        yield encoded(make(), implicit=True)


def _segmentation(kind="BINARY", **more):
    position = {"PlanePositionSequence": [items(ImagePositionPatient=[0, 0, 0])]}
    source = items(SourceImageSequence=[items(**_IMAGE, ReferencedFrameNumber=1)])
    frame = items(
        **position,
        SegmentIdentificationSequence=[items(ReferencedSegmentNumber=1)],
        DerivationImageSequence=[source],
    )
    measures = items(PixelSpacing=[1, 1], SliceThickness=2, SpacingBetweenSlices=2)
    shared = items(
        PixelMeasuresSequence=[measures],
        PlaneOrientationSequence=[items(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
    )
    segment = items(
        SegmentNumber=1, SegmentLabel="Lung", RecommendedDisplayCIELabValue=[30_000, 40_000, 20_000]
    )
    described = {
        "SegmentationType": kind,
        "SegmentSequence": [segment],
        "PerFrameFunctionalGroupsSequence": [frame, frame],
        "SharedFunctionalGroupsSequence": [shared],
    }
    return image(SEGMENTATION, frames=2, bits=more.pop("bits", 1), Modality="SEG", **described, **more)


def _labels():
    table = {
        f"{name}PaletteColorLookupTable{what}": value
        for name in ("Red", "Green", "Blue")
        for what, value in (("Descriptor", [4, 0, 8]), ("Data", bytes(range(4))))
    }
    return _segmentation("LABELMAP", bits=8, PhotometricInterpretation="PALETTE COLOR", **table)


def _structures():
    contour = items(
        ContourImageSequence=[items(**_IMAGE)],
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=3,
        ContourData=[0, 0, 0, 3, 0, 0, 3, 3, 0],
    )
    return instance(
        STRUCTURE_SET,
        StructureSetLabel="Plan",
        StructureSetROISequence=[items(ROINumber=1, ROIName="Cord", ReferencedFrameOfReferenceUID=PLACE)],
        ROIContourSequence=[
            items(ReferencedROINumber=1, ROIDisplayColor=[255, 0, 0], ContourSequence=[contour, contour])
        ],
        RTROIObservationsSequence=[items(ReferencedROINumber=1, RTROIInterpretedType="ORGAN")],
        ReferencedFrameOfReferenceSequence=[
            items(
                FrameOfReferenceUID=PLACE,
                RTReferencedStudySequence=[
                    items(RTReferencedSeriesSequence=[items(SeriesInstanceUID=SERIES)])
                ],
            )
        ],
    )


def _dose():
    return image(
        DOSE,
        frames=2,
        DoseUnits="GY",
        DoseType="PHYSICAL",
        DoseSummationType="PLAN",
        DoseGridScaling="0.001",
        GridFrameOffsetVector=[0, 2],
    )


def _state():
    images = items(SeriesInstanceUID=SERIES, ReferencedImageSequence=[items(**_IMAGE)])
    drawn = [
        items(
            GraphicAnnotationUnits="PIXEL",
            GraphicDimensions=2,
            NumberOfGraphicPoints=len(points) // 2,
            GraphicData=points,
            GraphicType=kind,
            GraphicFilled="Y",
        )
        for kind, points in (
            ("CIRCLE", [2, 2, 2, 3]),
            ("ELLIPSE", [0, 2, 4, 2, 2, 1, 2, 3]),
            ("INTERPOLATED", [0, 0, 1, 1, 3, 0]),
            ("POINT", [1, 1]),
        )
    ]
    words = items(
        BoundingBoxAnnotationUnits="DISPLAY",
        AnchorPointAnnotationUnits="PIXEL",
        UnformattedTextValue="Here",
        BoundingBoxTopLeftHandCorner=[0.1, 0.1],
        BoundingBoxBottomRightHandCorner=[0.5, 0.5],
        AnchorPoint=[1, 1],
        AnchorPointVisibility="Y",
    )
    lut = items(LUTDescriptor=[4, 0, 8], LUTExplanation="X", LUTData=bytes(range(8)))
    return instance(
        GRAYSCALE,
        ReferencedSeriesSequence=[images],
        ModalityLUTSequence=[items(LUTDescriptor=[4, 0, 16], ModalityLUTType="HU", LUTData=bytes(range(8)))],
        ShutterShape=["RECTANGULAR", "CIRCULAR", "POLYGONAL"],
        ShutterLeftVerticalEdge=1,
        ShutterRightVerticalEdge=3,
        ShutterUpperHorizontalEdge=1,
        ShutterLowerHorizontalEdge=3,
        CenterOfCircularShutter=[2, 2],
        RadiusOfCircularShutter=2,
        VerticesOfThePolygonalShutter=[1, 1, 1, 3, 3, 3],
        GraphicAnnotationSequence=[
            items(
                ReferencedImageSequence=[items(**_IMAGE)],
                GraphicLayer="ONE",
                TextObjectSequence=[words],
                GraphicObjectSequence=drawn,
            )
        ],
        DisplayedAreaSelectionSequence=[
            items(
                DisplayedAreaTopLeftHandCorner=[1, 1],
                DisplayedAreaBottomRightHandCorner=[4, 4],
                PresentationSizeMode="SCALE TO FIT",
                PresentationPixelSpacing=[1, 1],
            )
        ],
        GraphicLayerSequence=[items(GraphicLayer="ONE", GraphicLayerOrder=1)],
        ContentLabel="STATE",
        ImageHorizontalFlip="Y",
        ImageRotation=90,
        SoftcopyVOILUTSequence=[items(WindowCenter="5", WindowWidth="9", VOILUTSequence=[lut])],
        PresentationLUTSequence=[items(LUTDescriptor=[4, 0, 8], LUTData=bytes(range(8)))],
    )


def _selection():
    reference = items(**_IMAGE, ReferencedFrameNumber=[1, 2])
    title = items(CodeValue="113000", CodingSchemeDesignator="DCM", CodeMeaning="Of Interest")
    described = items(CodeValue="113012", CodingSchemeDesignator="DCM", CodeMeaning="Description")
    return instance(
        KEY_OBJECT_SELECTION,
        ConceptNameCodeSequence=[title],
        ContentSequence=[
            items(ValueType="TEXT", ConceptNameCodeSequence=[described], TextValue="Look\nhere"),
            items(ValueType="IMAGE", ReferencedSOPSequence=[reference]),
        ],
    )


@cache
def _shown():
    """Return the image that the seeds are about, as the viewer hands it to what draws on it."""
    ds = image(
        SOPInstanceUID=INSTANCE, SeriesInstanceUID=SERIES, SliceThickness=2, WindowCenter=5, WindowWidth=9
    )
    path = file_of(encoded(ds), "image")
    return read_frame(path), FrameRef(path, 0)


def check(data):
    """Open the object as everything that it could be; fail when anything but a sentence comes."""
    path, token = file_of(data), CancelToken()
    with suppress(NoctisError):
        header = read_object_header(path)
        assert not CONTROLS.search(header.name)
    for kind in (Segmentation, StructureSet, Dose):
        with suppress(NoctisError):
            _check_drawn(kind.open(path, token))
    with suppress(NoctisError):
        _check_state(PresentationState.open(path))


def _check_drawn(drawn):
    frame, ref = _shown()
    for part in drawn.parts:
        assert not CONTROLS.search(part.name + part.about), part
        assert all(0 <= level <= 255 for level in part.rgb), part
    _check_marks(drawn.marks_on(frame, ref, Appearance()), frame)


def _check_state(state):
    frame, _ = _shown()
    assert not CONTROLS.search(state.name)
    presented = state.presented(frame)
    view = state.view_of(frame, ViewState(), (32, 24))
    picture = render(presented, view, 32, 24, marks=state.marks_on(frame))
    assert picture.pixels.shape[:2] == (24, 32)


def _check_marks(marks, frame):
    for mark in marks:
        if isinstance(mark, Wash):
            assert mark.rgba.shape == (*frame.stored_values.shape[:2], 4)
            assert mark.rgba.dtype == np.uint8
        elif isinstance(mark, Stroke):
            assert all(isfinite(value) for point in mark.points for value in point)
    render(frame, ViewState(), 32, 24, marks=marks)
