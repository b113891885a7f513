"""The worklist does not load the viewer before it is seen, and has loaded it before it is asked for."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import asyncio, gc, sys
import noctis_tui.interface.worklist.screen
from noctis_tui.interface.worklist import warming
VIEWER = "noctis_tui.interface.viewer.screen"
before = VIEWER in sys.modules
warming.IDLE_SECONDS = 0
asyncio.run(warming.warm())
READER = "noctis_tui.reading.frame_reading"
print(before, gc.get_freeze_count() > 10_000, VIEWER in sys.modules, READER in sys.modules)
"""


def test_the_viewer_is_loaded_after_the_worklist() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["False", "True", "True", "True"]
