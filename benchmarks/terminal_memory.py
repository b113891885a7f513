"""What kitty keeps: its resident memory over 2,000 pictures of `noctis view`, and over fewer of a peer.

A key is held while the slices go past, there and back again: what is sent ahead and what is kept counts in.
After the first half, in which the terminal's store fills, the slope of a line through the readings says
whether it grows. Pictures are counted by the fences that kitty answers.

    python benchmarks/terminal_memory.py [--frames 2000] [--peer-frames 150] [--slices 120]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from ct_slices import write_ct
from frames import KEYS_A_SECOND, Bench

MOST_KIB_A_FRAME = 5.0
"""A leak of a frame's pixels would be hundreds of times as much."""


def resident_kib(pid: int) -> int:
    """Resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def readings(bench: Bench, command: list[str], frames: int) -> list[tuple[int, int]]:
    """Pictures so far and KiB, until there were as many as asked."""
    taken = []
    with bench.watched(command) as watched:
        watched.rest(2.5)
        way, shown = "j", 0
        while shown < frames:
            before = len(watched.frames())
            watched.hold(way, len(bench.files), KEYS_A_SECOND)
            watched.rest(0.7, least_frames=before + 1)
            way = "k" if way == "j" else "j"
            now = sum(frame.is_whole for frame in watched.frames())
            if now == shown:
                sys.exit("no more pictures come")
            shown = now
            taken.append((shown, resident_kib(watched.terminal.emulator_pid)))
    return taken


def report(name: str, taken: list[tuple[int, int]]) -> float:
    """Print what was read; KiB a picture in the second half."""
    half = [reading for reading in taken if reading[0] >= taken[-1][0] / 2]
    slope = float(np.polyfit(*np.array(half, float).T, 1)[0]) if len(half) > 1 else float("nan")
    (first, least), (last, most) = taken[0], taken[-1]
    print(
        f"{name:14} {least / 1024:6.0f} MiB after {first}, {most / 1024:6.0f} MiB after {last} pictures; "
        f"second half: {slope:+.2f} KiB a picture"
    )
    return slope


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--peer-frames", type=int, default=150)
    parser.add_argument("--slices", type=int, default=120)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="memory-") as name:
        bench = Bench("kitty", write_ct(Path(name) / "ct", wanted.slices), Path(name))
        slope = report("noctis view", readings(bench, bench.noctis_view(), wanted.frames))
        if wanted.peer_frames:
            report("textual-image", readings(bench, bench.textual_image_app(), wanted.peer_frames))
    is_flat = slope <= MOST_KIB_A_FRAME
    print(f"{'flat' if is_flat else 'NOT flat'}: at most {MOST_KIB_A_FRAME} KiB a picture")
    sys.exit(not is_flat)


if __name__ == "__main__":
    main()
