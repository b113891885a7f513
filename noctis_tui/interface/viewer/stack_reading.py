"""The frames of a series, found off the event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from noctis_tui.reading.stack import stack_of_instances

if TYPE_CHECKING:
    from archive.index.database import Index
    from archive.index.worklist import SeriesRow
    from noctis_tui.reading.stack import Stack


async def read_stack(index: Index, series: SeriesRow) -> Stack:
    """Return the stack of a series as the index knows it now.

    Files are opened in another thread than those of the index, which all queries share: a disk may be slow,
    and to count the pages of a PDF takes a process.

    Raises
    ------
    NoctisError
        The index cannot be read.
    """
    from archive.index.worklist import instances_of  # noqa: PLC0415 - the first picture does not wait for it

    instances = await index.call(instances_of, index, series.id)
    return await asyncio.to_thread(stack_of_instances, instances)
