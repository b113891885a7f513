"""What all objects that Noctis makes have in common: a new series of the study, and who made it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydicom.uid import generate_uid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom.dataset import Dataset

MANUFACTURER = "Noctis"
REPORT_SERIES, STATE_SERIES, KEY_SERIES = 9801, 9802, 9803
"""Series Numbers behind those of any scanner."""


@dataclass(frozen=True, slots=True)
class Document:
    """One object to be made.

    Attributes
    ----------
    author
        Name of the person who answers for it, as Person Name; components separated by ``^``.
    made_at
        Content Date and Time.
    """

    author: str
    made_at: datetime = field(default_factory=datetime.now)

    @property
    def person_name(self) -> str:
        """The author, never empty; a name of one part is said to be one by a caret (PS3.5 6.2.1.2)."""
        author = self.author or "Unknown"
        return author if "^" in author else f"{author}^"

    def finish(self, ds: Dataset, what: str = "Content") -> None:
        """Say in an object when it was made, and that its texts are UTF-8 whatever its images' are."""
        ds.SpecificCharacterSet = "ISO_IR 192"
        setattr(ds, f"{what}Date", f"{self.made_at:%Y%m%d}")
        setattr(ds, f"{what}Time", f"{self.made_at:%H%M%S.%f}")


def new_uid() -> str:
    """Return a new UID derived from a UUID (PS3.5 B.2)."""
    return str(generate_uid(prefix=None))


def uid_of(uuid: str) -> str:
    """Return the UID of an annotation's UUID (PS3.5 B.2)."""
    return f"2.25.{UUID(uuid).int}"


def uuid_of(uid: str) -> str | None:
    """Return the UUID that a UID was derived from, None when it was not derived from one."""
    root, _, number = uid.rpartition(".")
    if root != "2.25" or len(number) > 39 or not re.fullmatch("[0-9]+", number) or int(number) >= 1 << 128:
        return None
    return str(UUID(int=int(number)))


@cache
def software_version() -> str:
    """Return the version of Noctis."""
    try:
        return version("noctis-tui")
    except PackageNotFoundError:
        return "unknown"


def new_object(series_number: int) -> dict[str, Any]:
    """Return what tells an object apart: the arguments that every class of highdicom takes."""
    return {
        "series_instance_uid": new_uid(),
        "series_number": series_number,
        "sop_instance_uid": new_uid(),
        "instance_number": 1,
        "manufacturer": MANUFACTURER,
    }


_DATE = re.compile(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?", re.ASCII)
_NAME, _LONG, _SHORT = (re.compile(form) for form in (r"[^\\]*", r"[^\\]{0,64}", r"[^\\]{0,16}"))
_FORMS = {
    "PatientName": _NAME,
    "PatientID": _LONG,
    "PatientBirthDate": _DATE,
    "PatientSex": re.compile("[MFO]"),
    "StudyDate": _DATE,
    "StudyTime": _TIME,
    "StudyID": _SHORT,
    "AccessionNumber": _SHORT,
    "ReferringPhysicianName": _NAME,
}
"""What derived objects copy, and what it must look like."""


def completed(headers: Iterable[Dataset]) -> list[Dataset]:
    """Return headers that have what derived objects copy; in files type 2 attributes may be missing."""
    return [_completed(header) for header in headers]


def _completed(header: Dataset) -> Dataset:
    """Replace what highdicom refuses by nothing, and have all texts decoded: objects are written in UTF-8."""
    for keyword, form in _FORMS.items():
        value = str(header.get(keyword) or "").strip()
        setattr(header, keyword, value if form.fullmatch(value) else "")
    header.SpecificCharacterSet = "ISO_IR 192"
    return header
