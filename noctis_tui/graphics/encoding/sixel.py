"""Sixel graphics (DEC STD 070): the palette first, then six rows at a time, run lengths in numpy."""

from __future__ import annotations

from functools import lru_cache
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np

from noctis_tui.graphics.encoding import compiled
from noctis_tui.graphics.encoding.dither import Indexed, Quality, index_picture
from noctis_tui.graphics.encoding.grey_steps import count_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from noctis_tui.graphics.picture import Picture

LEVELS = (
    Quality((64, 101), grain=0.5, least_db=49.5),
    Quality((32,), grain=0.5),
    Quality((20,), grain=0.5),
    Quality((12,), grain=0.5),
    Quality((8,), grain=0.75),
    Quality((10,), grain=0.5, block=2),
    Quality((8,), grain=0.5, block=3),
)
"""Level 0 is for a picture at rest, each further one takes fewer bytes (`docs/graphics.md` says how many)."""

MOST_COLUMNS = 9999

NOTHING = 256
"""Stands for no register below the last row of the picture."""

BANDS_AT_ONCE = 8
"""Bands encoded together: enough to keep numpy busy, few enough to stay in the processor's cache."""


def encode_sixel(picture: Picture, quality: Quality = LEVELS[0], *, registers: int = 256) -> bytes:
    """Encode a picture without labels as one sixel image.

    Every colour is defined before the first is used and selected before it paints: xterm up to 379 takes a
    definition that comes between for no selection, and paints the band in the wrong colour.

    Parameters
    ----------
    picture
        What to show.
    quality, registers
        How well, and most colours (`dither.index_picture`).
    """
    return encode_indexed(index_picture(picture, quality, registers))


def encode_indexed(indexed: Indexed, *, overpaint: bool = True) -> bytes:
    """Encode palette indices as one sixel image (`encode_sixel`).

    Parameters
    ----------
    indexed
        At most 9999 columns.
    overpaint
        Let the compiled loops paint a band's commonest colour first, and over pixels of colours that are
        still to come where that makes one run of several: the same picture in 5-35 % fewer bytes. Without
        it, and in numpy always, every pixel is painted once.

    Raises
    ------
    ValueError
        More columns.
    """
    rows, columns = indexed.indices.shape
    if columns > MOST_COLUMNS:
        raise ValueError(f"a sixel picture of {columns} columns")
    bands, used = (
        (_encode_in_numpy(indexed.indices), count_values(indexed.indices))
        if compiled.loops is None
        else compiled.loops.bands(indexed.indices, overpaint)
    )
    introduction = b'\x1bP0;1;0q"1;1;%d;%d' % (columns, rows)
    return b"".join([introduction, *_definitions(indexed.percents, used), bands, b"\x1b\\"])


