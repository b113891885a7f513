"""Indexes of any size, filled through the real recording code: for tests and benchmarks.

Nothing lies behind the rows: there are no files.
"""

from __future__ import annotations

import dataclasses
import random
import time
from itertools import islice

from archive.dicom.header import Header
from archive.index.recording import record
from archive.index.records import Record

FAMILY = (
    "Smith",
    "Müller",
    "García",
    "Nguyen",
    "Kowalski",
    "Rossi",
    "Ivanova",
    "Sørensen",
    "Okafor",
    "Tanaka",
)
GIVEN = ("Anna", "José", "Mary", "Wei", "Olga", "Lars", "Chidi", "Yuki", "Zoë", "Paul", "Inés", "Omar")
DESCRIPTIONS = ("Chest routine", "Brain with contrast", "Abdomen", "Knee left", "Spine", "Follow-up liver")
MODALITIES = ("CT", "CT", "CT", "MR", "MR", "US", "CR", "DX", "MG", "XA")
DAY = 86_400
_BLANK = Header(
    **{field.name: "" for field in dataclasses.fields(Header)}
    | {"series_number": 1, "instance_number": 1, "rows": 512, "columns": 512, "number_of_frames": 1}
    | {"image_position_patient": None, "image_orientation_patient": None}
)


def fill(archive, studies, *, series=1, instances=1, group=4000, seed=1, size_bytes=526_000) -> None:
    """Record so many studies, the last one as if it had come just now."""
    now = time.time()
    with archive.hold("synthetic"):
        records = _records(studies, series, instances, now, random.Random(seed), size_bytes)
        while part := list(islice(records, group)):
            record(archive.index, part)


def _records(studies, series, instances, now, dice, size_bytes):
    for number in range(studies):
        received_at = now - (studies - 1 - number) * 30 * DAY / studies
        study = _study(number, dice, received_at)
        for series_number in range(1, series + 1):
            series_uid = f"{study.study_instance_uid}.{series_number}"
            for instance_number in range(1, instances + 1):
                header = dataclasses.replace(
                    study,
                    series_instance_uid=series_uid,
                    sop_instance_uid=f"{series_uid}.{instance_number}",
                    series_number=series_number,
                    instance_number=instance_number,
                )
                yield Record(header, dice.randbytes(16), size_bytes, None, received_at)


def _study(number: int, dice: random.Random, received_at: float) -> Header:
    patient = dice.randrange(max(number, 1)) if dice.random() < 0.6 else number
    who = random.Random(patient)
    return dataclasses.replace(
        _BLANK,
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
        study_instance_uid=f"1.3.6.1.4.1.99999.1.{number + 1}",
        patient_id=f"{patient:08d}",
        patient_name=f"{who.choice(FAMILY)}{patient % 997}^{who.choice(GIVEN)}",
        patient_birth_date=f"{who.randrange(1930, 2020)}0615",
        patient_sex=who.choice("FM"),
        study_date=time.strftime("%Y%m%d", time.gmtime(received_at - dice.randrange(30) * DAY)),
        study_time=f"{dice.randrange(24):02d}{dice.randrange(60):02d}00",
        study_description=dice.choice(DESCRIPTIONS),
        accession_number=f"ACC{number:07d}",
        modality=dice.choice(MODALITIES),
    )
