"""Run in a terminal by `encode.py`: what it costs the terminal to read each file of a folder, in turns.

encode_reading.py FOLDER ROUNDS RESULT.json

The processor time of the emulator and of its X server, which one process started, from the first byte to the
answer to a question behind the last.
"""

from __future__ import annotations

import json
import os
import sys
import time
import tty
from pathlib import Path

FENCE = b"\x1b[6n"
COUNTED = ("xterm", "Xvfb")


def parent_of(process):
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def display_processes():
    """Emulator and X server: the shell that started us is the emulator's child."""
    emulator = parent_of(os.getppid())
    starter = parent_of(emulator)
    children = Path(f"/proc/{starter}/task/{starter}/children").read_text().split()
    return [each for each in children if Path(f"/proc/{each}/comm").read_text().strip() in COUNTED]


def processor_seconds(processes):
    # Its first field is the time on a processor in nanoseconds (Linux, Documentation/scheduler/sched-stats).
    return sum(int(Path(f"/proc/{each}/schedstat").read_text().split()[0]) for each in processes) / 1e9


def read(content):
    """Write it, and return when the terminal has read it."""
    unwritten = memoryview(b"\x1b[H" + content + FENCE)
    while unwritten:
        unwritten = unwritten[os.write(1, unwritten) :]
    answer = b""
    while not answer.endswith(b"R"):
        answer += os.read(0, 64)


def main():
    folder, rounds, result = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    tty.setraw(0)
    time.sleep(1)  # until what placed the window has ended
    processes = display_processes()
    contents = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    seconds = {name: [] for name in contents}
    for turn in range(rounds + 1):
        for name, content in contents.items():
            begun = processor_seconds(processes)
            read(content)
            if turn:  # the first is a warm-up
                seconds[name].append(processor_seconds(processes) - begun)
    part = result.with_suffix(".part")
    part.write_text(json.dumps(seconds))
    part.rename(result)


if __name__ == "__main__":
    main()
