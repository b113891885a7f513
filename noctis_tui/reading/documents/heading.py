"""What stands above every text page: whose it is, and when it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom import keywords as kw
from archive.dicom.sop_classes import uid_name
from archive.dicom.text import visible
from noctis_tui.reading.caption import date_text, time_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.dicom.data_set import DataSet
    from noctis_tui.reading.derived.opening import Words

_CONTENT_DATE, _CONTENT_TIME, _MANUFACTURER = 0x00080023, 0x00080033, 0x00080070


def title_of(ds: DataSet) -> str:
    """Return what kind of instance it is."""
    name = uid_name(ds.text(kw.SOP_CLASS_UID)).removesuffix(" Storage")
    return visible(name, 64) or "Without a SOP Class UID"


def about(ds: DataSet, words: Words) -> Iterator[tuple[str, str]]:
    """Yield name and value of what every instance says of itself; empty where it does not."""
    yield "Patient", words.name(ds, kw.PATIENT_NAME)
    yield "Patient ID", words.text(ds, kw.PATIENT_ID)
    yield "Study", words.text(ds, kw.STUDY_DESCRIPTION)
    yield "Series", words.text(ds, kw.SERIES_DESCRIPTION)
    date, time = words.text(ds, _CONTENT_DATE), words.text(ds, _CONTENT_TIME)
    yield "Made", f"{date_text(date)} {time_text(time)}".strip()
    yield "By", words.text(ds, _MANUFACTURER)
