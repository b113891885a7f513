"""The studies of the demo: real images that ship with pydicom, under names of people who do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import FileDataset


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """Who a demo study is of; nobody."""

    name: str
    patient_id: str
    birth_date: str
    sex: str


@dataclass(frozen=True, slots=True)
class DemoSeries:
    """One series: a file of pydicom's, and how it is called here."""

    file: str
    modality: str
    description: str


@dataclass(frozen=True, slots=True)
class DemoStudy:
    """One study of one patient, so many days ago."""

    patient: DemoPatient
    description: str
    accession_number: str
    referring_physician_name: str
    days_ago: int
    time: str
    series: tuple[DemoSeries, ...]


PHANTOM_PATIENT = DemoPatient("Hollis^Miriam", "N-10482", "19610324", "F")
PHANTOM_ACCESSION = "A240117"

DEMO_STUDIES: tuple[DemoStudy, ...] = (
    DemoStudy(
        DemoPatient("Okafor^Daniel", "N-10377", "19540812", "M"),
        "Echocardiography, transthoracic",
        "A240112",
        "Lindqvist^Eva",
        0,
        "081502",
        (DemoSeries("examples_ybr_color.dcm", "US", "Apical, 30 frames"),),
    ),
    DemoStudy(
        DemoPatient("Berger^Jörg", "N-09911", "19790305", "M"),
        "CT head without contrast",
        "A240113",
        "Amsel^Ruth",
        0,
        "084710",
        (
            DemoSeries("J2K_pixelrep_mismatch.dcm", "CT", "Axial 5 mm"),
            DemoSeries("reportsi.dcm", "SR", "Preliminary report"),
        ),
    ),
    DemoStudy(
        DemoPatient("Tanaka^Yuki=田中^雪", "N-10105", "19850619", "F"),
        "MR abdomen, liver dynamic",
        "A240108",
        "Okoye^Grace",
        2,
        "141933",
        (DemoSeries("examples_overlay.dcm", "MR", "T1 post contrast, portal venous"),),
    ),
    DemoStudy(
        DemoPatient("Novák^Jana", "N-08840", "19910227", "F"),
        "US lymph nodes with colour Doppler",
        "A240105",
        "Amsel^Ruth",
        3,
        "110826",
        (DemoSeries("examples_jpeg2k.dcm", "US", "Left groin, power Doppler"),),
    ),
    DemoStudy(
        DemoPatient("Moreau^Camille", "N-10219", "19931104", "F"),
        "US obstetric, first trimester",
        "A240096",
        "Haddad^Leila",
        5,
        "093544",
        (DemoSeries("examples_palette.dcm", "US", "Fetal survey"),),
    ),
    DemoStudy(
        DemoPatient("Whitfield^Arthur", "N-04417", "19480930", "M"),
        "NM bone scan, whole body",
        "A240051",
        "Lindqvist^Eva",
        12,
        "130215",
        (DemoSeries("JPGExtended.dcm", "NM", "Whole body, anterior"),),
    ),
    DemoStudy(
        DemoPatient("Castillo^Inés", "N-07763", "19700118", "F"),
        "CT thoracic spine",
        "A239870",
        "Okoye^Grace",
        41,
        "160958",
        (DemoSeries("CT_small.dcm", "CT", "Axial, bone"),),
    ),
)


_OF_THE_REAL_PATIENT = (
    *("PatientAge", "PatientAddress", "PatientComments", "OtherPatientIDs", "PatientTelephoneNumbers"),
    *("InstitutionName", "InstitutionAddress", "InstitutionalDepartmentName", "OperatorsName"),
    *("PerformingPhysicianName", "AcquisitionDateTime"),
)
"""What would contradict the fictional identity."""


def bundled_file(name: str) -> Path:
    """Return a file that comes with pydicom; nothing is downloaded."""
    from pydicom.data import get_testdata_file  # noqa: PLC0415 - pydicom loads slowly

    found = get_testdata_file(name, download=False)
    if not isinstance(found, str):
        raise FileNotFoundError(f"pydicom does not bring {name} with it.")
    return Path(found)


def instances_of(study: DemoStudy, now: datetime) -> Iterator[FileDataset]:
    """Yield the instances of a demo study under fresh UIDs, its pixels as they are."""
    from pydicom import dcmread  # noqa: PLC0415 - pydicom loads slowly
    from pydicom.uid import generate_uid  # noqa: PLC0415 - the same

    study_uid = generate_uid()
    for number, series in enumerate(study.series, start=1):
        ds = dcmread(bundled_file(series.file))
        _identify(ds, study, now)
        ds.StudyInstanceUID = study_uid
        ds.SeriesInstanceUID, ds.SOPInstanceUID = generate_uid(), generate_uid()
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        ds.Modality, ds.SeriesDescription, ds.SeriesNumber = series.modality, series.description, number
        yield ds


def _identify(ds: FileDataset, study: DemoStudy, now: datetime) -> None:
    day = now - timedelta(days=study.days_ago)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientName, ds.PatientID = study.patient.name, study.patient.patient_id
    ds.PatientBirthDate, ds.PatientSex = study.patient.birth_date, study.patient.sex
    ds.StudyDescription, ds.AccessionNumber = study.description, study.accession_number
    ds.ReferringPhysicianName = study.referring_physician_name
    ds.StudyDate, ds.StudyTime = f"{day:%Y%m%d}", study.time
    for keyword in ("SeriesDate", "AcquisitionDate", "ContentDate"):
        setattr(ds, keyword, ds.StudyDate)
    for keyword in ("SeriesTime", "AcquisitionTime", "ContentTime"):
        setattr(ds, keyword, ds.StudyTime)
    for keyword in _OF_THE_REAL_PATIENT:
        if keyword in ds:
            delattr(ds, keyword)
