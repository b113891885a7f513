"""People who never were, and their studies: what tests and pictures of the whole product read.

The files are written by `write_clinic`: generated pixels with known truth (`clinic_images`), always the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import clinic_images as images
from clinic_images import uid
from pydicom.sr.codedict import codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pydicom import Dataset

CT_TODAY, CT_BEFORE = "CT-2", "CT-1"
MR, ULTRASOUND, RADIOGRAPH = "MR-1", "US-1", "CR-1"
AXIAL = "Axial 2.5 mm"
_HOLLIS = ("Hollis^Miriam", "N-10482", "19610324", "F")
_CT_WORDS = "CT chest and upper abdomen with contrast"
_STUDIES: dict[str, tuple[tuple[str, ...], str, str, str, str]] = {
    CT_TODAY: (_HOLLIS, "CT", _CT_WORDS, "20240517", "A240117"),
    CT_BEFORE: (_HOLLIS, "CT", _CT_WORDS, "20230509", "A231094"),
    MR: (("Tanaka^Yuki=田中^雪", "N-10105", "19850619", "F"), "MR", "MR liver", "20240516", "A240108"),
    ULTRASOUND: (("Okafor^Daniel", "N-10377", "19540812", "M"), "US", "US abdomen", "20240517", "A240112"),
    RADIOGRAPH: (
        ("Whitfield^Arthur", "N-04417", "19480930", "M"),
        "CR",
        "Chest, bed side",
        "20240516",
        "A240099",
    ),
}
_SEGMENTED = (14, 36)
"""The first slice with segments, and the first one after them."""
_SEGMENTS = (
    ("Liver", codes.SCT.Organ, codes.SCT.Liver, (60, 45, 40)),
    ("Cyst", codes.SCT.MorphologicallyAbnormalStructure, codes.SCT.Cyst, (75, -10, -45)),
    ("Kidneys", codes.SCT.Organ, codes.SCT.Kidney, (80, -20, 70)),
)


def study_uid(study: str) -> str:
    """Return the Study Instance UID of one of the studies."""
    return uid("study", study)


def series_uid(study: str, description: str) -> str:
    """Return the Series Instance UID of one of the series."""
    return uid("series", study, description)


def write_clinic(folder: Path, *studies: str) -> list[Path]:
    """Write these studies, or all; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for study in studies or tuple(_STUDIES):
        for number, ds in enumerate(_MADE[study](), start=1):
            path = folder / f"{study}-{number:04}.dcm"
            ds.save_as(path, enforce_file_format=True)
            paths.append(path)
    return paths


def _series(study: str, number: int, description: str, **more: Any) -> dict[str, Any]:
    (name, patient_id, birth_date, sex), modality, words, date, accession = _STUDIES[study]
    return {
        "SpecificCharacterSet": "ISO_IR 192",
        "PatientName": name,
        "PatientID": patient_id,
        "PatientBirthDate": birth_date,
        "PatientSex": sex,
        "StudyInstanceUID": study_uid(study),
        "SeriesInstanceUID": series_uid(study, description),
        "FrameOfReferenceUID": uid("frame of reference", study),
        "Modality": modality,
        "StudyDescription": words,
        "SeriesDescription": description,
        "SeriesNumber": number,
        "StudyID": accession[-3:],
        "AccessionNumber": accession,
        "ReferringPhysicianName": "Amsel^Ruth",
        **{f"{what}Date": date for what in ("Study", "Series", "Acquisition", "Content")},
        **{f"{what}Time": "093000" for what in ("Study", "Series", "Acquisition", "Content")},
        "Manufacturer": "Noctis",
        "ManufacturerModelName": "Analytic phantom",
        **more,
    }


