"""Overlay planes: graphics of one bit a pixel beside the image or in its unused bits (PS3.3 C.9.2, C.9.3)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from archive.dicom.text import visible
from archive.errors import NoctisError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet

OVERLAY_GROUPS = tuple(range(0x6000, 0x6020, 2))
PLANE_LIMIT_PIXELS = 1 << 26
_ROWS, _COLUMNS, _FRAMES, _DESCRIPTION, _TYPE = 0x10, 0x11, 0x15, 0x22, 0x40
_ORIGIN, _FRAME_ORIGIN, _BITS_ALLOCATED, _BIT_POSITION = 0x50, 0x51, 0x100, 0x102
_LABEL, _DATA = 0x1500, 0x3000
_FARTHEST = 1 << 16


@dataclass(frozen=True, slots=True)
class OverlayPlane:
    """One group 60xx of a data set.

    `row` and `column` are where its first pixel lies in the image, counted from 0: the plane may begin before
    the image, end behind it, or lie beside it.
    """

    group: int
    rows: int
    columns: int
    row: int
    column: int
    type: str
    """G for graphics, R for a region of interest."""
    name: str
    first_frame: int
    """The first frame of the image that it belongs to, counted from 0."""
    number_of_frames: int
    """How many frames of its own it has; 0 when it holds for every frame of the image."""
    bit_position: int | None
    """The bit of Pixel Data that holds it (retired), None when Overlay Data does."""

    def frame_of(self, frame_index: int) -> int | None:
        """Return which of its frames lies over a frame of the image, None when none does."""
        if self.number_of_frames == 0:
            return 0
        place = frame_index - self.first_frame
        return place if 0 <= place < self.number_of_frames else None

    def within(self, rows: int, columns: int) -> tuple[slice, slice] | None:
        """Return which of an image's rows and columns it covers, None when it lies beside it."""
        top, bottom = max(self.row, 0), min(self.row + self.rows, rows)
        left, right = max(self.column, 0), min(self.column + self.columns, columns)
        return (slice(top, bottom), slice(left, right)) if top < bottom and left < right else None


def read_overlay_planes(ds: DataSet, number_of_frames: int = 1) -> tuple[OverlayPlane, ...]:
    """Return the planes of a data set that say how large they are; `number_of_frames` is the image's."""
    planes = (_read_plane(ds, group, number_of_frames) for group in OVERLAY_GROUPS)
    return tuple(plane for plane in planes if plane is not None)


def _read_plane(ds: DataSet, group: int, number_of_frames: int) -> OverlayPlane | None:
    base = group << 16
    rows, columns = ds.integer(base | _ROWS, 0), ds.integer(base | _COLUMNS, 0)
    if rows <= 0 or columns <= 0 or rows * columns > PLANE_LIMIT_PIXELS:
        return None
    row, column = _origin(ds, base)
    own_frames = max(ds.integer(base | _FRAMES, 0, b"IS"), 0)
    first_frame = ds.integer(base | _FRAME_ORIGIN, 0)
    embedded = base | _DATA not in ds and ds.integer(base | _BITS_ALLOCATED, 1) > 1
    if embedded or (own_frames <= 1 and first_frame == 0 and number_of_frames > 1):
        own_frames = 0  # PS3.3 C.9.2: without a frame of its own it belongs to all
    return OverlayPlane(
        group=group,
        rows=rows,
        columns=columns,
        row=row,
        column=column,
        type=ds.text(base | _TYPE)[:16].upper() or "G",
        name=visible(ds.text(base | _LABEL) or ds.text(base | _DESCRIPTION), 64),
        first_frame=max(first_frame - 1, 0),
        number_of_frames=own_frames,
        bit_position=ds.integer(base | _BIT_POSITION, 0) if embedded else None,
    )


def _origin(ds: DataSet, base: int) -> tuple[int, int]:
    """Return row and column of the first pixel from 0; the file counts from 1."""
    values = [int(value) for value in ds.numbers(base | _ORIGIN, b"SS")[:2] if math.isfinite(value)]
    row, column = values if len(values) == 2 else (1, 1)
    return max(min(row, _FARTHEST), -_FARTHEST) - 1, max(min(column, _FARTHEST), -_FARTHEST) - 1


def drawn_planes(
    ds: DataSet,
    planes: Iterable[OverlayPlane],
    frame_index: int,
    shape: tuple[int, int],
    samples: Callable[[], NDArray[Any] | None],
) -> NDArray[np.bool_] | None:
    """Lay planes over a frame.

    Parameters
    ----------
    ds, planes
        The data set, and those of its planes that are wanted.
    frame_index
        Of the image, from 0.
    shape
        Rows and columns of the image.
    samples
        Gives the frame's samples [rows, columns] with every allocated bit, for planes in unused bits.

    Returns
    -------
    NDArray[np.bool_] or None
        [rows, columns], true where any of them has a bit; None when there is none. A plane whose data is too
        short, or cannot be decoded, is left out.
    """
    drawn: NDArray[np.bool_] | None = None
    for plane in planes:
        bits, place = _bits(ds, plane, frame_index, shape, samples), plane.within(*shape)
        if bits is None or place is None or not bits.any():
            continue
        if drawn is None:
            drawn = np.zeros(shape, np.bool_)
        drawn[place] |= bits
    return drawn


def _bits(
    ds: DataSet,
    plane: OverlayPlane,
    frame_index: int,
    shape: tuple[int, int],
    samples: Callable[[], NDArray[Any] | None],
) -> NDArray[np.bool_] | None:
    """Return the bits of a plane that lie over the image."""
    own_frame, place = plane.frame_of(frame_index), plane.within(*shape)
    if own_frame is None or place is None:
        return None
    if plane.bit_position is not None:
        return _embedded_bits(plane.bit_position, place, samples)
    rows, columns = place
    top, left = rows.start - plane.row, columns.start - plane.column
    height, width = rows.stop - rows.start, columns.stop - columns.start
    first = (own_frame * plane.rows + top) * plane.columns
    bits = _unpacked(ds, plane, first, height * plane.columns)
    return None if bits is None else bits.reshape(height, plane.columns)[:, left : left + width]


def _unpacked(ds: DataSet, plane: OverlayPlane, first: int, count: int) -> NDArray[np.bool_] | None:
    """Unpack bits of Overlay Data, the first in the lowest place (PS3.5 8.1.2); rows follow without gaps."""
    tag = plane.group << 16 | _DATA
    data = np.frombuffer(ds.raw(tag), np.uint8)
    element = ds.element(tag)
    if ds.encoding.byte_order == ">" and element is not None and element.vr != b"OB":
        data = data[: len(data) & ~1].reshape(-1, 2)[:, ::-1].reshape(-1)
    last = -(-(first + count) // 8)
    if last > len(data):
        return None
    bits = np.unpackbits(data[first // 8 : last], bitorder="little")
    return bits[first % 8 : first % 8 + count].astype(np.bool_)


def _embedded_bits(
    bit_position: int, place: tuple[slice, slice], samples: Callable[[], NDArray[Any] | None]
) -> NDArray[np.bool_] | None:
    try:
        values = samples()
    except NoctisError:
        return None
    if values is None or values.dtype.kind not in "ui" or not 0 <= bit_position < 8 * values.dtype.itemsize:
        return None
    unsigned: NDArray[np.unsignedinteger[Any]] = values[place].view(f"u{values.dtype.itemsize}")
    return np.not_equal(unsigned & unsigned.dtype.type(1 << bit_position), 0)
