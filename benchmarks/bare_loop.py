"""An event loop with nothing to do but the probe of `lagging_app.py`: what the machine itself adds.

bare_loop.py RESULT.json, until its standard input closes
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

from lagging_app import probe


async def main():
    probing = asyncio.create_task(probe(Path(sys.argv[1])))
    await asyncio.to_thread(sys.stdin.read)
    probing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await probing


if __name__ == "__main__":
    asyncio.run(main())
