"""Any bytes at all as an image: its frames rendered, measured and exported, or refused in a sentence."""

from __future__ import annotations

import re
from contextlib import suppress
from math import isfinite

import numpy as np
from derived_objects import items
from fuzzing.written import encoded, file_of, image
from siemens_headers import csa

from archive.annotations.annotation import Kind
from archive.annotations.measuring import measure
from archive.errors import BadInput, NoctisError
from archive.pixels.frame_order import ordered_frames
from archive.pixels.frames import ImageFile
from archive.pixels.quantity import quantity
from archive.pixels.suv_type import SuvType
from noctis_tui.reading.caption import Caption
from noctis_tui.reading.cine import frames_per_second_of
from noctis_tui.reading.export.frame_pictures import (
    LONGEST_SIDE_PX,
    _natural_size,
    picture_of,
    sixteen_bits,
)
from noctis_tui.reading.export.request import Look
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.measurement_text import measurement_text, probe_text
from noctis_tui.reading.overlay import Whereabouts
from noctis_tui.reading.rendering import render
from noctis_tui.reading.stack import FrameRef
from noctis_tui.reading.viewport import ViewState
from noctis_tui.reading.window_presets import presets_of

LONGEST_INPUT = 4_096
FRAMES_LOOKED_AT = 4
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_CORNERS = ((0.0, 0.0), (3.0, 3.0))


def seeds():
    """Give one small image for each thing that images may say, in both VRs."""
    for make in (_planes, _mosaic, _slide, _ultrasound, _uptake, _enhanced, _colors, _mapped):
        yield encoded(make())
        yield encoded(make(), implicit=True)


def _planes():
    ds = image(
        ShutterShape=["RECTANGULAR", "CIRCULAR", "POLYGONAL"],
        ShutterLeftVerticalEdge=1,
        ShutterRightVerticalEdge=3,
        ShutterUpperHorizontalEdge=1,
        ShutterLowerHorizontalEdge=3,
        CenterOfCircularShutter=[2, 2],
        RadiusOfCircularShutter=2,
        VerticesOfThePolygonalShutter=[1, 1, 1, 3, 3, 3],
        ShutterPresentationValue=65535,
        ModalityLUTSequence=[items(LUTDescriptor=[4, 0, 16], ModalityLUTType="HU", LUTData=bytes(range(8)))],
        VOILUTSequence=[items(LUTDescriptor=[4, 0, 8], LUTExplanation="X", LUTData=bytes(range(8)))],
        PresentationLUTShape="INVERSE",
        BitsStored=12,
        HighBit=11,
        PixelPaddingValue=5,
    )
    for group, data in ((0x6000, b"\x0f\xf0"), (0x6002, None)):
        for element, vr, value in ((0x10, "US", 4), (0x11, "US", 4), (0x40, "CS", "G"), (0x50, "SS", [1, 1])):
            ds.add_new(group << 16 | element, vr, value)
        ds.add_new(group << 16 | 0x100, "US", 1 if data else 16)
        ds.add_new(group << 16 | 0x102, "US", 0 if data else 12)
        if data:
            ds.add_new(group << 16 | 0x3000, "OW", data)
    return ds


