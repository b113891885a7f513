"""New files and folders, whole or not at all: written beside their names, which they take in the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.errors import BadInput
from archive.process_identity import identity_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MARK = ".noctis-writing-"


def require_new(outputs: Sequence[Path]) -> None:
    """Refuse names under which there is something: only an empty folder may be there.

    Raises
    ------
    BadInput
        There is; the sentence says where.
    """
    for out in outputs:
        if (out.exists() or out.is_symlink()) and not (out.is_dir() and not any(out.iterdir())):
            raise BadInput(f"There is {visible(str(out), 200)} already; name something new.")


@contextlib.contextmanager
def placed(outputs: Sequence[Path]) -> Iterator[tuple[Path, ...]]:
    """Give names beside `outputs`, all of one folder, which take their places when the block ends well.

    What processes that were killed have left there goes first.

    Raises
    ------
    BadInput
        There is something under one of the names, before or after.
    OSError
        The disk refuses.
    """
    require_new(outputs)
    parent = outputs[0].parent
    parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(parent)
    folder = Path(tempfile.mkdtemp(prefix=f"{_mark_of(os.getpid())}-", dir=parent))
    try:
        fresh = tuple(folder / out.name for out in outputs)
        yield fresh
        require_new(outputs)
        for made, out in zip(fresh, outputs, strict=True):
            if out.is_dir():
                out.rmdir()
            made.rename(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(parent: Path) -> None:
    """Remove what processes that are gone left half written in a folder."""
    with contextlib.suppress(OSError):
        for left in parent.glob(f"{_MARK}*"):
            pid = left.name.removeprefix(_MARK).partition("-")[0]
            if pid.isdecimal() and not left.name.startswith(f"{_mark_of(int(pid))}-"):
                shutil.rmtree(left, ignore_errors=True)


def _mark_of(pid: int) -> str:
    """Return how a folder's name begins that this process writes in: never that of a later one."""
    return f"{_MARK}{pid}-{identity_of(pid).rpartition('/')[2]}"
