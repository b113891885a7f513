"""Work on files that nobody should trust, in a process with limits; one that dies is replaced."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, Self

SECONDS_A_FILE = 20
_PRELUDE = """
import json, os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
module, _, name = sys.argv[2].partition(":")
work = getattr(__import__(module), name)
for line in sys.stdin:
    answer = work(*json.loads(line))
    with open("/proc/self/status") as status:  # ru_maxrss begins with what the parent held
        peak = next(int(said.split()[1]) for said in status if said.startswith("VmHWM"))
    print(json.dumps([answer, peak]), file=answers, flush=True)
"""


class Done(NamedTuple):
    """What a process with limits made of one input."""

    answer: object
    """None when it died or took too long; `failure` says which."""
    peak_kib: int
    """Most memory that the process has held so far."""
    failure: str = ""


class LimitedProcess:
    """Calls a module's function ("module:function") with JSON arguments, one call after the other."""

    def __init__(self, work: str, address_space: int = 4 << 30) -> None:
        self._line = [sys.executable, "-c", _PRELUDE, str(address_space), work]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._end()

    def call(self, *arguments: object) -> Done:
        """Return what the function answers, within SECONDS_A_FILE."""
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(arguments) + "\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], SECONDS_A_FILE)
        line = process.stdout.readline() if ready else ""
        if line:
            return Done(*json.loads(line))
        self._end()
        return Done(None, 0, "took too long" if not ready else f"died with {process.returncode}")

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).parent,
        )

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
