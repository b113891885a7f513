"""Why a process ended before its work was done, as far as that can be known."""

from __future__ import annotations

import errno
import signal
from pathlib import Path


def times_out_of_memory() -> int:
    """Return how often this system killed a process for want of memory; 0 where nobody counts."""
    try:
        lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def cause_of_end(code: int, times_before: int) -> str:
    """Return why a process ended, as the end of a sentence.

    Parameters
    ----------
    code
        What `Popen.wait` returned; not 0.
    times_before
        `times_out_of_memory` before it began.
    """
    is_killed = code == -signal.SIGKILL
    if code == errno.ENOMEM or (is_killed and times_out_of_memory() > times_before):
        return "there was not enough memory"
    if code > 0:
        return f"its process ended with code {code}"
    names = {each.value: f" ({each.name})" for each in signal.Signals}
    perhaps = ", perhaps for want of memory" if is_killed else ""
    return f"its process was killed by signal {-code}{names.get(-code, '')}{perhaps}"
