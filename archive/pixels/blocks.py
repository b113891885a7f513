"""Large frames in blocks of rows, so that what is computed on the way stays small."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK_SAMPLES = 1 << 20


def row_blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Yield slices of the first axis that hold about a million samples each; one for an ordinary frame."""
    if not shape:
        return
    rows = shape[0]
    samples = 1
    for length in shape[1:]:
        samples *= length
    step = max(1, _BLOCK_SAMPLES // max(1, samples))
    for row in range(0, rows, step):
        yield slice(row, row + step)
