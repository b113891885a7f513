"""Which profile and options of PS3.15 Annex E a de-identified copy follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archive.errors import BadInput

Dates = Literal["removed", "shifted"]
TABLE = "dicomfields_2026c"
"""The edition of PS3.15 Table E.1-1 that is followed, as dicom-anonymizer names it."""

_BASIC = ("113100", "Basic Application Confidentiality Profile")
_MODIFIED_DATES = ("113107", "Retain Longitudinal Temporal Information Modified Dates Option")
_CHARACTERISTICS = ("113108", "Retain Patient Characteristics Option")
_SAFE_PRIVATE = ("113111", "Retain Safe Private Option")


@dataclass(frozen=True, slots=True)
class Profile:
    """The Basic Application Confidentiality Profile with the options that are asked for.

    Attributes
    ----------
    dates
        ``removed``, or ``shifted``: all of a patient by the same number of days, which only the key tells.
    patient_characteristics
        Keep sex, age, size, weight, ethnic group, smoking and pregnancy status: SUV needs the weight.
    safe_private
        Keep the private elements that PS3.15 Table E.3.10-1 calls safe; all others go.
    pixels_checked
        A person has looked at the pixels and takes responsibility that they show no text of the patient's.
    patient_id
        The pseudonym, used as Patient's Name too; made from the key when empty.
    """

    dates: Dates = "removed"
    patient_characteristics: bool = False
    safe_private: bool = True
    pixels_checked: bool = False
    patient_id: str = ""

    def __post_init__(self) -> None:
        """Refuse a pseudonym that is no value of LO and PN.

        Raises
        ------
        BadInput
            It is longer than 64 characters, or holds something else than printable ASCII.
        """
        if len(self.patient_id) > 64 or not all(" " <= letter <= "~" for letter in self.patient_id):
            raise BadInput("A pseudonym is printable ASCII, at most 64 characters.")
        if set("\\^=") & set(self.patient_id):
            raise BadInput("A pseudonym holds no backslash, caret or equals sign.")

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """Code value and meaning (PS3.16 CID 7050) of the profile and its options."""
        options = (
            (self.dates == "shifted", _MODIFIED_DATES),
            (self.patient_characteristics, _CHARACTERISTICS),
            (self.safe_private, _SAFE_PRIVATE),
        )
        return (_BASIC, *(code for wanted, code in options if wanted))
