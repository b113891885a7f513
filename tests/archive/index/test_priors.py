import numpy as np
import pytest
from phantoms import write_image
from pydicom.uid import generate_uid
from viewing import take_in

from archive.index.priors import other_studies
from archive.index.worklist import studies
from archive.local_archive import LocalArchive

PIXELS = np.zeros((4, 4), np.uint8)


@pytest.fixture
def archive():
    with LocalArchive.temporary() as temporary:
        yield temporary


def _others(archive, tmp_path, *patients):
    """The studies that are found beside that of the first patient."""
    files = []
    for number, attributes in enumerate(patients):
        name = f"{number}.dcm"
        about = {"StudyDate": f"2020010{number + 1}", "StudyInstanceUID": generate_uid(), **attributes}
        files.append(write_image(tmp_path / name, PIXELS, StudyDescription=str(number), **about))
    take_in(archive, files)
    first = next(study for study in studies(archive.index) if study.study_description == "0")
    return {other.study.study_description: other.differs for other in other_studies(archive.index, first.id)}


def test_the_same_id_of_the_same_issuer_is_the_same_patient(archive, tmp_path):
    found = _others(
        archive,
        tmp_path,
        {"PatientID": "7", "IssuerOfPatientID": "A"},
        {"PatientID": "7", "IssuerOfPatientID": "A"},
        {"PatientID": "7", "IssuerOfPatientID": "B"},
        {"PatientID": "7"},
        {"PatientID": "70", "IssuerOfPatientID": "A"},
        {"PatientID": "7", "IssuerOfPatientID": "A"},
    )
    assert found == {"5": (), "1": ()}
    assert list(found) == ["5", "1"]  # the latest first


def test_what_is_written_differently_is_named(archive, tmp_path):
    born = {"PatientID": "7", "PatientBirthDate": "19700101", "PatientSex": "F"}
    found = _others(
        archive,
        tmp_path,
        {**born, "PatientName": "Doe^Jane"},
        {**born, "PatientName": "DOE^JANE"},
        {**born, "PatientName": "Roe^Jane"},
        {**born, "PatientName": "Doe^Jane", "PatientBirthDate": "19700102"},
        {**born, "PatientName": "Doe^Jane", "PatientBirthDate": "", "PatientSex": "M"},
    )
    assert found == {"1": (), "2": ("name",), "3": ("birth date",), "4": ("birth date", "sex")}


def test_without_a_patient_id_nobody_is_the_same(archive, tmp_path):
    assert _others(archive, tmp_path, {"PatientID": ""}, {"PatientID": ""}) == {}
