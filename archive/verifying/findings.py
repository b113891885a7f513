"""What a verification says: counts, and each file with which something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from archive.index.inventory import NamedFile


class Problem(StrEnum):
    """What is wrong with one file."""

    MISSING = "missing"
    """The index names it, and it is not there."""
    CORRUPT = "corrupt"
    """It is there, and its bytes are not those that were recorded, or cannot be read."""
    UNINDEXED = "unindexed"
    """It lies in the archive, and the index does not name it."""


@dataclass(frozen=True, slots=True)
class Verification:
    """How a verification ends.

    Attributes
    ----------
    checked
        Files that the index names, whatever was found.
    """

    checked: int
    missing: int
    corrupt: int
    unindexed: int

    @property
    def is_clean(self) -> bool:
        """Whether the archive is as its index says."""
        return not (self.missing or self.corrupt or self.unindexed)


@dataclass(frozen=True, slots=True)
class Finding:
    """One file with which something is wrong.

    Attributes
    ----------
    named
        What the index says of it; None when it does not name it.
    """

    problem: Problem
    path: Path
    reason: str
    named: NamedFile | None = None


class Told(Protocol):
    """Hears of every file with which something is wrong; paths outside the archive may be hostile text."""

    def __call__(self, finding: Finding, /) -> None:
        """Hear what is wrong with one file."""


def untold(finding: Finding, /) -> None:
    """Listen to nothing: the default."""
