"""C-ECHO and association set-up: Noctis against DCMTK's storescp and Orthanc, in one run, as ratios.

    python benchmarks/echo.py [--seconds 2] [--rounds 5]

Round trips a second in one association and in four at once; associations a second that are made, used for one
echo and released: with one presentation context, as echoscu asks, and with 64, as storescu does. storescp
serves one association after the other, so it runs with --fork where four peers come at once. The figure that
counts is the median of the rounds' ratios: the machines that run this are noisy.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from receivers import ENVIRONMENT, HERE, free_port, noctis, orthanc, started, storescp

CASES = {
    "echo, 1": ["--peers", "1"],
    "echo, 4": ["--peers", "4"],
    "associations, 1": ["--associate"],
    "associations, 4": ["--associate", "--peers", "4"],
    "64 contexts, 1": ["--associate", "--contexts", "64"],
}
RECEIVERS = {
    "noctis": lambda folder, port, _: noctis(folder, port, fsync=True),
    "storescp": lambda folder, port, peers: storescp(folder, port) + ["--fork"] * (peers > 1),
    "orthanc": lambda folder, port, _: orthanc(folder, port),
}
SETTLING_SECONDS = 1
"""What receivers do once they listen is not what is measured."""


def measure(receiver, case, seconds, work):
    folder = Path(tempfile.mkdtemp(dir=work))
    port = free_port()
    peers = 4 if "4" in CASES[case] else 1
    with started(RECEIVERS[receiver](folder, port, peers), port, folder):
        time.sleep(SETTLING_SECONDS)
        sender = [sys.executable, HERE / "echo_sender.py", port, "--seconds", seconds, *CASES[case]]
        output = subprocess.run(
            [*map(str, sender)], check=True, capture_output=True, env=ENVIRONMENT, timeout=60 + seconds
        ).stdout
    shutil.rmtree(folder)
    result = json.loads(output)
    return result["count"] / result["seconds"]


def report(rates):
    print(f"{'a second, medians':20}" + "".join(f"{receiver:>12}" for receiver in RECEIVERS))
    for case in CASES:
        medians = (statistics.median(rates[case, receiver]) for receiver in RECEIVERS)
        print(f"{case:20}" + "".join(f"{median:12,.0f}" for median in medians))
    print("\nmedians of ratios")
    for peer in ("storescp", "orthanc"):
        ratios = {
            case: statistics.median(
                us / them for us, them in zip(rates[case, "noctis"], rates[case, peer], strict=True)
            )
            for case in CASES
        }
        shown = "   ".join(f"{case}: {ratio:.2f}" for case, ratio in ratios.items())
        print(f"noctis / {peer}".ljust(20) + shown)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=2, help="for each measurement")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    rates = {}
    with tempfile.TemporaryDirectory(prefix="noctis-benchmark-") as work:
        for _ in range(arguments.rounds):
            for case in CASES:
                for receiver in RECEIVERS:
                    rate = measure(receiver, case, arguments.seconds, work)
                    rates.setdefault((case, receiver), []).append(rate)
    report(rates)


if __name__ == "__main__":
    main()
