"""Which instances the tree of elements can go to: those of a series, in their order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Instances:
    """Files in the order in which they are read, one of which is looked at.

    Attributes
    ----------
    title
        Whose they are; it may hold peer text.
    """

    files: tuple[Path, ...]
    index: int = 0
    title: str = ""

    @property
    def file(self) -> Path:
        """The file that is looked at."""
        return self.files[self.index]

    def moved(self, steps: int) -> Instances:
        """Return the same instances with another one looked at; the ends hold."""
        return replace(self, index=max(0, min(self.index + steps, len(self.files) - 1)))

    @property
    def place_text(self) -> str:
        """`12/40`, or nothing when there is only one."""
        return f"{self.index + 1}/{len(self.files)}" if len(self.files) > 1 else ""
