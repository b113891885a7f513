"""The interface that `interface_lag.py` runs: Noctis as it is, with a task that notes how late it is woken.

lagging_app.py ARCHIVE PORT RESULT.json

Every 5 ms a line of RESULT: when (seconds since the epoch), and how much later than asked for.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from archive.local_archive import LocalArchive
from noctis_tui.commands.worklist import show_worklist
from noctis_tui.interface.app import NoctisApp

STEP_SECONDS = 0.005


async def probe(result):
    """Note the lag of the event loop that this runs on until cancelled."""
    samples = []
    try:
        while True:
            asked = time.perf_counter() + STEP_SECONDS
            await asyncio.sleep(STEP_SECONDS)
            samples.append((time.time(), time.perf_counter() - asked))
    finally:
        result.write_text(json.dumps(samples))


def main():
    archive, port, result = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    on_mount = NoctisApp.on_mount

    def mounted(app):
        on_mount(app)
        app.probing = asyncio.create_task(probe(result))

    NoctisApp.on_mount = mounted
    with LocalArchive.open(archive) as opened:
        show_worklist(opened, archive / "no-preferences.toml", receive=("--port", port))


if __name__ == "__main__":
    main()