def _mosaic():
    ds = image(rows=8, columns=8, ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"], SliceThickness=2)
    protocol = b"### ASCCONV BEGIN ###\nsSliceArray.lSize = 4\nsSliceArray.asSlice[0].sPosition.dTra = 1\n"
    ds.add_new(0x00190010, "LO", "SIEMENS MR HEADER")
    ds.add_new(0x0019100A, "US", 4)
    ds.add_new(0x00290010, "LO", "SIEMENS CSA HEADER")
    values = {"NumberOfImagesInMosaic": ["4"], "SliceNormalVector": ["0", "0", "1"]}
    ds.add_new(0x00291010, "OB", csa(values, slots=3))
    ds.add_new(0x00291020, "OB", protocol + b"### ASCCONV END ###")
    return ds


def _slide():
    where = items(
        ColumnPositionInTotalImagePixelMatrix=5,
        RowPositionInTotalImagePixelMatrix=1,
        XOffsetInSlideCoordinateSystem=1,
    )
    return image(
        "1.2.840.10008.5.1.4.1.1.77.1.6",
        frames=4,
        TotalPixelMatrixColumns=8,
        TotalPixelMatrixRows=8,
        DimensionOrganizationType="TILED_FULL",
        PerFrameFunctionalGroupsSequence=[items(PlanePositionSlideSequence=[where])] * 4,
        TotalPixelMatrixOriginSequence=[
            items(XOffsetInSlideCoordinateSystem=1, YOffsetInSlideCoordinateSystem=1)
        ],
    )


def _ultrasound():
    region = items(
        RegionSpatialFormat=1,
        RegionDataType=1,
        RegionFlags=0,
        RegionLocationMinX0=0,
        RegionLocationMinY0=0,
        RegionLocationMaxX1=3,
        RegionLocationMaxY1=3,
        ReferencePixelX0=1,
        ReferencePixelY0=1,
        PhysicalUnitsXDirection=3,
        PhysicalUnitsYDirection=3,
        PhysicalDeltaX=0.1,
        PhysicalDeltaY=0.1,
    )
    return image(
        "1.2.840.10008.5.1.4.1.1.3.1",
        frames=3,
        bits=8,
        SequenceOfUltrasoundRegions=[region],
        FrameTime="40",
        FrameTimeVector=[0, 40, 80],
        RecommendedDisplayFrameRate=25,
        FrameIncrementPointer=0x00181065,
        Modality="US",
    )


def _uptake():
    tracer = items(
        RadiopharmaceuticalStartTime="100000",
        RadionuclideTotalDose="370000000",
        RadionuclideHalfLife="6586.2",
        RadiopharmaceuticalStartDateTime="20200101100000",
    )
    ds = image(
        "1.2.840.10008.5.1.4.1.1.128",
        Modality="PT",
        Units="BQML",
        DecayCorrection="START",
        CorrectedImage=["ATTN", "DECY"],
        PatientWeight="70",
        PatientSize="1.8",
        PatientSex="F",
        SeriesDate="20200101",
        SeriesTime="110000",
        AcquisitionDate="20200101",
        AcquisitionTime="110000",
        RadiopharmaceuticalInformationSequence=[tracer],
        RescaleSlope="1.5",
        RescaleIntercept="0",
    )
    ds.add_new(0x70530010, "LO", "Philips PET Private Group")
    ds.add_new(0x70531000, "DS", "0.5")
    return ds


def _enhanced():
    frames = [
        items(
            PlanePositionSequence=[items(ImagePositionPatient=[0, 0, place])],
            FrameContentSequence=[
                items(DimensionIndexValues=[1, place], StackID="1", InStackPositionNumber=place)
            ],
            FrameVOILUTSequence=[items(WindowCenter="5", WindowWidth="9")],
            PixelValueTransformationSequence=[items(RescaleSlope="1", RescaleIntercept="0")],
        )
        for place in (2, 1)
    ]
    shared = items(
        PlaneOrientationSequence=[items(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
        PixelMeasuresSequence=[items(PixelSpacing=[1, 2], SliceThickness=1)],
    )
    return image(
        "1.2.840.10008.5.1.4.1.1.4.1",
        frames=2,
        PerFrameFunctionalGroupsSequence=frames,
        SharedFunctionalGroupsSequence=[shared],
        DimensionIndexSequence=[
            items(DimensionIndexPointer=0x00209056, FunctionalGroupPointer=0x00209111),
            items(DimensionIndexPointer=0x00209057, FunctionalGroupPointer=0x00209111),
        ],
    )


def _colors():
    table = {
        f"{name}PaletteColorLookupTable{what}": value
        for name in ("Red", "Green", "Blue")
        for what, value in (("Descriptor", [4, 0, 16]), ("Data", bytes(range(8))))
    }
    segments = bytes((0, 0, 2, 0, 1, 0, 9, 0, 1, 0, 5, 0, 90, 0, 2, 0, 1, 0, 0, 0, 0, 0))
    table["SegmentedRedPaletteColorLookupTableData"] = segments
    return image(bits=8, PhotometricInterpretation="PALETTE COLOR", **table)


def _mapped():
    mapping = items(
        LUTLabel="SUV",
        LUTExplanation="X",
        RealWorldValueFirstValueMapped=0,
        RealWorldValueLastValueMapped=999,
        RealWorldValueSlope=2.0,
        RealWorldValueIntercept=1.0,
        MeasurementUnitsCodeSequence=[
            items(CodeValue="g/ml{SUVbw}", CodingSchemeDesignator="UCUM", CodeMeaning="SUV")
        ],
    )
    return image(RealWorldValueMappingSequence=[mapping], PixelSpacing=None, ImagerPixelSpacing=[1, 2])


def check(data):
    """Look at some frames in every way; fail when anything but a sentence comes."""
    path = file_of(data)
    with suppress(NoctisError), ImageFile.open(path) as opened:
        order = ordered_frames(opened, opened.frame_count)
        assert len(order) <= opened.frame_count
    for index in range(FRAMES_LOOKED_AT):
        try:
            frame = read_frame(path, index)
        except NoctisError:
            continue
        _look_at(frame, FrameRef(path, index))


def _look_at(frame, ref):
    picture = render(frame, ViewState(), 32, 24, whereabouts=Whereabouts(1, 2, None))
    assert picture.pixels.shape[:2] == (24, 32)
    for label in picture.labels:
        assert not CONTROLS.search(label.text), label
    assert isinstance(frame.caption, Caption)
    assert isfinite(frames_per_second_of(frame))
    assert all(isfinite(time) and time > 0 for time in frame.image.frame_times_ms)
    for preset in presets_of(frame, "", uptake=SuvType.BODY_WEIGHT):
        assert preset.window.width > 0
    _measure(frame)
    if ref.frame_index:
        return
    with suppress(NoctisError):
        sixteen_bits(frame, Look())
    with suppress(NoctisError):
        shown = picture_of(frame, ref, Look(), Whereabouts(1, 1, None))
        assert shown.dtype == np.uint8
    assert max(_natural_size(frame)) <= LONGEST_SIDE_PX  # how large it would be with text burned in


def _measure(frame):
    stored = None if frame.is_color else frame.stored_values
    for kind in (Kind.LENGTH, Kind.RECTANGLE, Kind.PROBE):
        points = _CORNERS[:1] if kind is Kind.PROBE else _CORNERS
        try:
            found = measure(kind, points, stored, frame.attributes)
        except BadInput:
            continue  # the image is smaller than the shape
        assert not CONTROLS.search(measurement_text(found) + probe_text(found))
    if stored is not None:
        quantity(stored, frame.attributes)
