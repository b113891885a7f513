"""What reading will need, loaded while nobody asks for it: the first Enter need not wait for imports."""

from __future__ import annotations

import asyncio
import gc

IDLE_SECONDS = 0.5
"""After so long the worklist has painted itself."""


async def warm() -> None:
    """Load the viewer, and all that it decodes and draws with, in a thread."""
    await asyncio.sleep(IDLE_SECONDS)
    await asyncio.to_thread(_load)
    # What has been loaded by now stays: a full collection that looks at it again holds the keys up by 0.1 s.
    gc.freeze()


def _load() -> None:
    import noctis_tui.interface.viewer.screen  # noqa: PLC0415 - not before the worklist is seen
    import noctis_tui.reading.frame_reading  # noqa: F401, PLC0415 - not before the worklist is seen
