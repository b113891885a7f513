"""Small volumes of any bytes laid on sheared pictures, marked and warped, compiled and slowly: alike.

And called with arguments that do not fit: refused, or done within their arrays.
"""

from __future__ import annotations

import numpy as np
from fuzzing.compiled_planes import TYPES, padding_of, voxels
from fuzzing.odd_calls import Bytes, is_bearable, spoiled

from noctis_tui.imaging.planes.padding import is_padding
from noctis_tui.imaging.turning import compiled_turning

loops = compiled_turning.loops
MAXIMUM, MINIMUM, SUM, ABOVE, BELOW, COUNT = range(6)
MARKS = ABOVE, BELOW
_FAR = 5
"""Pixels around the slices at most."""
_LONG = (0, 1, 2, 4, 7, 8, 9, 16, 31, 32, 33, 126, 127, 128, 130)
"""Columns less one: around what goes through at once."""


def seeds():
    """Give every type, axis and kind, small sizes and those around a tile."""
    noise = bytes(np.random.default_rng(1).integers(0, 256, 250, np.uint8))
    for dtype in range(4):
        for axis in range(3):
            for kind in range(6):
                yield bytes([kind, dtype, axis, kind, axis + 2, 5 - axis, 7, dtype, 9, kind]) + noise
    for side in (127, 128, 129, 131, 200):
        yield bytes([0, side % 4, 2, side % 5, 1, 3, side, 1, 2, 3]) + noise
    yield bytes([3, 0, 0, 0]) + bytes([250, 251] * 30) + noise


def check(data):
    """Lay, mark and warp; then once more with something odd."""
    if loops is None:
        return
    chance = Bytes(data)
    arguments, narrow_range = _laying(chance)
    if chance.byte() % 2:
        odd, guards = spoiled(arguments, chance)
        is_bearable(loops.lay_slices, odd, guards)
    else:
        _check_laid(arguments, is_narrow=narrow_range)
    _check_warped(chance)


def _laying(chance):
    """Return what `lay_slices` is given, and whether its picture is of 16 bits."""
    dtype, axis, kind = TYPES[chance.below(4)], chance.below(3), chance.below(6)
    shape = (1 + chance.below(5), 1 + chance.below(5), 1 + _LONG[chance.below(len(_LONG))])
    is_narrow = (dtype is np.int16 and kind < SUM and chance.byte() % 2 == 0) or kind in MARKS
    gaps, slices = (chance.below(_FAR), chance.below(_FAR)), shape[axis]
    starts = np.array([[chance.below(_FAR) for _ in range(slices)] for _ in range(2)], np.int32)
    shares = np.array([[chance.byte() / 255 - 0.5 for _ in range(slices)] for _ in range(2)], np.float32)
    shares *= chance.byte() % 4 > 0
    limit, backwards = float(np.nan_to_num(chance.real(30_000))), chance.byte() % 2 == 1
    window = tuple(size for place, size in enumerate(shape) if place != axis)
    picture = _begun(
        kind, is_narrow, tuple(size + _FAR + gap for size, gap in zip(window, gaps, strict=True))
    )
    met = (None, None)
    if not is_narrow and chance.byte() % 2:
        met = tuple(
            np.full(picture.shape, number, np.int32) for number in (chance.below(3), chance.below(slices + 1))
        )
    rows = sorted((chance.below(window[0] + 1), window[0]))
    which = Bytes(bytes(chance.byte() for _ in range(3)))
    stored = voxels(chance.rest(), shape, dtype)
    if is_narrow and kind < SUM:
        stored //= 2
    padding = padding_of(stored, which) or ()
    marking = axis, kind, *rows, limit, backwards, *padding
    return (stored, picture, starts, shares, *met, *marking), is_narrow


def _begun(kind, is_narrow, shape):
    if kind >= SUM:
        return np.zeros(shape, np.int16 if is_narrow else np.float32)
    if is_narrow:
        limits = np.iinfo(np.int16)
        return np.full(shape, limits.min if kind == MAXIMUM else limits.max, np.int16)
    return np.full(shape, -np.inf if kind == MAXIMUM else np.inf, np.float32)


