"""Structured reports as text: the content tree, indented (PS3.3 A.35, C.17.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.sop_classes import uid_name
from archive.dicom.text import visible
from noctis_tui.reading.caption import date_text, time_text
from noctis_tui.reading.derived.opening import Words
from noctis_tui.reading.documents.heading import about, title_of
from noctis_tui.reading.documents.page import TextLine, page_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.dicom.data_set import DataSet
    from noctis_tui.reading.documents.page import TextPage

ITEMS_LIMIT = 20_000
DEPTH_LIMIT = 48
CHILDREN_LIMIT = 10_000
REFERENCES_SHOWN = 3
"""Of images that are listed one after the other without a word about them."""

CONTENT_SEQUENCE = 0x0040A730
_VALUE_TYPE, _RELATIONSHIP, _CONCEPT_NAME = 0x0040A040, 0x0040A010, 0x0040A043
_TEXT_VALUE, _CODE_SEQUENCE, _MEASURED_VALUE = 0x0040A160, 0x0040A168, 0x0040A300
_NUMERIC_VALUE, _UNITS, _QUALIFIER = 0x0040A30A, 0x004008EA, 0x0040A301
_DATETIME, _DATE, _TIME, _PERSON_NAME, _UID = 0x0040A120, 0x0040A121, 0x0040A122, 0x0040A123, 0x0040A124
_REFERENCED_SOP, _SOP_CLASS, _SOP_INSTANCE = 0x00081199, 0x00081150, 0x00081155
_FRAME_NUMBER, _SEGMENT_NUMBER = 0x00081160, 0x0062000B
_GRAPHIC_DATA, _GRAPHIC_TYPE, _TEMPORAL_RANGE = 0x00700022, 0x00700023, 0x0040A130
_REFERENCED_ITEM = 0x0040DB73
_COMPLETION, _VERIFICATION, _PREDECESSORS = 0x0040A491, 0x0040A493, 0x0040A360
_VERIFYING_OBSERVERS, _VERIFYING_NAME, _VERIFICATION_DATETIME = 0x0040A073, 0x0040A075, 0x0040A030
_CODE_VALUE, _CODE_MEANING = 0x00080100, 0x00080104


def report_page(ds: DataSet) -> TextPage:
    """Return a structured report as text.

    Items beyond `ITEMS_LIMIT`, or deeper than `DEPTH_LIMIT`, are left out and said to be.
    """
    words = Words(ds)
    title = words.meaning(ds, _CONCEPT_NAME) or title_of(ds)
    return page_of(title, (*about(ds, words), *_standing(ds, words)), _Tree(words).lines(ds, 0))


def _standing(ds: DataSet, words: Words) -> Iterator[tuple[str, str]]:
    """Yield whether the report is finished, and who answers for it."""
    flags = (words.text(ds, tag).lower() for tag in (_COMPLETION, _VERIFICATION))
    yield "State", ", ".join(filter(None, flags))
    for observer in ds.items(_VERIFYING_OBSERVERS, 8):
        when = words.text(observer, _VERIFICATION_DATETIME)
        yield "Verified", f"{words.name(observer, _VERIFYING_NAME)} {date_text(when[:8])}".strip()


class _Tree:
    """Walks a content tree within limits."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._count = 0
        self._values: dict[str, Callable[[DataSet], str]] = {
            "TEXT": lambda item: words.whole(item, _TEXT_VALUE),
            "CODE": lambda item: words.meaning(item, _CODE_SEQUENCE),
            "NUM": self._number,
            "DATE": lambda item: date_text(words.text(item, _DATE)),
            "TIME": lambda item: time_text(words.text(item, _TIME)),
            "DATETIME": lambda item: _datetime_text(words.text(item, _DATETIME)),
            "PNAME": lambda item: words.name(item, _PERSON_NAME),
            "UIDREF": lambda item: words.text(item, _UID),
            "SCOORD": self._coordinates,
            "SCOORD3D": self._coordinates,
            "TCOORD": lambda item: words.text(item, _TEMPORAL_RANGE).lower(),
        }

    def lines(self, ds: DataSet, depth: int) -> Iterator[TextLine]:
        """Yield the lines of everything below an item."""
        if depth > DEPTH_LIMIT:
            yield TextLine("", "What lies deeper is left out.", depth)
            return
        left_out = 0
        alike = 0
        for span in ds.item_spans(CONTENT_SEQUENCE)[:CHILDREN_LIMIT]:
            self._count += 1
            if self._count > ITEMS_LIMIT:
                break
            item = ds.item_at(CONTENT_SEQUENCE, span)
            alike = alike + 1 if _is_bare_reference(item) else 0
            if alike > REFERENCES_SHOWN:
                left_out += 1
                continue
            yield self._line(item, depth)
            yield from self.lines(item, depth + 1)
        if left_out:
            yield TextLine("", f"and {left_out} more images", depth)

    def _line(self, item: DataSet, depth: int) -> TextLine:
        words, value_type = self._words, item.text(_VALUE_TYPE).upper()
        label = words.meaning(item, _CONCEPT_NAME)
        if _REFERENCED_ITEM in item:
            where = ".".join(f"{number:.0f}" for number in item.numbers(_REFERENCED_ITEM, b"UL")[:32])
            return TextLine(label or words.text(item, _RELATIONSHIP).lower(), f"see item {where}", depth)
        if value_type == "CONTAINER":
            return TextLine(label or "Section", "", depth)
        read = self._values.get(value_type)
        text = read(item) if read is not None else ""
        if not text and _REFERENCED_SOP in item:
            text = "; ".join(self._references(item))
        return TextLine(label or words.text(item, _VALUE_TYPE).lower(), text or "(empty)", depth)

    def _number(self, item: DataSet) -> str:
        measured = item.first_item(_MEASURED_VALUE)
        if measured is None:
            return self._words.meaning(item, _QUALIFIER)
        value = self._words.text(measured, _NUMERIC_VALUE)
        return f"{value} {self._unit(measured)}".rstrip()

    def _unit(self, measured: DataSet) -> str:
        """Return a unit as people write it: UCUM's code, or its meaning where the code is an annotation."""
        units = measured.first_item(_UNITS)
        if units is None:
            return ""
        code, meaning = self._words.text(units, _CODE_VALUE), self._words.text(units, _CODE_MEANING)
        if code == "1" or meaning.casefold() in {"no units", "unitless"}:
            return ""
        return meaning if meaning and (not code or set("{[") & set(code)) else code

    def _coordinates(self, item: DataSet) -> str:
        count = len(item.numbers(_GRAPHIC_DATA, b"FL"))
        three = item.text(_VALUE_TYPE).upper() == "SCOORD3D"
        shape = self._words.text(item, _GRAPHIC_TYPE).lower()
        points = count // (3 if three else 2)
        return f"{shape}, {points} point{'s' if points != 1 else ''}"

    def _references(self, item: DataSet) -> Iterator[str]:
        for reference in item.items(_REFERENCED_SOP, 64):
            name = uid_name(reference.text(_SOP_CLASS)).removesuffix(" Storage")
            frames = [f"{number:.0f}" for number in reference.numbers(_FRAME_NUMBER, b"IS")[:16]]
            segments = [f"{number:.0f}" for number in reference.numbers(_SEGMENT_NUMBER, b"US")[:16]]
            yield " ".join(
                filter(
                    None,
                    (
                        visible(name, 64),
                        self._words.text(reference, _SOP_INSTANCE),
                        f"frame {', '.join(frames)}" if frames else "",
                        f"segment {', '.join(segments)}" if segments else "",
                    ),
                )
            )


def _is_bare_reference(item: DataSet) -> bool:
    return (
        item.text(_VALUE_TYPE).upper() == "IMAGE"
        and _CONCEPT_NAME not in item
        and CONTENT_SEQUENCE not in item
    )


def _datetime_text(value: str) -> str:
    return f"{date_text(value[:8])} {time_text(value[8:])}".strip()
