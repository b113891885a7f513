"""FILTER of the command line: words of text, ``modality:CT,MR`` and ``date:FROM-TO``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.errors import BadInput
from archive.index.matching import StudyFilter

if TYPE_CHECKING:
    from collections.abc import Iterable

_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_RANGE = re.compile(rf"({_DATE.pattern})?-({_DATE.pattern})?")


def study_filter(words: Iterable[str]) -> StudyFilter:
    """Return what the words ask for; words without a meaning of their own are looked for as text.

    Raises
    ------
    BadInput
        A date is none.
    """
    wanted, text = StudyFilter(), []
    for word in words:
        name, colon, value = word.partition(":")
        if colon and name == "modality":
            wanted = replace(wanted, modalities=frozenset(filter(None, value.upper().split(","))))
        elif colon and name == "date":
            first, last = _dates(value)
            wanted = replace(wanted, study_date_from=first, study_date_to=last)
        else:
            text.append(word)
    return replace(wanted, text=" ".join(text))


def _dates(value: str) -> tuple[str, str]:
    if day := _DATE.fullmatch(value):
        return _digits(day[0]), _digits(day[0])
    span = _RANGE.fullmatch(value)
    if span is None or value == "-":
        shown = visible(value, 40)
        raise BadInput(f"{shown} is no date; write date:20260131, date:20260101-20260131 or date:20260101-.")
    return _digits(span[1] or ""), _digits(span[5] or "")


def _digits(date: str) -> str:
    return date.replace("-", "")
