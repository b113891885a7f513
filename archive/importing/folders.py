"""Folders, walked without following what leads elsewhere or never ends."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from archive.importing.findings import Refused, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator


def files_below(folder: Path, leave_out: Path) -> Iterator[Path | Refused]:
    """Find every regular file below a folder, in the order of names.

    Symbolic links to files are followed, links to folders are not: they lead out of the tree or round in it.
    Pipes, sockets, devices and what cannot be read are refused one by one.

    Parameters
    ----------
    leave_out
        A folder that is passed over in silence: the archive itself, when it lies in the tree.
    """
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        if _same(current, leave_out):
            continue
        try:
            with os.scandir(current) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield skipped(current, f"The folder cannot be read: {error.strerror}.")
            continue
        folders = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
        waiting.extend(reversed(folders))
        yield from (_file(entry) for entry in entries if not entry.is_dir(follow_symlinks=False))


def _file(entry: os.DirEntry[str]) -> Path | Refused:
    try:
        if entry.is_file():
            # The archive must link or remember the file itself, not the name that leads to it.
            return Path(entry.path).resolve() if entry.is_symlink() else Path(entry.path)
        if entry.is_symlink() and entry.is_dir():
            return skipped(entry.path, "A link to a folder is not followed.")
    except (OSError, RuntimeError) as error:
        return skipped(entry.path, f"The link cannot be followed: {error}.")
    return skipped(entry.path, "This is not a regular file.")


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
