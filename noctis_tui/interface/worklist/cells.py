"""How the facts of a study read in a cell: short, aligned, and safe to show."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from archive.dicom.text import person_name, visible

if TYPE_CHECKING:
    from datetime import date

    from archive.index.worklist import StudyRow

NO_NAME = "no name"
_LONGEST = 200
"""No cell needs more characters of a value than this, however long the value is."""


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """Return the text in exactly that many cells, cut with an ellipsis; wide characters count two."""
    length = cell_len(text)
    if length > cells:
        return set_cell_size(set_cell_size(text, max(cells - 1, 0)).rstrip(" ") + "…"[:cells], cells)
    return " " * (cells - length) + text if right else text + " " * (cells - length)


def plain(text: str) -> str:
    """Return a value of a data set as a cell shows it."""
    return visible(text.strip(), _LONGEST)


def patient_name(row: StudyRow) -> str:
    """Return the name of the patient as people write it."""
    return person(row.patient_name) or NO_NAME


def person(name: str) -> str:
    """Return a PN value as people write it."""
    return plain(person_name(name[:_LONGEST]))


def day(value: str) -> str:
    """Return a DA value (PS3.5 6.2) as 2024-05-31, or as it stands when it is not one."""
    return f"{value[:4]}-{value[4:6]}-{value[6:]}" if re.fullmatch(r"\d{8}", value) else plain(value)


def clock(value: str) -> str:
    """Return a TM value (PS3.5 6.2) as 14:05, or nothing when it is not one."""
    return f"{value[:2]}:{value[2:4]}" if re.match(r"([01]\d|2[0-3])[0-5]\d", value) else ""


def age(birth_date: str, study_date: str) -> str:
    """Return the age at the study: 54y, 7m below two years, 12d below two months; nothing when unknown."""
    try:
        born = datetime.strptime(birth_date, "%Y%m%d")  # noqa: DTZ007 - DA has no zone
        then = datetime.strptime(study_date, "%Y%m%d")  # noqa: DTZ007 - the same
    except ValueError:
        return ""
    days = (then - born).days
    if days < 0:
        return ""
    if days < 61:
        return f"{days}d"
    months = (then.year - born.year) * 12 + then.month - born.month - (then.day < born.day)
    return f"{months}m" if months < 24 else f"{months // 12}y"


def sex_and_age(row: StudyRow) -> str:
    """Return `F 54y`."""
    return f"{plain(row.patient_sex)[:1]} {age(row.patient_birth_date, row.study_date)}".strip()


def size(count: int) -> str:
    """Return a size as 4.2 GB, never wider than seven cells."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if value >= 99.5 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def number(count: int) -> str:
    """Return a count with its thousands apart: 12 345."""
    return f"{count:,}".replace(",", " ")


def moment(seconds: float, today: date) -> str:
    """Return a moment as 14:05:31 today, as 31 May or as 2023-05-31 before."""
    then = datetime.fromtimestamp(seconds)  # noqa: DTZ006 - the clock on the wall is meant
    if then.date() == today:
        return f"{then:%H:%M:%S}"
    return f"{then:%d %b}" if then.year == today.year else f"{then:%Y-%m-%d}"
