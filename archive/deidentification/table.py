"""What PS3.15 Table E.1-1 says of each attribute, in the edition that dicom-anonymizer carries."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from archive.deidentification.profile import TABLE


class Rule(Enum):
    """What is done with an attribute (PS3.15 Table E.1-1a); of several that are possible the safest."""

    REMOVE = "X"
    EMPTY = "Z"
    DUMMY = "D"
    REPLACE_UID = "U"


_RULES = {
    "D_TAGS": Rule.DUMMY,
    "Z_TAGS": Rule.EMPTY,
    "X_TAGS": Rule.REMOVE,
    "U_TAGS": Rule.REPLACE_UID,
    "Z_D_TAGS": Rule.DUMMY,
    "X_Z_TAGS": Rule.EMPTY,
    "X_D_TAGS": Rule.DUMMY,
    "X_Z_D_TAGS": Rule.DUMMY,
    "X_Z_U_STAR_TAGS": Rule.REPLACE_UID,
}
CURVES, OVERLAYS = 0x5000, 0x6000
"""Repeating groups that go whole: their data may be drawn text, their labels are text."""


@lru_cache(maxsize=1)
def rules() -> dict[int, Rule]:
    """Return the rule of each tag that the table names."""
    from dicomanonymizer.dicomfields_selector import (  # noqa: PLC0415 - only when something is de-identified
        dicom_anonymization_database_selector,
    )

    table = dicom_anonymization_database_selector(TABLE)
    return {
        tag[0] << 16 | tag[1]: rule for name, rule in _RULES.items() for tag in table[name] if len(tag) == 2
    }


def is_repeating(tag: int) -> bool:
    """Tell whether an element belongs to a curve or an overlay."""
    return tag >> 16 & 0xFF00 in {CURVES, OVERLAYS}
