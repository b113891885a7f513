"""Who the patient is: what makes the pseudonym, and the words that must not stay anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_NAMING = (
    *("PatientName", "PatientID", "PatientBirthName", "OtherPatientIDs", "OtherPatientNames"),
    *("AccessionNumber", "ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName"),
)
_LEAST_LETTERS = 4
"""Shorter words of a name stand in too many others."""
_MOST_WORDS = 64
_SEPARATORS = re.compile(r"[\^=\\,; \0]+")


@dataclass(frozen=True, slots=True)
class Identity:
    """The patient of an instance.

    Attributes
    ----------
    patient
        What tells one patient of the site from another; the study where a patient has no ID.
    words
        Words of names and numbers, casefolded: a text that is kept must hold none of them.
    """

    patient: str
    words: frozenset[str]

    def is_named_in(self, text: str) -> bool:
        """Tell whether a text holds one of the words."""
        folded = text.casefold()
        return any(word in folded for word in self.words)


def identity_of(ds: Dataset) -> Identity:
    """Read the identity of the patient from a data set that has not been changed yet."""
    patient_id, issuer = _text(ds, "PatientID"), _text(ds, "IssuerOfPatientID")
    patient = f"{issuer}\0{patient_id}" if patient_id else f"\0study\0{_text(ds, 'StudyInstanceUID')}"
    words: set[str] = set()
    for keyword in _NAMING:
        found = _SEPARATORS.split(_text(ds, keyword).casefold())
        words.update(word for word in found if len(word) >= _LEAST_LETTERS)
    return Identity(patient, frozenset(sorted(words)[:_MOST_WORDS]))


def _text(ds: Dataset, keyword: str) -> str:
    value = ds.get(keyword)
    if value is None:
        return ""
    if isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue":
        return "\\".join(map(str, value))
    return str(value).strip(" \0")