def _ct_today() -> Iterator[Dataset]:
    values = images.volume(7)
    scan = {"RescaleType": "HU", "KVP": "120", "BodyPartExamined": "ABDOMEN", "PatientPosition": "HFS"}
    scan |= {"XRayTubeCurrent": "200", "ConvolutionKernel": "STANDARD", "ProtocolName": "Liver"}
    thin = list(images.axial(values, _series(CT_TODAY, 1, AXIAL, SliceThickness=2.5, **scan)))
    yield from thin
    yield from images.coronal(values, _series(CT_TODAY, 2, "Coronal", **scan))
    yield from images.sagittal(values, _series(CT_TODAY, 3, "Sagittal", **scan))
    sharp = _series(
        CT_TODAY, 4, "Lung 5 mm", **scan | {"ConvolutionKernel": "LUNG", "BodyPartExamined": "CHEST"}
    )
    lung = {"WindowCenter": "-600", "WindowWidth": "1500", "SliceThickness": 5}
    yield from images.axial(images.volume(9), sharp | lung, every=2)
    yield _segments(thin)


def _segments(slices: list[Dataset]) -> Dataset:
    import highdicom as hd

    first, last = _SEGMENTED
    for ds in slices:
        ds.PositionReferenceIndicator = ""
    algorithm = hd.AlgorithmIdentificationSequence("Truth", codes.cid7162.ArtificialIntelligence, "1")
    descriptions = [
        hd.seg.SegmentDescription(
            number,
            label,
            category,
            kind,
            hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
            algorithm,
            display_color=hd.color.CIELabColor(*color),
        )
        for number, (label, category, kind, color) in enumerate(_SEGMENTS, start=1)
    ]
    ds = hd.seg.Segmentation(
        slices[first:last],
        images.liver_and_cyst(first, last).astype("uint8"),
        hd.seg.SegmentationTypeValues.BINARY,
        descriptions,
        series_uid(CT_TODAY, "Liver and kidneys"),
        5,
        uid("segments"),
        1,
        "Noctis",
        "Analytic phantom",
        "1",
        "1",
        content_label="LIVER",
        series_description="Liver and kidneys",
    )
    for what in ("Series", "Content"):
        setattr(ds, f"{what}Date", "20240517")
        setattr(ds, f"{what}Time", "094500")
    return ds


def _ct_before() -> Iterator[Dataset]:
    scan = {"RescaleType": "HU", "KVP": "140", "BodyPartExamined": "ABDOMEN", "PatientPosition": "HFS"}
    scan |= {"XRayTubeCurrent": "160", "ConvolutionKernel": "SOFT", "ProtocolName": "Abdomen"}
    series = _series(CT_BEFORE, 1, "Axial 5 mm", SliceThickness=5, **scan)
    yield from images.axial(images.earlier_volume(), series, every=2)


def _mr() -> Iterator[Dataset]:
    scan = {"BodyPartExamined": "ABDOMEN", "PatientPosition": "HFS", "MagneticFieldStrength": "1.5"}
    scan |= {"SliceThickness": 5, "SpacingBetweenSlices": 5}
    t1, t2 = (4, 600, 90, 330, 520, 60), (4, 420, 640, 190, 90, 40)
    yield from images.magnetic(images.volume(7), _series(MR, 1, "T1 axial", **scan), t1)
    yield from images.magnetic(images.volume(9), _series(MR, 2, "T2 axial", **scan), t2)


def _ultrasound() -> Iterable[Dataset]:
    return [images.clip(_series(ULTRASOUND, 1, "Liver, colour Doppler", FrameOfReferenceUID=""))]


def _radiograph() -> Iterable[Dataset]:
    chest = {"BodyPartExamined": "CHEST", "ViewPosition": "AP", "FrameOfReferenceUID": ""}
    return [images.radiograph(_series(RADIOGRAPH, 1, "Chest AP", **chest))]


_MADE = {
    CT_TODAY: _ct_today,
    CT_BEFORE: _ct_before,
    MR: _mr,
    ULTRASOUND: _ultrasound,
    RADIOGRAPH: _radiograph,
}
