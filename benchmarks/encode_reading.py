"""Run in a terminal by `encode.py`: how long it takes to read each file of a folder, in turns.

encode_reading.py FOLDER ROUNDS RESULT.json
"""

from __future__ import annotations

import json
import os
import sys
import time
import tty
from pathlib import Path

FENCE = b"\x1b[6n"


def seconds_to_read(content):
    """From the first byte written to the answer to what is asked behind the last one."""
    begun = time.perf_counter()
    unwritten = memoryview(b"\x1b[H" + content + FENCE)
    while unwritten:
        unwritten = unwritten[os.write(1, unwritten) :]
    answer = b""
    while not answer.endswith(b"R"):
        answer += os.read(0, 64)
    return time.perf_counter() - begun


def main():
    folder, rounds, result = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    tty.setraw(0)
    contents = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    times = {name: [] for name in contents}
    for turn in range(rounds + 1):
        for name, content in contents.items():
            seconds = seconds_to_read(content)
            if turn:  # the first is a warm-up
                times[name].append(seconds)
    part = result.with_suffix(".part")
    part.write_text(json.dumps(times))
    part.rename(result)


if __name__ == "__main__":
    main()
