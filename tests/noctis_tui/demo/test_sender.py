"""The demo's studies: real images that ship with pydicom, under clear and fictional identities."""

from __future__ import annotations

from datetime import datetime

import pytest

from archive.pixels.frames import ImageFile
from noctis_tui.demo.studies import DEMO_STUDIES, bundled_file, instances_of

NOW = datetime(2026, 3, 2, 9, 0)


def test_every_study_has_its_own_identity():
    for fact in ("accession_number", "description"):
        assert len({getattr(study, fact) for study in DEMO_STUDIES}) == len(DEMO_STUDIES)
    assert len({study.patient.patient_id for study in DEMO_STUDIES}) == len(DEMO_STUDIES)


@pytest.mark.parametrize("study", DEMO_STUDIES, ids=lambda study: study.accession_number)
def test_instances_belong_together_and_name_nobody_real(study):
    instances = list(instances_of(study, NOW))
    assert len({ds.StudyInstanceUID for ds in instances}) == 1
    assert len({ds.SeriesInstanceUID for ds in instances}) == len(study.series)
    for ds in instances:
        assert str(ds.PatientName) == study.patient.name
        assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID
        assert ds.StudyDate <= "20260302"
        assert "PatientAge" not in ds
        assert "InstitutionName" not in ds


@pytest.mark.parametrize(
    "file", [series.file for study in DEMO_STUDIES for series in study.series if series.modality != "SR"]
)
def test_every_image_can_be_read(file):
    with ImageFile.open(bundled_file(file)) as image:
        stored = image.stored_values(image.frame_count // 2)
        assert stored.max() > stored.min()
