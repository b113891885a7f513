"""Where each frame's bytes lie in encapsulated pixel data (PS3.5 A.4)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from archive.dicom.elements import UNDEFINED_LENGTH
from archive.dicom.keywords import EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS
from archive.errors import CannotDecode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.dicom.data_set import DataSet
    from archive.dicom.source import Source

Span = tuple[int, int]
"""Offset and length of one fragment's bytes."""

_ITEM = b"\xfe\xff\x00\xe0"
_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0c", b"\xff\x0a")
"""How a JPEG or JPEG-LS, a JPEG 2000 code stream, a boxed one and a JPEG XL code stream begin."""


class FragmentTable:
    """Finds the fragments of every frame, reading only item headers.

    The extended offset table is believed when each of its entries points at an item, the basic one when each
    points at the start of a fragment; otherwise fragments are dealt out by count, or by how streams begin.
    """

    def __init__(self, source: Source, offset: int, length: int, ds: DataSet, frames: int) -> None:
        self._source = source
        end = offset + length
        table, first = _basic_offsets(source, offset, end)
        self._frames = _from_extended_table(source, ds, first, end, frames)
        if self._frames is None:
            fragments = list(_scan(source, first, end))
            self._frames = _from_basic_table(fragments, table, first) or _dealt(source, fragments, frames)

    def __len__(self) -> int:
        return len(self._frames or ())

    def read(self, frame_index: int) -> bytes:
        """Return the frame's compressed bytes.

        Raises
        ------
        CannotDecode
            When the pixel data holds fewer frames than announced.
        """
        frames = self._frames or ()
        if frame_index >= len(frames):
            raise CannotDecode(
                f"Frame {frame_index + 1} is missing: the pixel data holds {len(frames)} frames."
            )
        return b"".join(self._source.read(offset, length) for offset, length in frames[frame_index])


def _basic_offsets(source: Source, offset: int, end: int) -> tuple[Sequence[int], int]:
    """Return the basic offset table and where the first fragment's item begins."""
    head = source.read(offset, 8)
    if head[:4] != _ITEM:
        raise CannotDecode("The pixel data says that it is compressed, but holds no fragments.")
    length = int.from_bytes(head[4:8], "little")
    if length == UNDEFINED_LENGTH or offset + 8 + length > end:
        raise CannotDecode("The basic offset table is longer than the pixel data.")
    raw = source.read(offset + 8, length)
    return [*np.frombuffer(raw[: length & ~3], "<u4").tolist()], offset + 8 + length


def _scan(source: Source, offset: int, end: int) -> list[Span]:
    """Return the fragments in order; a last one that the file cuts off keeps what is there."""
    fragments: list[Span] = []
    while offset + 8 <= end:
        head = source.read(offset, 8)
        if head[:4] != _ITEM:
            break
        length = int.from_bytes(head[4:8], "little")
        if length == UNDEFINED_LENGTH:
            break
        fragments.append((offset + 8, min(length, end - offset - 8)))
        offset += 8 + length
    return fragments


def _from_extended_table(
    source: Source, ds: DataSet, first: int, end: int, frames: int
) -> list[list[Span]] | None:
    offsets = np.frombuffer(_whole(ds.raw(EXTENDED_OFFSET_TABLE)), "<u8").tolist()
    lengths = np.frombuffer(_whole(ds.raw(EXTENDED_OFFSET_TABLE_LENGTHS)), "<u8").tolist()
    if not offsets or len(offsets) != len(lengths) or len(offsets) < frames:
        return None
    spans = [(first + offset + 8, length) for offset, length in zip(offsets, lengths, strict=True)]
    if any(offset + length > end or source.read(offset - 8, 4) != _ITEM for offset, length in spans):
        return None
    return [[span] for span in spans]


def _whole(raw: bytes) -> bytes:
    return raw[: len(raw) & ~7]


def _from_basic_table(fragments: list[Span], table: Sequence[int], first: int) -> list[list[Span]] | None:
    if not table or not fragments:
        return None
    numbers = {offset - 8 - first: number for number, (offset, _) in enumerate(fragments)}
    starts = [numbers.get(offset, -1) for offset in table]
    if starts[0] != 0 or any(later <= earlier for earlier, later in pairwise(starts)):
        return None
    return [fragments[start:stop] for start, stop in zip(starts, [*starts[1:], len(fragments)], strict=True)]


def _dealt(source: Source, fragments: list[Span], frames: int) -> list[list[Span]]:
    """Deal fragments to frames where no table helps."""
    if frames == 1 and fragments:
        return [fragments]
    if len(fragments) <= frames:
        return [[fragment] for fragment in fragments]
    starts = [
        number
        for number, (offset, _) in enumerate(fragments)
        if number == 0 or source.read(offset, 4).startswith(_STARTS)
    ]
    return [fragments[start:stop] for start, stop in zip(starts, [*starts[1:], len(fragments)], strict=True)]
