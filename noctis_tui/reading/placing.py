"""New files and folders, whole or not at all: written beside their names, which they take in the end."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING
from uuid import uuid4

from archive.dicom.text import visible
from archive.errors import BadInput
from archive.unfinished import remove_abandoned, unfinished_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


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
def placed(outputs: Sequence[Path], owner: str = "") -> Iterator[tuple[Path, ...]]:
    """Give names beside `outputs`, all of one folder, which take their places when the block ends well.

    What processes that were killed have left there goes first.

    Parameters
    ----------
    owner
        The UUID of the job that writes: who sees that it was killed knows what is its.

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
    folder = parent / unfinished_name(owner or uuid4().hex[:8])
    folder.mkdir(mode=0o700)
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
