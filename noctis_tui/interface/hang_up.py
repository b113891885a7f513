"""A terminal that goes away takes the application with it, instead of leaving it to wait for ever."""

from __future__ import annotations

import contextlib
from functools import wraps

from textual.drivers._writer_thread import WriterThread


def outlive_terminal() -> None:
    """Let Textual's writer throw away what cannot be written; once for the process.

    A hang-up comes with SIGHUP and SIGCONT. Textual takes the second for the end of Ctrl+Z and writes once
    more, its thread ends on the error, and whoever fills its queue of 30 writes waits for ever: the
    application on its way out.
    """
    run = WriterThread.run
    if getattr(run, "outlives", False):
        return

    @wraps(run)
    def discarding(writer: WriterThread) -> None:
        try:
            run(writer)
        except (OSError, ValueError):  # ValueError: the file was closed
            while writer._queue.get() is not None:  # noqa: SLF001 - Textual has no public way to its queue
                pass
            with contextlib.suppress(OSError, ValueError):
                writer._file.flush()  # noqa: SLF001 - else Python tries again when it ends

    discarding.outlives = True  # type: ignore[attr-defined] # marks our own wrapper, so that it is put in place once
    WriterThread.run = discarding  # type: ignore[method-assign, assignment] # the thread has no hook for errors
