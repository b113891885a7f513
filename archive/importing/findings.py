"""What a source finds: an instance for the line, or a file that is none and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.importing.counts import Ending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from archive.ingest.arrival import Arrival


@dataclass(frozen=True, slots=True)
class Found:
    """An instance, understood to its last byte.

    Attributes
    ----------
    origin
        Where it came from, for a person; hostile.
    """

    arrival: Arrival
    origin: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that does not go through the line.

    Attributes
    ----------
    content
        Yields the bytes that quarantine may keep; None when only the reason is to be recorded.
    size
        How many bytes these are.
    """

    ending: Ending
    origin: str
    reason: str
    content: Callable[[], Iterable[bytes]] | None = None
    size: int = 0


Finding = Found | Refused


def skipped(origin: object, reason: str) -> Refused:
    """Make the finding of a file that is no DICOM instance."""
    return Refused(Ending.SKIPPED, str(origin), reason)
