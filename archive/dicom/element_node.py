"""Where an element, an item or a fragment stands in its file; its value is read when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.dicom.elements import NO_VR, Encoding
from archive.dicom.keywords import PIXEL_DATA
from archive.dicom.names import Naming

if TYPE_CHECKING:
    from archive.dicom.lenient import Value
    from archive.dicom.source import Source


@dataclass(slots=True)
class Level:
    """What a data set, or an item, hands to its elements.

    Attributes
    ----------
    path
        Tags and item numbers from the top, empty there.
    depth
        How many sequences it is inside of.
    character_sets
        The values of (0008,0005) that hold here.
    naming
        Knows the private creators of all of its elements.
    item
        The item that these are the elements of; None at the top.
    rank
        0 for the file meta information, 1 for the data set.
    """

    source: Source
    encoding: Encoding
    path: str = ""
    depth: int = 0
    character_sets: tuple[str, ...] = ()
    naming: Naming = field(default_factory=Naming)
    item: Node | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One element, item or fragment.

    Attributes
    ----------
    level
        The data set or item that the element stands in; of an item, what surrounds its sequence.
    number
        Of an item or a fragment in its order, from 1; 0 for an element.
    sequence
        The element that an item or a fragment belongs to.
    """

    level: Level
    tag: int
    value: Value
    number: int = 0
    sequence: Node | None = None

    @property
    def is_item(self) -> bool:
        """Whether this is an item of a sequence."""
        return self.sequence is not None and not self.sequence.holds_fragments

    @property
    def is_fragment(self) -> bool:
        """Whether this is a fragment of encapsulated pixels (PS3.5 A.4); the first is the offset table."""
        return self.sequence is not None and self.sequence.holds_fragments

    @property
    def holds_fragments(self) -> bool:
        """Whether this is an element whose value is in fragments."""
        vr = self.value.vr
        return self.value.undefined and (self.tag == PIXEL_DATA or vr not in {NO_VR, b"SQ", b"UN"})

    @property
    def path(self) -> str:
        """Tags and item numbers from the top: `(0040,A730)[2](0008,0100)`; items count from 1."""
        if self.sequence is not None:
            return f"{self.sequence.path}[{self.number}]"
        return f"{self.level.path}({self.tag >> 16:04X},{self.tag & 0xFFFF:04X})"

    @property
    def depth(self) -> int:
        """How many sequences it is inside of; an item counts its own."""
        return self.level.depth + (self.sequence is not None)

    @property
    def parent(self) -> Node | None:
        """The sequence of an item, the item of an element; None at the top."""
        return self.sequence or self.level.item

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in the file: unique, and in the order of `ElementTree.walk`."""
        return self.level.rank, self.value.offset

    def read(self, length: int, start: int = 0) -> bytes:
        """Return as many bytes of the value, fewer where it ends.

        Raises
        ------
        CannotRead
            The file was closed, or the disk does not give it.
        """
        wanted = min(length, self.value.length - start)
        return self.level.source.read(self.value.offset + start, wanted) if wanted > 0 else b""
