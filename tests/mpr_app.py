"""The planes of a series in the terminal that this runs in: ``python mpr_app.py FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from noctis_tui.graphics.terminal.detection import detect
from noctis_tui.interface.app import NoctisApp
from noctis_tui.interface.mpr.screen import MprScreen
from noctis_tui.interface.mpr.source import MprSource
from noctis_tui.preferences import Preferences
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.viewport import ViewState

if __name__ == "__main__":
    paths = tuple(sorted(Path(sys.argv[1]).iterdir()))
    source = MprSource(lambda: paths, read_frame(paths[len(paths) // 2], 0), ViewState())
    NoctisApp(None, detect(), Preferences(), lambda: MprScreen(source)).run()
