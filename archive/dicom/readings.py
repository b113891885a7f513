"""Values as people write them: dates, times, names, ages; UIDs and tags with what they are called.

A reading stands beside the value and never in its place: what cannot be read has none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.dicom.text import person_name

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST = 2048
"""Characters of a value that are looked at."""
_MOST_VALUES = 8
_DATE = re.compile(r"(\d{4})\.?(\d\d)\.?(\d\d)")
_TIME = re.compile(r"(\d\d):?(\d\d)?:?(\d\d)?(\.\d{1,6})?")
_ZONE = re.compile(r"(.*?)([+-])(\d\d)(\d\d)")
_AGE = re.compile(r"(\d{3})([DWMY])")
_UNITS = {"D": "day", "W": "week", "M": "month", "Y": "year"}
_TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)")


def reading(vr: str, value: str) -> str:
    """Return a value as people write it (PS3.5 6.2); empty where that says no more than the value itself.

    Parameters
    ----------
    vr
        The value representation.
    value
        As `values.value_text` returns it: hostile, and what is returned is hostile still.
    """
    read = _READERS.get(vr)
    if read is None or not value or len(value) > _LONGEST:
        return ""
    values = value.split("\\")
    readings = [read(each.strip()) for each in values[:_MOST_VALUES]]
    if not any(readings) or (len(values) == 1 and readings[0] == value):
        return ""
    shown = " · ".join(text or each for text, each in zip(readings, values, strict=False))
    return shown + (" …" if len(values) > _MOST_VALUES else "")


def date_reading(value: str) -> str:
    """Return a DA value as 2024-05-31; empty when it is none."""
    match = _DATE.fullmatch(value)
    if match is None or not ("01" <= match[2] <= "12" and "01" <= match[3] <= "31"):
        return ""
    return f"{match[1]}-{match[2]}-{match[3]}"


def time_reading(value: str) -> str:
    """Return a TM value as 14:05:31.25, as far as it goes; empty when it is none."""
    match = _TIME.fullmatch(value)
    if match is None or match[2] is None or not (match[1] < "24" and match[2] < "60"):
        return ""
    seconds = f":{match[3]}{match[4] or ''}" if match[3] else ""
    return f"{match[1]}:{match[2]}{seconds}"


def _moment_reading(value: str) -> str:
    zone = _ZONE.fullmatch(value)
    local, suffix = (zone[1], f" UTC{zone[2]}{zone[3]}:{zone[4]}") if zone else (value, "")
    date = date_reading(local[:8])
    if not date:
        return ""
    return " ".join(part for part in (date, time_reading(local[8:])) if part) + suffix


def _age_reading(value: str) -> str:
    match = _AGE.fullmatch(value)
    if match is None:
        return ""
    count = int(match[1])
    return f"{count} {_UNITS[match[2]]}{'' if count == 1 else 's'}"


def _uid_reading(value: str) -> str:
    from pydicom.config import IGNORE  # noqa: PLC0415 - loads pydicom
    from pydicom.uid import UID  # noqa: PLC0415 - the same

    name = UID(value, validation_mode=IGNORE).name
    return "" if name == value else name


def _tag_reading(value: str) -> str:
    from pydicom.datadict import keyword_for_tag  # noqa: PLC0415 - loads pydicom

    match = _TAG.fullmatch(value)
    return keyword_for_tag(int(match[1] + match[2], 16)) if match else ""


_READERS: dict[str, Callable[[str], str]] = {
    "DA": date_reading,
    "TM": time_reading,
    "DT": _moment_reading,
    "PN": person_name,
    "AS": _age_reading,
    "UI": _uid_reading,
    "AT": _tag_reading,
}
