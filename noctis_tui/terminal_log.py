"""What is logged where no service keeps a log: one line on standard error, never a traceback."""

from __future__ import annotations

import logging
import sys
import warnings

from archive.dicom.text import visible

_OURS = "archive", "noctis_tui"
_LIBRARIES = "highdicom", "pydicom", "nibabel"
_LONGEST = 400


class TerminalLog(logging.Handler):
    """Writes our own records in one line each; what libraries log is dropped, patients' names among it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write to what is standard error now: a screen that is up takes it away from the terminal."""
        if record.name.partition(".")[0] not in _OURS:
            return
        error = record.exc_info[0] if record.exc_info else None
        reason = f" ({error.__name__})" if error is not None else ""
        sys.stderr.write(f"noctis: {visible(record.getMessage(), _LONGEST)}{reason}\n")


def silence_libraries() -> None:
    """Keep what libraries warn of and log off the terminal, and write what we log ourselves in one line."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    for name in _LIBRARIES:
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    root = logging.getLogger()
    if not any(isinstance(handler, TerminalLog) for handler in root.handlers):
        root.addHandler(TerminalLog(logging.WARNING))