def _check_laid(arguments, *, is_narrow):
    stored, picture, _, _, _, _, _, kind, _, _, limit, _, *padding = arguments
    wanted = picture.copy()
    whole = stored.dtype.kind != "f"
    if kind == COUNT and not padding:
        assert not is_bearable(loops.lay_slices, arguments)
        return
    if kind in MARKS and whole and not np.iinfo(stored.dtype).min <= limit <= np.iinfo(stored.dtype).max:
        assert not is_bearable(loops.lay_slices, arguments)
        return
    loops.lay_slices(*arguments)
    with np.errstate(all="ignore"):
        _laid_slowly(wanted, *arguments)
    if kind >= ABOVE:
        assert np.array_equal(picture, wanted)
        return
    largest = np.abs(stored[np.isfinite(stored)].astype(np.float64)).max(initial=1) * stored.size
    away = 3.0 if is_narrow else largest * 1e-5
    with np.errstate(all="ignore"):
        alike = np.isclose(picture.astype(np.float64), wanted.astype(np.float64), 0, away, equal_nan=True)
    if not whole:  # where infinite and huge values meet, the order of steps decides
        alike |= ~(np.abs(wanted) < 1e30) | ~(np.abs(picture) < 1e30) | (largest > 1e30)
    assert alike.all()


def _laid_slowly(
    picture, stored, _, starts, shares, first, last, axis, kind, begin, stop, limit, backwards, *padding
):
    """Lay what lies between four voxels, slice by slice, in float64."""
    count = stored.shape[axis]
    for number, values in enumerate(np.moveaxis(stored, axis, 0)):
        row, column = starts[:, number]
        _, columns = values.shape
        window = np.s_[row + begin : row + stop, column : column + columns]
        is_laid = np.ones(values.shape, bool)
        if padding:
            is_laid = ~is_padding(values, padding)
        if kind in MARKS:
            limit_here = stored.dtype.type(limit)
            inside = (values <= limit_here) if kind == BELOW else (values >= limit_here)
            code = np.where(inside & is_laid, number + 1 if backwards else count - number, 0)[begin:stop]
            picture[window] = np.maximum(picture[window], code)
            continue
        laid = _between(values.astype(np.float64), is_laid, *shares[:, number].astype(np.float64))[begin:stop]
        is_laid = is_laid[begin:stop]
        if first is not None:
            is_laid &= (first[window] <= number) & (number <= last[window])
        if kind == COUNT:
            picture[window] += is_laid
            continue
        laid = np.where(is_laid, laid, 0 if kind == SUM else np.nan)
        now = picture[window].astype(np.float64)
        merged = now + laid if kind == SUM else (np.fmax if kind == MAXIMUM else np.fmin)(now, laid)
        picture[window] = np.rint(merged) if picture.dtype == np.int16 else merged


def _between(values, is_laid, down, along):
    rows, columns = (np.arange(size) for size in values.shape)
    above = np.clip(rows + (-1 if down > 0 else 1), 0, len(rows) - 1)
    beside = np.clip(columns + (-1 if along > 0 else 1), 0, len(columns) - 1)
    near = values + np.where(is_laid[above], values[above] - values, 0) * abs(down)
    far = np.where(is_laid[:, beside], near[:, beside], near)
    return near + (far - near) * abs(along)


def _check_warped(chance):
    """Warp a picture: nothing is drawn that lies not between the values there are."""
    shape = chance.below(7), chance.below(7)
    sheared = np.array([chance.real() for _ in range(shape[0] * shape[1])], np.float32).reshape(shape)
    numbers = tuple(chance.real() for _ in range(6))
    picture = np.zeros((chance.below(9), chance.below(9)), np.float32)
    if chance.byte() % 2:
        odd, guards = spoiled((sheared, numbers, picture), chance)
        is_bearable(loops.warp, odd, guards)
        return
    loops.warp(sheared, numbers, picture)
    shown, there = picture[~np.isnan(picture)], sheared[~np.isnan(sheared)]
    if len(shown) and np.isfinite(there).all():
        least, most = there.min(), there.max()
        room = (most - least) * 1e-5 + 1e-5 * max(abs(least), abs(most))
        assert (shown >= least - room).all()
        assert (shown <= most + room).all()
