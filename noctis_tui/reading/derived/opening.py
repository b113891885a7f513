"""Opening an object without pictures, and the words in it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from archive.dicom.data_set import DataSet
from archive.dicom.location import locate
from archive.dicom.source import opened
from archive.dicom.text import decode_text, person_name, visible
from archive.pixels.refusal import refusing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME_CHARACTERS = 64
TEXT_CHARACTERS = 4000
_TEXT_BYTES = 16_384
_SPECIFIC_CHARACTER_SET = 0x00080005
_CODE_VALUE, _CODE_MEANING, _LONG_CODE, _URN_CODE = 0x00080100, 0x00080104, 0x00080119, 0x00080120


@contextmanager
def opened_object(path: Path) -> Iterator[DataSet]:
    """Open the data set of a file for the time of the block; its values are read when they are asked for.

    Raises
    ------
    NoctisError
        NotFound, NotAnImage when it is not DICOM, CannotDecode when it is damaged or passes a limit.
    """
    with refusing(), opened(path) as source:
        located = locate(source)
        yield DataSet(located.source, located.offset, located.source.size, located.encoding)


class Words:
    """The text of a data set and its items, decoded by its character set and safe to show."""

    def __init__(self, root: DataSet) -> None:
        self._character_set = root.texts(_SPECIFIC_CHARACTER_SET)

    def whole(self, ds: DataSet, tag: int, limit: int = TEXT_CHARACTERS) -> str:
        """Return a text with its line breaks, everything else that a terminal would obey made visible."""
        raw = ds.raw(tag)[:_TEXT_BYTES] if tag in ds else b""
        text = decode_text(raw, self._character_set).strip(" \0\r\n")[:limit]
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return "\n".join(visible(line) for line in lines)

    def text(self, ds: DataSet, tag: int, limit: int = NAME_CHARACTERS) -> str:
        """Return a text in one line."""
        return visible(" ".join(self.whole(ds, tag).split()), limit)

    def name(self, ds: DataSet, tag: int) -> str:
        """Return a person's name as people write it."""
        return visible(person_name(self.text(ds, tag, 256)), NAME_CHARACTERS)

    def meaning(self, ds: DataSet, sequence_tag: int) -> str:
        """Return what the first code of a sequence means, or the code itself."""
        item = ds.first_item(sequence_tag)
        return self.code(item) if item is not None else ""

    def code(self, item: DataSet) -> str:
        """Return what a code means, or the code itself."""
        tags = (_CODE_MEANING, _CODE_VALUE, _LONG_CODE, _URN_CODE)
        return next((text for tag in tags if (text := self.text(item, tag))), "")
