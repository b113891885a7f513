"""One thing that differs between two instances."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SAME_VALUES = "the same values in another encoding"
"""The note of pixels whose bytes differ and whose values do not."""


class Kind(StrEnum):
    """How two instances differ in one place."""

    CHANGED = "changed"
    REMOVED = "removed"
    """Only the left one has it."""
    ADDED = "added"
    """Only the right one has it."""
    VR = "vr"
    """The same value under another VR."""
    PIXELS = "pixels"
    SAME = "same"
    """They do not: told only where everything is asked for."""
    UNREAD = "unread"
    """One of them cannot be read to its end, so that nobody knows what differs there."""

    @property
    def swapped(self) -> Kind:
        """The kind when the sides change places."""
        return {Kind.REMOVED: Kind.ADDED, Kind.ADDED: Kind.REMOVED}.get(self, self)


@dataclass(frozen=True, slots=True)
class Difference:
    """One element or item that is not the same on both sides.

    Attributes
    ----------
    path
        Tags and item numbers from the top as the left side has them, the right one where only it does.
    left, right
        The values as text, cut where they are long; **hostile until `text.visible` has been over them**.
    note
        What the values do not show: where long ones begin to differ, how far pixels do.
    ignored
        Why it does not count, in a word or two; empty when it does.
    """

    path: str
    tag: int
    vr: str
    keyword: str
    name: str
    kind: Kind
    left: str = ""
    right: str = ""
    note: str = ""
    ignored: str = ""

    @property
    def counts(self) -> bool:
        """Whether it makes the instances different."""
        return self.kind is not Kind.SAME and not self.ignored
