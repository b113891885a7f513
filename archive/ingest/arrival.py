"""What arrives, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from archive.dicom.header import Header
    from archive.index.records import Source
    from archive.storage.placement import Sealed
    from archive.storage.spool import Part


class Mode(StrEnum):
    """How the archive keeps a file that exists."""

    COPY = "copy"
    """Its bytes are copied into the archive."""
    LINK = "link"
    """It gets a second name in the archive (a copy where the file system has no such thing)."""
    IN_PLACE = "in_place"
    """The archive only remembers where it lies."""


class Outcome(Enum):
    """What became of an arrival; all three are acknowledged as success."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    """The same bytes are kept already."""
    VARIANT = "variant"
    """The UIDs are taken by other bytes; these are kept beside them."""


@dataclass(frozen=True, slots=True)
class ExistingFile:
    """A file that exists outside the archive.

    Attributes
    ----------
    path
        A regular file.
    offset
        Bytes before its data set; 0 for a bare data set.
    """

    path: Path
    offset: int
    mode: Mode


@dataclass(frozen=True, slots=True)
class Arrival:
    """One instance, understood to its last byte, that asks to be kept."""

    content: Part | ExistingFile | Sealed
    header: Header
    source: Source | None = None
    received_at: float | None = None
    """Unix seconds; None is now."""
