"""Random keys, mouse, resizes, fonts and stops at `noctis view` in real xterm and kitty, for hours.

Each run thinks of a sequence (hypothesis), does it in a fresh terminal, and looks: the screen at rest must be
what a complete redraw makes of it, and what rendering everything anew makes of it, pixel for pixel; after
leaving nothing stays behind. A sequence that fails is done once more, and kept with its pictures.

    python benchmarks/soak.py --minutes 30 [--terminal xterm|kitty] [--steps 40] [--keep FOLDER]
    python benchmarks/soak.py --replay FOLDER/1/plan.jsonl
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from restless_plans import Restless
from restless_reader import Artefact, Reader, carry_out, write_study
from terminals import TerminalFailed

KINDS = ("xterm", "kitty")


class Soak:
    """Counts what was done and what went wrong."""

    def __init__(self, folder: Path, keep: Path, kinds: tuple[str, ...]) -> None:
        self._study, self._home, self._keep, self._kinds = write_study(folder / "study"), folder, keep, kinds
        self.counts: Counter[str] = Counter()
        self.artefacts: list[str] = []

    def act(self, plan: list[list[Any]]) -> None:
        """Do a plan in the next terminal."""
        kind = self._kinds[self.counts["runs"] % len(self._kinds)]
        self.counts["runs"] += 1
        problem = self.attempt(kind, plan)
        if problem:
            again = self.attempt(kind, plan)
            place = self._keep / str(len(self.artefacts) + 1)
            self.artefacts.append(f"{kind}: {problem}; once more: {again or 'nothing'}; {place}")
            print(self.artefacts[-1], flush=True)

    def attempt(self, kind: str, plan: list[list[Any]]) -> str:
        """Do a plan; what went wrong."""
        evidence = self._keep / str(len(self.artefacts) + 1)
        reader = Reader(kind, self._study, self._home / f"home-{time.monotonic_ns()}", evidence)
        try:
            carry_out(reader, plan)
        except (Artefact, TerminalFailed) as error:
            return str(error)
        finally:
            self._count(reader.done)
        return ""

    def _count(self, done: list[list[Any]]) -> None:
        for what, *how in done:
            self.counts[what] += len(how) if what == "keys" else len(how[0]) if what == "type" else 1

    def report(self, seconds: float) -> None:
        """Print the figures."""
        count = self.counts
        print(
            f"{seconds / 60:.0f} minutes, {count['runs']} runs in {' and '.join(self._kinds)}: "
            f"{count['keys'] + count['type']} keys, {count['resize']} resizes, {count['font']} font changes, "
            f"{count['stop']} stops, {count['click'] + count['drag']} times the mouse; "
            f"{len(self.artefacts)} artefacts"
        )
        for line in self.artefacts:
            print(" ", line)


def soak(work: Soak, seconds: float, steps: int) -> None:
    """Go on until the time is over."""
    end = time.monotonic() + seconds

    class Machine(Restless):
        def act(self, plan: list[list[Any]]) -> None:
            if time.monotonic() < end:
                work.act(plan)

    while time.monotonic() < end:
        once = settings(
            max_examples=20,
            stateful_step_count=steps,
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(_every_health_check()),
        )
        run_state_machine_as_test(Machine, settings=once)


def _every_health_check():
    from hypothesis import HealthCheck

    return HealthCheck


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--terminal", choices=KINDS, action="append")
    parser.add_argument("--keep", type=Path, default=Path("soak"), help="where failing sequences go")
    parser.add_argument("--replay", type=Path, help="do a kept sequence once")
    wanted = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        work = Soak(Path(name), wanted.keep, tuple(wanted.terminal or KINDS))
        if wanted.replay:
            kind, *plan = map(json.loads, wanted.replay.read_text().splitlines())
            print(work.attempt(kind, plan) or "nothing went wrong")
            return
        soak(work, wanted.minutes * 60, wanted.steps)
        work.report(time.monotonic() - began)
    sys.exit(bool(work.artefacts))


if __name__ == "__main__":
    main()
