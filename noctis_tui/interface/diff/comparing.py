"""The comparison in a thread, its results in batches on the event loop."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from archive.comparing import compare_sides

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from archive.comparing import Ignoring, InstanceDifferences
    from archive.progress import CancelToken
    from noctis_tui.interface.diff.sides import Side

_BATCH_SECONDS = 0.2
MOST_KEPT = 200_000
"""Differences of all pairs together that a screen holds; what comes after is not compared."""


async def compared(
    left: Side, right: Side, ignoring: Ignoring, token: CancelToken
) -> AsyncIterator[list[InstanceDifferences]]:
    """Yield what differs, some pairs at a time.

    Raises
    ------
    NoctisError
        A side cannot be read.
    Cancelled
        Asked to stop.
    """
    lefts = await asyncio.to_thread(left.read)
    rights = await asyncio.to_thread(right.read)
    results = compare_sides(lefts, rights, ignoring, token=token)
    kept = 0
    while kept < MOST_KEPT:
        batch = await asyncio.to_thread(_batch, results)
        if not batch:
            return
        kept += sum(len(each.differences) for each in batch)
        yield batch


def _batch(results: Iterator[InstanceDifferences]) -> list[InstanceDifferences]:
    """Take what comes within a moment, one pair at least."""
    batch: list[InstanceDifferences] = []
    until = time.monotonic() + _BATCH_SECONDS
    for each in results:
        batch.append(each)
        if time.monotonic() >= until:
            break
    return batch
