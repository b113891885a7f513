"""What is written beside the picture: who, which study, which series, how it was acquired.

Peer text is made visible here, once; nobody downstream sees a raw control character.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom.text import decode_text, person_name, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from archive.dicom.data_set import DataSet

_LONGEST = 64
_SPECIFIC_CHARACTER_SET = 0x00080005
_STUDY_DATE, _ACQUISITION_DATE, _CONTENT_DATE = 0x00080020, 0x00080022, 0x00080023
_STUDY_TIME, _ACQUISITION_TIME, _CONTENT_TIME = 0x00080030, 0x00080032, 0x00080033
_MODALITY, _INSTITUTION_NAME = 0x00080060, 0x00080080
_STUDY_DESCRIPTION, _SERIES_DESCRIPTION = 0x00081030, 0x0008103E
_PATIENT_NAME, _PATIENT_ID, _BIRTH_DATE = 0x00100010, 0x00100020, 0x00100030
_SEX, _AGE = 0x00100040, 0x00101010
_KVP, _REPETITION_TIME, _ECHO_TIME, _INVERSION_TIME = 0x00180060, 0x00180080, 0x00180081, 0x00180082
_FIELD_STRENGTH, _EXPOSURE_TIME, _TUBE_CURRENT = 0x00180087, 0x00181150, 0x00181151
_EXPOSURE, _KERNEL, _FLIP_ANGLE = 0x00181152, 0x00181210, 0x00181314
_CONTRAST_AGENT, _VIEW_POSITION = 0x00180010, 0x00185101
_SERIES_NUMBER, _INSTANCE_NUMBER = 0x00200011, 0x00200013
_PATIENT_ORIENTATION, _LATERALITY, _IMAGE_LATERALITY = 0x00200020, 0x00200060, 0x00200062
_LOSSY, _LOSSY_RATIO = 0x00282110, 0x00282112

GROUPS = frozenset({0x0008, 0x0010, 0x0018, 0x0020, 0x0028})
"""The groups of elements that a caption is made of."""


@dataclass(frozen=True, slots=True)
class Caption:
    """Lines for the corners, the most important of each first; all of it is safe to show.

    Attributes
    ----------
    patient, study, series, acquisition
        Lines of text, shortened to 64 characters.
    patient_orientation
        Patient Orientation (0020,0020) of a projection, else empty strings.
    instance_number
        As written, empty when it is absent.
    """

    patient: tuple[str, ...] = ()
    study: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    acquisition: tuple[str, ...] = ()
    patient_orientation: tuple[str, str] = ("", "")
    instance_number: str = ""


NO_CAPTION = Caption()


def caption_of(ds: DataSet) -> Caption:
    """Read a caption from the elements of an instance."""
    words = _Words(ds)
    row, column = (*words.values(_PATIENT_ORIENTATION), "", "")[:2]
    return Caption(
        patient=_patient_lines(words),
        study=_study_lines(words),
        series=_series_lines(words),
        acquisition=_acquisition_lines(words),
        patient_orientation=(row, column),
        instance_number=words.text(_INSTANCE_NUMBER),
    )


class _Words:
    """The text of a data set's elements, decoded and visible."""

    def __init__(self, ds: DataSet) -> None:
        self._ds = ds
        self._character_set = ds.texts(_SPECIFIC_CHARACTER_SET)

    def values(self, tag: int) -> tuple[str, ...]:
        raw = self._ds.raw(tag)[:4096]
        if not raw:
            return ()
        text = decode_text(raw, self._character_set)
        return tuple(visible(value.strip(" \0"), _LONGEST) for value in text.split("\\"))

    def text(self, tag: int) -> str:
        return next((value for value in self.values(tag) if value), "")

    def first(self, *tags: int) -> str:
        return next((text for text in map(self.text, tags) if text), "")

    def number(self, tag: int, form: str, shown: Callable[[float], str] | None = None) -> str:
        numbers = self._ds.numbers(tag)
        if not numbers or numbers[0] != numbers[0] or abs(numbers[0]) > 1e7:
            return ""
        return form.format(shown(numbers[0]) if shown else f"{numbers[0]:g}")


def _patient_lines(words: _Words) -> tuple[str, ...]:
    born = date_text(words.text(_BIRTH_DATE))
    about = _joined((words.text(_SEX), _age(words.text(_AGE)), f"b. {born}" if born else ""), " ")
    return _lines(person_name(words.text(_PATIENT_NAME)), words.text(_PATIENT_ID), about)


def _study_lines(words: _Words) -> tuple[str, ...]:
    taken = _joined(
        (
            date_text(words.first(_STUDY_DATE, _ACQUISITION_DATE, _CONTENT_DATE)),
            time_text(words.first(_ACQUISITION_TIME, _CONTENT_TIME, _STUDY_TIME)),
        ),
        " ",
    )
    return _lines(words.text(_STUDY_DESCRIPTION), taken, words.text(_INSTITUTION_NAME))


def _series_lines(words: _Words) -> tuple[str, ...]:
    number = words.text(_SERIES_NUMBER).lstrip("0")
    what = words.first(_SERIES_DESCRIPTION, _MODALITY)
    side = _joined((words.first(_IMAGE_LATERALITY, _LATERALITY), words.text(_VIEW_POSITION)), " ")
    return _lines(_joined((f"Se {number}" if number else "", what), " · "), side)


def _acquisition_lines(words: _Words) -> tuple[str, ...]:
    tube = _joined(
        (
            words.number(_KVP, "{} kV"),
            words.number(_TUBE_CURRENT, "{} mA"),
            words.number(_EXPOSURE, "{} mAs"),
        ),
        " ",
    )
    echoes = _joined(
        (
            words.number(_REPETITION_TIME, "TR {}", _short),
            words.number(_ECHO_TIME, "TE {}", _short),
            words.number(_INVERSION_TIME, "TI {}", _short),
        ),
        " ",
    )
    magnet = _joined(
        (words.number(_FIELD_STRENGTH, "{} T"), words.number(_FLIP_ANGLE, "FA {}°", _short)), " "
    )
    contrast = words.text(_CONTRAST_AGENT)
    return _lines(
        _lossy(words), tube, words.text(_KERNEL), echoes, magnet, f"+ {contrast}" if contrast else ""
    )


def _lossy(words: _Words) -> str:
    if words.text(_LOSSY) != "01":
        return ""
    return words.number(_LOSSY_RATIO, "Lossy {}:1", _short) or "Lossy"


def date_text(value: str) -> str:
    """Write a DA value as people read it; anything else as it stands.

    >>> date_text("20260131")
    '2026-01-31'
    """
    return f"{value[:4]}-{value[4:6]}-{value[6:8]}" if len(value) == 8 and value.isdecimal() else value


def time_text(value: str) -> str:
    """Write a TM value to the minute; anything else as it stands.

    >>> time_text("142233.123")
    '14:22'
    """
    return f"{value[:2]}:{value[2:4]}" if value[:4].isdecimal() and len(value) >= 4 else value


def _age(value: str) -> str:
    return value.lstrip("0") if len(value) == 4 and value[:3].isdecimal() else value


def _short(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _joined(parts: Iterable[str], separator: str) -> str:
    return separator.join(part for part in parts if part)


def _lines(*lines: str) -> tuple[str, ...]:
    return tuple(line for line in lines if line)
