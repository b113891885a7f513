"""Folders in which files are written before they take their names: whose each is, and which are left over."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from archive.process_identity import identity_of

if TYPE_CHECKING:
    from pathlib import Path

_MARK = ".noctis-writing-"


def unfinished_name(owner: str) -> str:
    """Return the name of a folder that this process writes in; the owner is a UUID, or a part of one."""
    return f"{_mark_of(os.getpid())}-{owner}"


def remove_abandoned(parent: Path, owner: str = "*") -> None:
    """Remove what processes that are gone left half written in a folder: of one owner, or of all."""
    with contextlib.suppress(OSError):
        for left in parent.glob(f"{_MARK}*-{owner}"):
            pid = left.name.removeprefix(_MARK).partition("-")[0]
            if pid.isdecimal() and not left.name.startswith(f"{_mark_of(int(pid))}-"):
                shutil.rmtree(left, ignore_errors=True)


def _mark_of(pid: int) -> str:
    """Return how a folder's name begins that this process writes in: never that of a later one."""
    return f"{_MARK}{pid}-{identity_of(pid).rpartition('/')[2]}"
