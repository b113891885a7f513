"""How far a command has come, on stderr, when stderr is a terminal."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.progress import Progress, ProgressListener

_WHAT_LIMIT = 60


@contextlib.contextmanager
def progress_bar(*, percent: bool = False) -> Iterator[ProgressListener]:
    """Show progress on stderr while the block runs, when stderr is a terminal; in files, or in percent."""
    from archive.progress import unheard

    if not sys.stderr.isatty():
        yield unheard
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    from archive.dicom.text import visible

    count = "{task.percentage:>3.0f} %" if percent else "{task.completed:,} files"
    columns = (BarColumn(), TextColumn(count, markup=False), TimeElapsedColumn())
    name = TextColumn("{task.fields[what]}", markup=False)
    with Bar(*columns, name, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, what="")

        def listener(progress: Progress, /) -> None:
            what = visible(progress.what[-_WHAT_LIMIT:])
            bar.update(task, completed=progress.done, total=progress.total, what=what)

        yield listener
