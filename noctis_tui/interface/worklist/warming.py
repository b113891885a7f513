"""What reading will need, loaded while nobody asks for it: the first Enter need not wait for imports."""

from __future__ import annotations

import asyncio

IDLE_SECONDS = 0.5
"""After so long the worklist has painted itself."""


async def warm() -> None:
    """Load the viewer, and all that it decodes and draws with, in a thread."""
    await asyncio.sleep(IDLE_SECONDS)
    await asyncio.to_thread(_load)


def _load() -> None:
    import noctis_tui.interface.viewer.screen  # noqa: PLC0415 - not before the worklist is seen
    import noctis_tui.reading.frame_reading  # noqa: F401, PLC0415 - not before the worklist is seen
