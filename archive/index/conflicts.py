"""Studies under whose UID several patients came: what is sent on could reach the wrong patient's record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from archive.index.models import IdentityConflict, Patient
from archive.index.packing import unpack_uid

if TYPE_CHECKING:
    from archive.index.database import Index


class StudyLocked(NoctisError):
    """The study is locked against forwarding until a person has decided whose it is."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another patient than the study's, and the first instance that came so, with its Unix seconds."""

    patient_id: str
    patient_name: str
    sop_instance_uid: str
    received_at: float


def conflicts_of(index: Index, study_id: int) -> list[Conflict]:
    """Return who else came under a study's UID, the first one first; empty for nearly every study."""
    columns = (Patient.patient_id, Patient.name, IdentityConflict.sop_uid, IdentityConflict.received_at)
    query = IdentityConflict.select(*columns).join(Patient).where(IdentityConflict.study == study_id)
    rows = index.rows(query.order_by(IdentityConflict.received_at))
    return [Conflict(row[0], row[1], unpack_uid(row[2]), row[3]) for row in rows]


def require_unlocked(index: Index, study_id: int) -> None:
    """Refuse to forward a study under whose UID another patient came; whatever sends must call this first.

    Raises
    ------
    StudyLocked
        One did.
    """
    if conflicts_of(index, study_id):
        raise StudyLocked("Instances of another patient came under this study's UID; it is not sent on.")
