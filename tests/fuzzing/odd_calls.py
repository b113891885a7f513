"""Calls of compiled loops with arguments that nobody gives them: refused, or done within their arrays.

Sanitizers, and the bytes around each array, tell whether anything else was touched.
"""

from __future__ import annotations

import numpy as np

REFUSALS = (ValueError, TypeError, BufferError, OverflowError)
DTYPES = (np.int16, np.uint16, np.uint8, np.float32, np.float64, np.int32, np.int64, np.int8, ">i2", np.bool_)
NUMBERS = (
    0,
    1,
    -1,
    2,
    3,
    5,
    127,
    32767,
    -32768,
    65535,
    2**31 - 1,
    -(2**31),
    2**31,
    2**63 - 1,
    -(2**63),
    2**64,
)
EXTREMES = (
    np.nan,
    np.inf,
    -np.inf,
    1e308,
    -1e308,
    3.5e9,
    -3.5e9,
    0.5,
    -0.5,
    1.0,
    -1.0,
    1e-320,
    32768.0,
    2.0**63,
)
_AROUND = 64
_FILL = 0x5A


class Bytes:
    """Numbers from bytes, zeros when there are none left."""

    def __init__(self, data):
        self._data = bytes(data)
        self._at = 0

    def below(self, limit):
        """Take a whole number from 0 up."""
        return self.byte() % limit

    def byte(self):
        """Take the next byte."""
        value = self._data[self._at] if self._at < len(self._data) else 0
        self._at += 1
        return value

    def real(self, spread=8.0):
        """Take a real number: mostly small, sometimes an extreme one."""
        kind = self.byte()
        if kind >= 240:
            return EXTREMES[kind % len(EXTREMES)]
        return (self.byte() * 256 + self.byte() - 32768) / 32768 * spread

    def rest(self):
        """Take all that is left."""
        left = self._data[self._at :]
        self._at = len(self._data)
        return left


class Guarded:
    """An array between two margins whose bytes must stay as they are."""

    def __init__(self, shape, dtype, content=b"", offset=0):
        dtype = np.dtype(dtype)
        size = int(np.prod(shape)) * dtype.itemsize
        self._memory = np.full(size + 2 * _AROUND + offset, _FILL, np.uint8)
        self._begin, self._end = _AROUND + offset, _AROUND + offset + size
        held = self._memory[self._begin : self._end]
        held[:] = np.resize(np.frombuffer(content or b"\0", np.uint8), size)
        self.view = memoryview(held)
        if size:
            self.view = self.view.cast(dtype.char, shape)
        self.array = held.view(dtype).reshape(shape) if size else np.empty(shape, dtype)

    def is_untouched_around(self):
        """Tell whether the margins are as they were."""
        margins = self._memory[: self._begin], self._memory[self._end :]
        return all((each == _FILL).all() for each in margins)


def spoiled(arguments, chance):
    """Return the arguments of a call with some made odd, and what guards arrays that may be written."""
    made, guards = list(arguments), []
    for _ in range(1 + chance.below(3)):
        place = chance.below(len(made))
        value = made[place]
        if isinstance(value, np.ndarray):
            made[place], guard = _odd_array(value, chance)
            guards += [guard] * (guard is not None)
        elif isinstance(value, tuple):
            made[place] = tuple(chance.real() for _ in value)[: len(value) - (chance.byte() > 250)]
        elif isinstance(value, float):
            made[place] = chance.real(70_000)
        else:
            made[place] = (*NUMBERS, None, b"", 1.5)[chance.below(len(NUMBERS) + 3)]
    return tuple(made), guards


def _odd_array(array, chance):
    kind = chance.below(10)
    if kind < len(_LAID_OTHERWISE):
        return _LAID_OTHERWISE[kind](array, chance), None
    if kind in {7, 8}:  # a shape of any sort, or bytes where the machine does not like them
        shape = tuple(chance.below(6) for _ in range(chance.below(5))) if kind == 7 else array.shape
        guard = Guarded(shape, array.dtype, array.tobytes(), offset=0 if kind == 7 else 1 + chance.below(7))
        return (guard.array if chance.below(2) else guard.view), guard
    return (None, b"\0" * 48, memoryview(b"abc"), bytearray(array.nbytes))[chance.below(4)], None


def _of_another_type(array, chance):
    with np.errstate(all="ignore"):
        return array.astype(DTYPES[chance.below(len(DTYPES))])


def _read_only(array):
    held = array.copy()
    held.flags.writeable = False
    return held


def _with_extremes(array, chance):
    """Put numbers that no index is into an array, as its type can hold them."""
    held = np.array(array, order="C")
    flat = held.reshape(-1)
    if not flat.size:
        return held
    for _ in range(1 + chance.below(4)):
        place = chance.below(256) % flat.size
        if held.dtype.kind == "f":
            with np.errstate(all="ignore"):
                flat[place] = EXTREMES[chance.below(len(EXTREMES))]
        else:
            limits = np.iinfo(held.dtype) if held.dtype.kind in "iu" else None
            flat[place] = (limits.max, limits.min)[chance.below(2)] if limits else 1
    return held


_LAID_OTHERWISE = (
    lambda array, _: np.asfortranarray(array),
    lambda array, _: array[..., ::-1] if array.ndim else array,
    lambda array, chance: array[tuple(slice(None, None, 1 + chance.below(2)) for _ in array.shape)],
    lambda array, _: _read_only(array),
    _of_another_type,
    lambda array, _: np.broadcast_to(array[:1], array.shape) if array.ndim and len(array) else array,
    _with_extremes,
)


def is_bearable(function, arguments, guards=()):
    """Call it; tell whether it was done. Refusing is as good.

    Raises
    ------
    AssertionError
        Memory beside an array was written to.
    """
    try:
        function(*arguments)
    except REFUSALS:
        done = False
    else:
        done = True
    assert all(guard.is_untouched_around() for guard in guards)
    return done
