"""Which process is meant by a number that the system gives out again: its number, and when it began."""

from __future__ import annotations

import contextlib
import os
import signal
from functools import cache
from pathlib import Path

_STARTED = 19
"""Place of the start time behind the command's closing bracket in /proc/<pid>/stat (proc(5): field 22)."""
_SET_PARENT_DEATH_SIGNAL = 1
"""prctl(2)."""


def identity_of(pid: int) -> str:
    """Return the boot, the PID namespace and the start time of a process; empty when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        parts = text.rpartition(")")[2].split()
        return "" if parts[0] in {"Z", "X"} else f"{_boot()}/{_namespace()}/{parts[_STARTED]}"
    except (OSError, IndexError):
        return ""


def is_alive(pid: int, identity: str) -> bool:
    """Tell whether a process that was recorded still runs.

    One of another PID namespace of this boot (a container's) cannot be seen from here and counts as running.
    """
    boot, _, rest = identity.partition("/")
    if boot != _boot():
        return False
    if rest.partition("/")[0] != _namespace():
        return True
    return identity_of(pid) == identity


def ask_to_end(pid: int, identity: str) -> bool:
    """Send SIGTERM to a process that was recorded; False when it is gone, or another has its number.

    Raises
    ------
    PermissionError
        It is another user's.
    """
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if identity_of(pid) != identity:
            return False
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGTERM)
            return True
        return False
    finally:
        os.close(handle)


def end_with(parent_pid: int) -> None:
    """Have the kernel kill this process when its parent ends, whatever either is at."""
    import ctypes  # noqa: PLC0415 - for workers alone

    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


@cache
def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
