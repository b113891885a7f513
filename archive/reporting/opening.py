"""Opening objects that annotations are read from: counted before pydicom makes Python objects of them.

pydicom reads sequences without a limit of depth or count, and makes a Python object of each number: what is a
few megabytes in a file may be gigabytes in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pydicom

from archive.dicom.location import locate
from archive.dicom.source import opened
from archive.dicom.structure import Walk
from archive.dicom.text import visible
from archive.errors import BadInput, CannotUnderstand, NoctisError

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

    from archive.dicom.structure import Element

OBJECT_BYTES: Final = 64 << 20
"""Larger reports and states than this are not read."""
ELEMENTS_LIMIT: Final = 300_000
"""Ten thousand measurement groups have fewer."""
_LISTED_BYTES: Final = 1 << 20
_LISTED: Final = frozenset({0x00081160, 0x00620013})
"""Frame and segment numbers: of an unknown number, written as text."""


def open_object(path: Path) -> Dataset:
    """Return an object as pydicom reads it.

    Raises
    ------
    BadInput
        There is no such file, it is no DICOM object, is damaged, or is larger than a report or state can be.
    """
    name = visible(path.name, 80)
    try:
        _check(path)
    except _TooMuch as error:
        raise BadInput(f"{name} {error}") from error
    except (CannotUnderstand, BadInput) as error:
        raise BadInput(f"{name} cannot be read: {error}") from error
    try:
        return pydicom.dcmread(path)
    except Exception as error:  # whatever a hostile file makes of its reader
        raise BadInput(f"{name} cannot be read as a DICOM object.") from error


class _TooMuch(NoctisError):
    """The object is larger than those that are read; the sentence lacks its subject."""


def _check(path: Path) -> None:
    with opened(path) as source:
        located = locate(source)
        if located.source.size > OBJECT_BYTES:
            raise _TooMuch("is too large for a report or a presentation state.")
        walk = Walk(located.source.whole, _Count().see)
        walk.data_set(located.offset, located.source.size, located.encoding)


class _Count:
    """Counts what would become Python objects."""

    def __init__(self) -> None:
        self._elements = 0
        self._listed_bytes = 0

    def see(self, element: Element) -> None:
        """Refuse what is more than any report has."""
        self._elements += 1
        if element.tag in _LISTED and element.stop is not None:
            self._listed_bytes += element.stop - element.start
        if self._elements > ELEMENTS_LIMIT or self._listed_bytes > _LISTED_BYTES:
            raise _TooMuch("holds more than a report or a presentation state does.")
