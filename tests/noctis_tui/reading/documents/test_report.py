from pathlib import Path

import pytest
from derived_objects import items, saved
from pydicom.data import get_testdata_file

from noctis_tui.reading.documents import report
from noctis_tui.reading.documents.page import TextPage
from noctis_tui.reading.documents.reading import read_document
from noctis_tui.reading.frame_reading import FrameReader, ReadAsText, read_frame
from noctis_tui.reading.stack import FrameRef

COMPREHENSIVE = "1.2.840.10008.5.1.4.1.1.88.33"


def code(value, meaning, scheme="DCM"):
    return items(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def item(kind, name, **value):
    return items(
        ValueType=kind, RelationshipType="CONTAINS", ConceptNameCodeSequence=[code("1", name)], **value
    )


def number(value, unit, meaning):
    return [items(NumericValue=value, MeasurementUnitsCodeSequence=[code(unit, meaning, "UCUM")])]


def written(tmp_path, *content, **more):
    ds = items(
        PatientName="Doe^Jane",
        PatientID="7",
        StudyInstanceUID="1.2.3",
        Modality="SR",
        ValueType="CONTAINER",
        CompletionFlag="COMPLETE",
        VerificationFlag="UNVERIFIED",
        ConceptNameCodeSequence=[code("126000", "Imaging Measurement Report")],
        ContentSequence=list(content),
        **more,
    )
    return saved(ds, tmp_path / "sr.dcm", COMPREHENSIVE)


def lines(path):
    page = read_document(path)
    assert isinstance(page, TextPage)
    return [(line.depth, line.label, line.text) for line in page.lines]


def test_a_content_tree_reads_like_a_report(tmp_path):
    reference = [items(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID="1.2.9")]
    path = written(
        tmp_path,
        item("CONTAINER", "Findings", ContentSequence=[
            item("NUM", "Diameter", MeasuredValueSequence=number("12.5", "mm", "millimeter")),
            item("NUM", "Attenuation", MeasuredValueSequence=number("-40", "[hnsf'U]", "Hounsfield unit")),
            item("NUM", "Count", MeasuredValueSequence=number("3", "1", "no units")),
            item("CODE", "Finding", ConceptCodeSequence=[code("4147007", "Mass", "SCT")]),
            item("TEXT", "Comment", TextValue="two\r\nlines"),
            item("PNAME", "Reader", PersonName="Roe^Richard"),
            item("DATE", "Seen", Date="20260131"),
            item("IMAGE", "Source", ReferencedSOPSequence=reference),
            item("SCOORD", "Outline", GraphicType="POLYLINE", GraphicData=[1.0, 2.0, 3.0, 4.0]),
        ]),
    )  # fmt: skip
    assert lines(path) == [
        (0, "Findings", ""),
        (1, "Diameter", "12.5 mm"),
        (1, "Attenuation", "-40 Hounsfield unit"),
        (1, "Count", "3"),
        (1, "Finding", "Mass"),
        (1, "Comment", "two\nlines"),
        (1, "Reader", "Roe, Richard"),
        (1, "Seen", "2026-01-31"),
        (1, "Source", "CT Image 1.2.9"),
        (1, "Outline", "polyline, 2 points"),
    ]
    page = read_document(path)
    assert page.title == "Imaging Measurement Report"
    assert ("Patient", "Doe, Jane") in page.attributes
    assert ("State", "complete, unverified") in page.attributes
    assert "  Diameter: 12.5 mm" in list(page.plain())


def test_the_viewer_gets_the_page_and_commands_a_sentence(tmp_path):
    path = written(tmp_path, item("TEXT", "Comment", TextValue="hello"))
    assert isinstance(FrameReader().read(FrameRef(path, 0)), TextPage)
    with pytest.raises(
        ReadAsText, match=r"^Imaging Measurement Report has no picture; .* prints it as text\.$"
    ):
        read_frame(path)


def test_text_of_strangers_is_made_visible(tmp_path):
    path = written(
        tmp_path, item("TEXT", "A\x1b]0;b\x07", TextValue="c\x9bd\u202ee"), SpecificCharacterSet="ISO_IR 192"
    )
    ((_, label, text),) = lines(path)
    assert label == "A␛]0;b␇"
    assert text == "c\\x9bd\\u202ee"


def test_deep_and_wide_trees_end(tmp_path, monkeypatch):
    deep = item("TEXT", "Deepest", TextValue="x")
    for _ in range(60):
        deep = item("CONTAINER", "Deeper", ContentSequence=[deep])
    found = lines(written(tmp_path, deep))
    assert found[-1][2] == "What lies deeper is left out."
    monkeypatch.setattr(report, "ITEMS_LIMIT", 10)
    wide = [item("TEXT", "Wide", TextValue=f"{place}") for place in range(50)]
    assert len(lines(written(tmp_path, *wide))) == 10


def test_odd_items_do_not_end_the_report(tmp_path):
    path = written(
        tmp_path,
        items(ValueType="NUM"),
        items(ValueType="NEVER HEARD OF", TextValue="x"),
        items(),
        items(RelationshipType="SELECTED FROM", ReferencedContentItemIdentifier=[1, 2]),
        item("TEXT", "After", TextValue="all"),
    )
    assert lines(path)[-2:] == [(0, "selected from", "see item 1.2"), (0, "After", "all")]


def test_a_list_of_images_is_not_a_wall_of_uids(tmp_path):
    image = items(
        ValueType="IMAGE",
        ReferencedSOPSequence=[
            items(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID="1.2.9")
        ],
    )
    found = lines(written(tmp_path, *[image] * 20))
    assert len(found) == 4
    assert found[-1][2] == "and 17 more images"


def test_an_image_is_no_document():
    assert read_document(Path(get_testdata_file("CT_small.dcm"))) is None


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("sr_suv_qiicr.dcm", "SUVbw: 10.3814 Standardized Uptake Value body weight"),
        ("sr_tid1500_highdicom.dcm", "Diameter: 10.0 mm"),
        ("rt_plan.dcm", "Collimator: 0 °"),
        ("rt_struct.dcm", "5 Heart: organ, 33 contours"),
        ("mr_spectroscopy.dcm", "Nucleus: 1H"),
        ("ann_microscopy.dcm", "Annotations: 2 × point"),
        ("rwvm_qiicr.dcm", "Value: 0.000375125 × stored + 0"),
        ("pr_gsps_softneta.dcm", "Layer: MEASUREMENT_1"),
    ],
)
def test_real_ones(shared_data, name, wanted):
    page = read_document(shared_data / "single" / name)
    assert wanted in [line.strip() for line in page.plain()]
