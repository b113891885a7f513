"""Replacements that only the key can make: the same for the same value in every export of the site."""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from datetime import date, timedelta

_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(.*)", re.DOTALL)
_LEAST_DAYS, _MOST_DAYS = 30, 3650


class KeyedReplacements:
    """Replaces UIDs, patients and dates by HMAC-SHA-256 of a key.

    Parameters
    ----------
    key
        Secret: without it neither the old values nor whether two belong together can be found by trying.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def uid(self, uid: str) -> str:
        """Return the UID that stands for another, under the root for UUIDs (PS3.5 B.2)."""
        return f"2.25.{uuid.UUID(bytes=self._digest('uid', uid)[:16], version=5).int}"

    def patient_id(self, patient: str) -> str:
        """Return the pseudonym of a patient."""
        return f"NOCTIS-{self._digest('patient', patient).hex()[:16].upper()}"

    def days(self, patient: str) -> int:
        """Return by how many days the dates of a patient go back."""
        number = int.from_bytes(self._digest("days", patient)[:8], "big")
        return _LEAST_DAYS + number % (_MOST_DAYS - _LEAST_DAYS)

    def shifted(self, value: str, patient: str) -> str | None:
        """Return a DA or DT value that many days earlier; None when it begins with no date."""
        match = _DATE.fullmatch(value.strip(" \0"))
        if match is None:
            return None
        try:
            day = date(int(match[1]), int(match[2]), int(match[3])) - timedelta(days=self.days(patient))
        except (ValueError, OverflowError):
            return None
        return f"{day:%Y%m%d}".rjust(8, "0") + match[4]

    def _digest(self, what: str, value: str) -> bytes:
        return hmac.new(self._key, f"{what}\0{value}".encode(), hashlib.sha256).digest()
