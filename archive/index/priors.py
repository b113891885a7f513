"""Other studies of the same patient, for comparing.

The same patient is the same Patient ID of the same Issuer (PS3.3 C.2.2): names change and are misspelt, IDs
are what a hospital keeps apart. Where name, birth date or sex differ all the same, that is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.matching import normalized
from archive.index.models import Patient, Study
from archive.index.worklist import Sort, study_query, study_row

if TYPE_CHECKING:
    from archive.index.database import Index
    from archive.index.worklist import StudyRow

MOST_STUDIES = 200


@dataclass(frozen=True, slots=True)
class OtherStudy:
    """Another study of a patient; `differs` names what is written in another way there."""

    study: StudyRow
    differs: tuple[str, ...] = ()


def other_studies(index: Index, study_id: int) -> list[OtherStudy]:
    """Return the other studies of a study's patient, the latest first; none when it has no Patient ID."""
    identity = index.rows(
        Study.select(Patient.patient_id, Patient.issuer, Patient.name, Patient.birth_date, Patient.sex)
        .join(Patient)
        .where(Study.id == study_id)
    )
    if not identity or not identity[0][0].strip():
        return []
    patient_id, issuer, *known = identity[0]
    query = study_query(sort=Sort.DATE, descending=True, limit=MOST_STUDIES).where(
        Patient.patient_id == patient_id, Patient.issuer == issuer, Study.id != study_id
    )
    rows = [study_row(index, row) for row in index.rows(query)]
    return [OtherStudy(row, _differences(known, row)) for row in rows]


def _differences(known: list[str], other: StudyRow) -> tuple[str, ...]:
    name, birth_date, sex = known
    pairs = (
        ("name", normalized(name), normalized(other.patient_name)),
        ("birth date", birth_date, other.patient_birth_date),
        ("sex", sex, other.patient_sex),
    )
    return tuple(what for what, here, there in pairs if here != there)
