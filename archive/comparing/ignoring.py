"""What does not count as a difference: how a file was written, and whatever a person names."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from archive.comparing.difference import SAME_VALUES, Difference, Kind
from archive.dicom.text import visible
from archive.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ENCODING = "encoding"
"""The group that is ignored unless nothing is: the words of whoever wrote the file, not of the instance."""
GROUPS = {
    ENCODING: "group lengths, padding, and who wrote and sent the file",
    "uids": "unique identifiers of instances, series, studies and frames of reference",
    "dates": "dates, times and time zones",
    "private": "private elements",
    "pixels": "the pixels",
}
"""What can be named beside keywords and tags, and what it means."""

_WRITTEN = frozenset(
    {
        *(0x00020001, 0x00020012, 0x00020013, 0x00020016, 0x00020017, 0x00020018),
        *(0x00020026, 0x00020027, 0x00020028, 0x00020100, 0x00020102),
        *(0x00080001, 0xFFFCFFFC),
    }
)
_DATES = frozenset({"DA", "TM", "DT"})
_TIMEZONE_OFFSET = 0x00080201
_PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010, 0x7FE00001, 0x7FE00002})
_OF_THE_STANDARD = "1.2.840.10008."
"""UIDs that begin so name what something is, not which one: they always count."""
_TAGS = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)")
_TAG = re.compile(r"\(?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})\)?")


@dataclass(frozen=True, slots=True)
class Ignoring:
    """Which differences do not count.

    Attributes
    ----------
    groups
        Names of `GROUPS`.
    tags
        Elements wherever they stand, with everything inside of them.
    """

    groups: frozenset[str] = frozenset({ENCODING})
    tags: frozenset[int] = frozenset()

    @classmethod
    def of(cls, words: Iterable[str], *, everything_counts: bool = False) -> Ignoring:
        """Read what a person names: groups, keywords, tags such as `0008,0018`.

        Parameters
        ----------
        everything_counts
            Ignore only what is named, and not how the file was written.

        Raises
        ------
        BadInput
            A word is none of these; the nearest one is offered.
        """
        groups, tags = set() if everything_counts else {ENCODING}, set()
        for word in words:
            if word.casefold() in GROUPS:
                groups.add(word.casefold())
            else:
                tags.add(_tag(word))
        return cls(frozenset(groups), frozenset(tags))

    def toggled(self, group: str) -> Ignoring:
        """Return the same with a group ignored that was not, or the reverse."""
        return Ignoring(self.groups ^ {group}, self.tags)

    def labelled(self, difference: Difference) -> Difference:
        """Return a difference with the reason why it does not count, or none."""
        return replace(difference, ignored=self._reason(difference))

    def _reason(self, difference: Difference) -> str:
        tags = [int(group + number, 16) for group, number in _TAGS.findall(difference.path)]
        if not self.tags.isdisjoint(tags):
            return "named"
        return next(
            (group for group in GROUPS if group in self.groups and _belongs(group, difference, tags)), ""
        )


def _belongs(group: str, difference: Difference, tags: Sequence[int]) -> bool:
    tag = difference.tag
    if difference.kind is Kind.UNREAD:
        return False
    if group == ENCODING:
        return tag in _WRITTEN or tag & 0xFFFF == 0 or difference.note == SAME_VALUES
    if group == "uids":
        values = difference.left, difference.right
        return difference.vr == "UI" and not any(value.startswith(_OF_THE_STANDARD) for value in values)
    if group == "dates":
        return difference.vr in _DATES or tag == _TIMEZONE_OFFSET
    return any(each >> 16 & 1 for each in tags) if group == "private" else tag in _PIXELS


def _tag(word: str) -> int:
    from pydicom.datadict import keyword_dict, tag_for_keyword  # noqa: PLC0415 - loads pydicom

    match = _TAG.fullmatch(word)
    if match is not None:
        return int(match[1] + match[2], 16)
    tag = tag_for_keyword(word)
    if tag is not None:
        return tag
    near = get_close_matches(word, [*GROUPS, *keyword_dict], n=1, cutoff=0.6)
    offer = f"; did you mean {near[0]}?" if near else f"; the groups are {', '.join(GROUPS)}."
    raise BadInput(f"{visible(word, 60)} is no keyword, tag or group{offer}")
