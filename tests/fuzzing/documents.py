"""Any bytes at all as a report, an encapsulated document, a waveform or another instance without pixels."""

from __future__ import annotations

import re
from contextlib import suppress
from unittest.mock import patch

from derived_objects import items
from fuzzing import drawn_objects
from fuzzing.written import INSTANCE, encoded, file_of, instance

from archive.errors import CannotDecode, NoctisError
from noctis_tui.reading.card import card_of
from noctis_tui.reading.documents import encapsulated
from noctis_tui.reading.documents.page import LINES_LIMIT, TextPage
from noctis_tui.reading.documents.reading import page_count, read_document

LONGEST_INPUT = 4_096
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_STORAGE = "1.2.840.10008.5.1.4.1.1."


def seeds():
    """Give one small instance of each kind, in both VRs."""
    for make in (_report, _pdf, _waveform, _plan, _mapping, _annotations, _spectrum):
        yield encoded(make())
        yield encoded(make(), implicit=True)
    yield from drawn_objects.seeds()


def code(value, meaning, scheme="DCM"):
    """Make an item of a code sequence."""
    return items(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def _report():
    unit = code("mm", "millimeter", "UCUM")
    measured = items(NumericValue="1.5", MeasurementUnitsCodeSequence=[unit])
    reference = items(
        ReferencedSOPClassUID=f"{_STORAGE}2", ReferencedSOPInstanceUID=INSTANCE, ReferencedFrameNumber=2
    )
    name = code("1", "Finding")
    image = items(ValueType="IMAGE", ReferencedSOPSequence=[reference])
    points = items(
        ValueType="SCOORD", GraphicType="POLYLINE", GraphicData=[0, 0, 1, 1], ContentSequence=[image]
    )
    content = [
        items(ValueType="TEXT", ConceptNameCodeSequence=[name], TextValue="Two\nlines"),
        items(ValueType="NUM", ConceptNameCodeSequence=[name], MeasuredValueSequence=[measured]),
        items(ValueType="CODE", ConceptNameCodeSequence=[name], ConceptCodeSequence=[code("2", "Yes")]),
        items(ValueType="DATETIME", ConceptNameCodeSequence=[name], DateTime="20200101120000"),
        items(ValueType="PNAME", ConceptNameCodeSequence=[name], PersonName="A^B"),
        items(ValueType="TCOORD", TemporalRangeType="POINT", ReferencedTimeOffsets=[1, 2]),
        items(RelationshipType="CONTAINS", ReferencedContentItemIdentifier=[1, 2, 3]),
        items(ValueType="CONTAINER", ConceptNameCodeSequence=[name], ContentSequence=[points, image, image]),
    ]
    return instance(
        f"{_STORAGE}88.33",
        ConceptNameCodeSequence=[code("126000", "Imaging Measurement Report")],
        ContentSequence=content,
        CompletionFlag="COMPLETE",
        VerificationFlag="VERIFIED",
        VerifyingObserverSequence=[items(VerifyingObserverName="A^B", VerificationDateTime="20200101120000")],
    )


def _pdf():
    return instance(
        f"{_STORAGE}104.1",
        DocumentTitle="Letter",
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocumentLength=12,
        EncapsulatedDocument=b"%PDF-1.4\n%%EO",
    )


def _waveform():
    channel = items(
        ChannelLabel="I",
        ChannelSourceSequence=[code("2:1", "Lead I", "MDC")],
        ChannelSensitivity="0.5",
        ChannelSensitivityUnitsSequence=[code("uV", "microvolt", "UCUM")],
        ChannelSensitivityCorrectionFactor="1",
        ChannelBaseline="0",
    )
    group = items(
        MultiplexGroupLabel="RHYTHM",
        NumberOfWaveformChannels=2,
        NumberOfWaveformSamples=8,
        SamplingFrequency="100",
        ChannelDefinitionSequence=[channel, channel],
        WaveformBitsAllocated=16,
        WaveformSampleInterpretation="SS",
        WaveformData=bytes(range(32)),
    )
    return instance(f"{_STORAGE}9.1.1", WaveformSequence=[group], AcquisitionDateTime="20200101120000")


def _plan():
    point = items(
        NominalBeamEnergy="6", GantryAngle="10", BeamLimitingDeviceAngle="0", IsocenterPosition=[1, 2, 3]
    )
    beam = items(BeamNumber=1, BeamName="One", NumberOfControlPoints=1, ControlPointSequence=[point])
    used = items(ReferencedBeamNumber=1, BeamMeterset="100", BeamDose="2")
    group = items(
        FractionGroupNumber=1,
        NumberOfFractionsPlanned=30,
        NumberOfBeams=1,
        ReferencedBeamSequence=[used],
    )
    return instance(
        f"{_STORAGE}481.5",
        RTPlanLabel="P",
        RTPlanDate="20200101",
        FractionGroupSequence=[group],
        BeamSequence=[beam],
    )


def _mapping():
    mapping = items(
        LUTLabel="SUV",
        RealWorldValueSlope=1.0,
        RealWorldValueIntercept=0.0,
        RealWorldValueFirstValueMapped=0,
        RealWorldValueLastValueMapped=9,
        MeasurementUnitsCodeSequence=[code("g", "g", "UCUM")],
    )
    referenced = items(RealWorldValueMappingSequence=[mapping], ReferencedImageSequence=[items()])
    return instance(f"{_STORAGE}67", ReferencedImageRealWorldValueMappingSequence=[referenced])


def _annotations():
    group = items(
        AnnotationGroupNumber=1,
        AnnotationGroupLabel="Cells",
        NumberOfAnnotations=5,
        GraphicType="POINT",
        MeasurementsSequence=[items(ConceptNameCodeSequence=[code("1", "Area")])],
    )
    return instance(f"{_STORAGE}91.1", AnnotationGroupSequence=[group], ContentLabel="X")


def _spectrum():
    return instance(
        f"{_STORAGE}4.2",
        Rows=1,
        Columns=1,
        DataPointRows=1,
        DataPointColumns=512,
        ResonantNucleus="1H",
        SpectralWidth=2000.0,
        NumberOfFrames=1,
    )


def _no_pdf(*_):
    raise CannotDecode("Not while fuzzing: another process reads PDF.")


def check(data):
    """Read the first pages; fail when anything but a page, a picture, nothing or a sentence comes."""
    path = file_of(data)
    with patch.multiple(encapsulated, pdf_page_count=_no_pdf, pdf_page_picture=_no_pdf):
        count = page_count(path)
        assert 1 <= count <= 10_000
        for index in sorted({0, count - 1}):
            with suppress(NoctisError):
                page = read_document(path, index)
                if isinstance(page, TextPage):
                    _check_page(page)
    card = card_of(path, "It has no picture.")
    assert not any(_CONTROLS.search(name + value) for name, value in card.attributes)


def _check_page(page):
    assert len(page.lines) <= LINES_LIMIT + 1
    lines = [*page.plain(), page.title, page.reason]
    assert not any(_CONTROLS.search(line) for line in lines)
    "\n".join(lines).encode()
