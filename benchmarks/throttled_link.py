"""Reading over a slow line: `noctis view` in real xterm and kitty behind 10 Mbit/s and a round trip of 50 ms.

As `frames.py`, but through `link.py` with a token bucket towards the terminal and a delay each way.
Targets: 8 frames a second while a key is held in xterm, 15 in kitty; a key shows its first picture within
150 ms; what stands at rest is exact (kitty) or has 49 dB (sixel); slices that kitty has cost 100 bytes a
frame.

    python benchmarks/throttled_link.py [--mbit 10] [--delay-ms 25] [--rounds 3] [--terminal xterm] [--peers]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from ct_slices import write_ct
from frames import Bench, Measured, report

TARGETS = {
    "xterm": (("new_fps", ">=", 8.0), ("first_ms", "<=", 150.0), ("rest_db", ">=", 49.0)),
    "kitty": (
        ("new_fps", ">=", 15.0),
        ("first_ms", "<=", 150.0),
        ("rest_db", ">=", float("inf")),
        ("seen_bytes", "<=", 100.0),
    ),
}


def judge(kind: str, runs: list[Measured]) -> None:
    """Say which targets are met, by medians."""
    for field, sign, target in TARGETS[kind]:
        median = statistics.median(getattr(run, field) for run in runs)
        met = median >= target if sign == ">=" else median <= target
        print(f"  {'met    ' if met else 'NOT met'} {field} {median:.1f} {sign} {target}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mbit", type=float, default=10.0)
    parser.add_argument("--delay-ms", type=float, default=25.0, help="each way")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slices", type=int, default=120)
    parser.add_argument("--terminal", choices=["xterm", "kitty"], action="append")
    parser.add_argument("--peers", action="store_true", help="textual-image and img2sixel, too")
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    line = "--mbit", str(wanted.mbit), "--delay-ms", str(wanted.delay_ms)
    kept = {}
    with tempfile.TemporaryDirectory(prefix="throttled-") as name:
        files = write_ct(Path(name) / "ct", wanted.slices)
        for kind in wanted.terminal or ("xterm", "kitty"):
            bench = Bench(kind, files, Path(name))
            peers = ["textual_image", *(["img2sixel"] if kind == "xterm" else [])] if wanted.peers else []
            rounds = []
            for number in range(wanted.rounds):
                rounds.append({program: getattr(bench, program)(line) for program in ("ours", *peers)})
                print(f"{kind}: round {number + 1} of {wanted.rounds}", file=sys.stderr, flush=True)
            print(f"{wanted.mbit} Mbit/s, {2 * wanted.delay_ms} ms, {bench.width} x {bench.height}", end="")
            print(f", {time.strftime('%F %R')}", end="")
            report(kind, rounds)
            judge(kind, [each["ours"] for each in rounds])
            kept[kind] = [{name: asdict(run) for name, run in each.items()} for each in rounds]
    if wanted.json:
        wanted.json.write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
