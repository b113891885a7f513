"""Writes a recorded stream to its terminal, and waits at the given places for somebody to look.

python replay.py RECORD FOLDER OFFSET...
"""

import os
import select
import sys
import time
import tty
from pathlib import Path

record, folder = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])
tty.setraw(0)
begin = 0
for cut in map(int, sys.argv[3:]):
    place = begin
    while place < cut:
        place += os.write(1, record[place : min(place + 65536, cut)])
    begin = cut
    os.write(1, b"\x1b[6n")
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < 0.3:  # the answers of the record's own questions, too
        if select.select([0], [], [], 0.05)[0]:
            os.read(0, 65536)
            quiet_since = time.monotonic()
    (folder / f"at-{cut}").touch()
    while not (folder / f"seen-{cut}").exists():
        if select.select([0], [], [], 0.02)[0]:
            os.read(0, 65536)
