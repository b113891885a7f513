"""How elements are written (PS3.5 section 7.1): tag, VR, length and where the value begins."""

from __future__ import annotations

from itertools import product
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import mmap

    Buffer = bytes | bytearray | memoryview | mmap.mmap

UNDEFINED_LENGTH = 0xFFFFFFFF
DELIMITING_GROUP = 0xFFFE
"""Items and delimiters; they have no VR in any encoding."""

LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
"""Explicit VRs with two reserved bytes and a 32-bit length (PS3.5 7.1.2)."""
SHORT_VRS = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
"""Explicit VRs with a 16-bit length."""
POSSIBLE_VRS = frozenset(bytes(pair) for pair in product(range(ord("A"), ord("Z") + 1), repeat=2))
"""Two capitals: VRs of today and tomorrow. The length of an implicit element hardly ever looks like them."""
NO_VR = b""
"""An implicit element: only the dictionary knows its VR."""

_WITH_VR = tuple(Struct(f"{order}HH2sH").unpack_from for order in "><")
WITHOUT_VR = tuple(Struct(f"{order}HHI").unpack_from for order in "><")
"""Read group, element number and length of an implicit element, item or delimiter; by `Encoding.little`."""
_LONG = tuple(Struct(f"{order}I").unpack_from for order in "><")


class Encoding(NamedTuple):
    """How the elements of a data set are written (PS3.5 Annex A)."""

    implicit: bool
    little: bool = True

    @property
    def byte_order(self) -> str:
        """``<`` or ``>``, as `struct` and numpy write it."""
        return "<" if self.little else ">"


IMPLICIT_LITTLE_ENDIAN = Encoding(implicit=True)
EXPLICIT_LITTLE_ENDIAN = Encoding(implicit=False)
EXPLICIT_BIG_ENDIAN = Encoding(implicit=False, little=False)


def element_header(buffer: Buffer, position: int, encoding: Encoding) -> tuple[int, bytes, int, int]:
    """Read the header of the element, item or delimiter at `position`.

    Some writers switch to implicit elements inside explicit data sets; two capitals tell.

    Returns
    -------
    Tag, VR (`NO_VR` where none is written), length as written, and where the value begins.

    Raises
    ------
    struct.error
        The buffer ends inside of the header.
    """
    implicit, little = encoding
    group, number, vr, length = _WITH_VR[little](buffer, position)
    if implicit or vr not in POSSIBLE_VRS or group == DELIMITING_GROUP:
        return group << 16 | number, NO_VR, WITHOUT_VR[little](buffer, position)[2], position + 8
    if vr in LONG_VRS:
        return group << 16 | number, vr, _LONG[little](buffer, position + 8)[0], position + 12
    return group << 16 | number, vr, length, position + 8


def encoding_of_items(vr: bytes, begin: bytes, outer: Encoding) -> Encoding:
    """Say how the items of a sequence are written whose value begins with `begin`.

    UN hides a sequence that somebody did not know: little endian whatever surrounds it, and mostly implicit
    (PS3.5 6.2.2), which each item tells by itself.
    """
    return Encoding(implicit=False, little=begin[:1] != b"\xff") if vr == b"UN" else outer


def encoding_of_item(vr: bytes, outer: Encoding) -> Encoding:
    """Say how an item is written whose first element has `vr` where a VR stands: some are implicit inside."""
    if outer.implicit or len(vr) < 2 or vr in POSSIBLE_VRS:
        return outer
    return Encoding(implicit=True, little=outer.little)