def _encode_in_numpy(indices: NDArray[np.uint8]) -> bytes:
    rows, columns = indices.shape
    bands = -(-rows // 6)
    padded = np.full((bands * 6, columns), NOTHING, np.uint16)
    padded[:rows] = indices
    parts = []
    for first in range(0, bands, BANDS_AT_ONCE):
        chunk = padded[first * 6 : (first + BANDS_AT_ONCE) * 6].reshape(-1, 6, columns)
        parts.append(_encode_bands(chunk, is_first=first == 0))
    return b"".join(parts)


def _definitions(percents: NDArray[np.uint8], used: Iterable[int]) -> Iterable[bytes]:
    """What defines the registers that are used, and no more: a small tile uses few."""
    return compress(_all_definitions(percents.tobytes()), used)


@lru_cache(maxsize=16)
def _all_definitions(percents: bytes) -> list[bytes]:
    colors = np.frombuffer(percents, np.uint8).reshape(-1, 3).tolist()
    return [b"#%d;2;%d;%d;%d" % (register, *color) for register, color in enumerate(colors)]


def _encode_bands(chunk: NDArray[np.uint16], *, is_first: bool) -> bytes:
    sixels, band_of_row, register_of_row = _sixel_rows(chunk)
    starts, lengths, row_of_run = _runs(sixels)
    values = sixels.ravel()[starts]
    # Blank runs at the end of a row say nothing; those between say where to go on.
    is_last = np.append(row_of_run[1:] != row_of_run[:-1], True)
    kept = ~(is_last & (values == 0))
    values, lengths, row_of_run = values[kept], lengths[kept], row_of_run[kept]
    headers = _headers(band_of_row, register_of_row, is_first=is_first)
    tokens = np.zeros(len(values) + len(headers), np.uint64)
    tokens[np.arange(len(values)) + row_of_run + 1] = _run_tokens(values, lengths)
    runs_before = np.searchsorted(row_of_run, np.arange(len(headers)))
    tokens[runs_before + np.arange(len(headers))] = headers
    text = tokens.view(np.uint8)
    return bytes(text[text != 0])


def _sixel_rows(
    chunk: NDArray[np.uint16],
) -> tuple[NDArray[np.uint8], NDArray[np.intp], NDArray[np.intp]]:
    """One row of six-bit values for each register that a band uses, and which band and register it is."""
    bands, _, columns = chunk.shape
    used = np.flatnonzero(np.bincount(chunk.ravel()))
    place_of = np.zeros(NOTHING + 1, np.intp)
    place_of[used] = np.arange(len(used)) * columns
    planes = np.zeros((bands, len(used), columns), np.uint8)
    flat = planes.reshape(-1)
    base = np.arange(bands)[:, None] * (len(used) * columns) + np.arange(columns)
    for row in range(6):
        # No two pixels of one row of a band share a place, so adding sets the bit.
        flat[base + place_of[chunk[:, row]]] += np.uint8(1 << row)
    registers = used[used != NOTHING]
    planes = planes[:, : len(registers)]
    band_of_row, place = np.nonzero(np.any(planes, axis=2))
    return planes[band_of_row, place], band_of_row, registers[place]


def _runs(sixels: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Start in the flat array, length and row of each run of equal values."""
    rows, columns = sixels.shape
    begins = np.ones((rows, columns), np.bool_)
    np.not_equal(sixels[:, 1:], sixels[:, :-1], out=begins[:, 1:])
    starts = np.flatnonzero(begins)
    lengths = np.diff(starts, append=rows * columns)
    return starts, lengths, starts // columns


def _headers(
    band_of_row: NDArray[np.intp], register_of_row: NDArray[np.intp], *, is_first: bool
) -> NDArray[np.uint64]:
    """Select a register at the start of the band again (`$`) or of the next band (`-`)."""
    is_next = np.append(True, band_of_row[1:] != band_of_row[:-1])
    headers = np.where(
        is_next, _selections(ord("-"))[register_of_row], _selections(ord("$"))[register_of_row]
    )
    if is_first:
        headers[0] = _selections(0)[register_of_row[0]]
    return headers


@lru_cache(maxsize=4)
def _selections(before: int) -> NDArray[np.uint64]:
    return _as_tokens([bytes([before]) + b"#%d" % register for register in range(256)])


def _run_tokens(values: NDArray[np.uint8], lengths: NDArray[np.intp]) -> NDArray[np.uint64]:
    """Up to eight bytes a run, zero where there is none: `!` length character, or the characters."""
    counts, places = _length_tables()
    return counts[lengths] | (places[lengths] * (values.astype(np.uint64) + np.uint64(63)))


@lru_cache(maxsize=1)
def _length_tables() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    counts = [b""] * 4 + [b"!%d" % length for length in range(4, MOST_COLUMNS + 1)]
    places = [b"\x01" * length for length in range(4)] + [
        b"\0" * len(count) + b"\x01" for count in counts[4:]
    ]
    return _as_tokens(counts), _as_tokens(places)


def _as_tokens(texts: list[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(text.ljust(8, b"\0") for text in texts), np.uint64)
