"""Keys to frames while scrolling in real xterm and kitty: ours against textual-image, in one run.

A slice of the phantom fills the terminal. "Alone" is one step at a time, from the key to the terminal having
taken in the frame (it answers a question that was written behind it). "Held" is a key repeating 30 times
a second: frames that the terminal took in, and how old they were then. Both put the same slices into the same
cells; the peer scales and encodes by itself. Medians over all rounds, and the ratio. In kitty before 0.28 the
peer's placeholders are boxes that are slow to draw: quote kitty's ratio from a newer one.

    python benchmarks/scroll.py [--size COLUMNSxROWS] [--rounds N] [--terminal xterm|kitty]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from terminals import Terminal  # noqa: E402 - the tests' harness

PROTOCOLS = {"xterm": "sixel", "kitty": "kitty"}
PEERS = ("ours", "textual-image")


def measure(kind, peer, size, frames):
    """One run of one peer in one terminal."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [
            sys.executable,
            str(HERE / "scrolling_app.py"),
            peer,
            PROTOCOLS[kind],
            str(frames),
            str(result),
        ]
        path = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
        with Terminal(kind, command, *size, environment={"PYTHONPATH": path}) as terminal:
            end = time.monotonic() + 90
            while not result.exists() and terminal.exit_status is None and time.monotonic() < end:
                time.sleep(0.2)
            time.sleep(0.2)
        if not result.exists():
            sys.exit(f"{peer} in {kind} measured nothing")
        return json.loads(result.read_text())


def report(kind, runs):
    """Print medians of both and the median of the rounds' ratios."""
    print(f"\n{kind}: {'':24}{'ours':>12}{'textual-image':>16}{'ratio':>9}")
    rows = (
        ("alone, key to frame, ms", lambda run: statistics.median(run["alone"]) * 1e3, False),
        ("held, frames a second", lambda run: run["frames_per_second"], True),
        ("held, age of a frame, ms", lambda run: statistics.median(run["held"]) * 1e3, False),
    )
    for name, number_of, more_is_better in rows:
        numbers = [[number_of(run[peer]) for run in runs] for peer in PEERS]
        ratios = [
            ours / theirs if more_is_better else theirs / ours for ours, theirs in zip(*numbers, strict=True)
        ]
        ours, theirs = map(statistics.median, numbers)
        print(f"  {name:28}{ours:12.1f}{theirs:16.1f}{statistics.median(ratios):8.1f}x")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="120x60", help="terminal size in cells")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=30, help="frames of a round that are measured alone")
    parser.add_argument("--terminal", choices=PROTOCOLS, action="append", help="only this one")
    options = parser.parse_args()
    size = tuple(int(side) for side in options.size.split("x"))
    for kind in options.terminal or PROTOCOLS:
        runs = [
            {peer: measure(kind, peer, size, options.frames) for peer in PEERS} for _ in range(options.rounds)
        ]
        report(kind, runs)


if __name__ == "__main__":
    main()
