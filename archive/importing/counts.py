"""How an import ends: every file it met is in exactly one count."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Ending(StrEnum):
    """What became of one file."""

    IMPORTED = "imported"
    DUPLICATE = "duplicate"
    """Its bytes were in the archive already."""
    VARIANT = "variant"
    """Other bytes of the same UIDs were; these are kept beside them."""
    SKIPPED = "skipped"
    """It is no DICOM instance: another kind of file, a folder or file that cannot be read, a DICOMDIR."""
    QUARANTINED = "quarantined"
    """It is DICOM, but does not parse, lacks what identifies it, or has a transfer syntax nobody knows."""


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """Counts of an import; files inside a ZIP count one by one, the ZIP itself does not."""

    imported: int
    duplicate: int
    variant: int
    skipped: int
    quarantined: int
    seconds: float


class Told(Protocol):
    """Hears of every file that was not imported; the texts may be hostile."""

    def __call__(self, ending: Ending, origin: str, reason: str, /) -> None:
        """Hear what became of one file and why."""


def untold(ending: Ending, origin: str, reason: str, /) -> None:
    """Listen to nothing: the default."""
