"""The logs of a service: words for people on stderr, rotating lines of JSON in the archive.

Neither holds patient data. The archive's own sentences name none; what an exception says may quote anything,
so only its type and the places in the code are kept of it, and libraries are not heard at all. What a peer
sent is made visible, and one record is one line of JSON.

Writing happens in a thread of its own: neither a slow reader of stderr nor a full disk holds up receiving.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import queue
import sys
import threading
import time
import traceback
import warnings
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.errors import NoctisError
from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import TextIOWrapper
    from pathlib import Path

    from archive.settings import LogSettings

LOG_NAME = "noctis.jsonl"
FAILED = 1
"""Exit code of a service that failed by itself: systemd starts it again, which 2 would forbid."""
_WAITING_LINES = 10_000
_LONGEST_MESSAGE = 4_000
_LAST_SECONDS = 2.0
_GATHER_SECONDS = 0.1
_HEARD = ("archive", "asyncio")
"""Our own words, and what the event loop says of errors that nobody caught."""
LOGGER = logging.getLogger(__name__)


class ServiceLog:
    """Logs to stderr, and to a file as soon as it is told where. Made by `logged`."""

    def __init__(self, level: str) -> None:
        stream = logging.StreamHandler(sys.stderr)
        stream.setLevel(level.upper())
        stream.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        waiting: queue.Queue[logging.LogRecord] = queue.Queue(_WAITING_LINES)
        self._listener = _PatientListener(waiting, stream)
        self._handler = _PatientHandler(waiting)
        self._stream = stream
        for logger in self._loggers():
            logger.setLevel(level.upper())
            logger.addHandler(self._handler)
            logger.propagate = False
        self._listener.start()

    def also_to(self, folder: Path, settings: LogSettings) -> None:
        """Write JSON lines into a folder as well; a disk that does not take them is told once on stderr."""
        file = _JsonFile(folder / LOG_NAME, settings, self._stream)
        self._listener.handlers = (*self._listener.handlers, file)
        lowest = min(file.level, self._stream.level)
        for logger in self._loggers():
            logger.setLevel(lowest)

    def close(self) -> None:
        """Write what waits."""
        for logger in self._loggers():
            logger.removeHandler(self._handler)
            logger.propagate = True
        self._listener.stop()
        for handler in self._listener.handlers:
            if handler is not self._stream:
                handler.close()

    def _loggers(self) -> list[logging.Logger]:
        return [logging.getLogger(name) for name in _HEARD]


@contextlib.contextmanager
def logged(level: str) -> Iterator[ServiceLog]:
    """Log while the block runs; errors that nobody catches are logged like all others."""
    warnings.simplefilter("ignore")
    log = ServiceLog(level)
    hook, threading.excepthook = threading.excepthook, _thread_ended
    try:
        yield log
    except NoctisError as error:
        LOGGER.info("It ends: %s", error)  # on stderr, whoever ends the process says so
        raise
    except Exception as error:
        LOGGER.critical("It ends on an error of its own", exc_info=error)
        raise SystemExit(FAILED) from None  # said above, without the error's own words
    finally:
        threading.excepthook = hook
        log.close()


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    LOGGER.critical("A thread ended on an error of its own", exc_info=ended.exc_value)


class _PatientHandler(QueueHandler):
    """Hands log records to a thread; when it does not keep up some are left out, receiving does not wait."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return a record that holds text only, and none that a terminal would obey."""
        prepared = copy.copy(record)
        prepared.msg = prepared.message = visible(record.getMessage(), _LONGEST_MESSAGE)
        prepared.args = None
        prepared.exc_text = places_of(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None
        prepared.exc_info = prepared.stack_info = None
        return prepared

    def enqueue(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(queue.Full):
            self.queue.put_nowait(record)


class _PatientListener(QueueListener):
    """Gathers records before it writes, and ends even when stderr is a pipe that nobody reads."""

    def __init__(self, waiting: queue.Queue[logging.LogRecord], stream: logging.Handler) -> None:
        super().__init__(waiting, stream, respect_handler_level=True)
        self._waiting = waiting

    def dequeue(self, block: bool) -> logging.LogRecord:
        """Return the next record; one that nothing was before comes a little later, with what follows it.

        Woken by each record, the thread would take the interpreter from the event loop at its sends.
        """
        with contextlib.suppress(queue.Empty):
            return self._waiting.get_nowait()
        record = self._waiting.get(block)
        if record is not self._sentinel:  # type: ignore[attr-defined] # logging's own
            time.sleep(_GATHER_SECONDS)
        return record

    def stop(self) -> None:
        """Give what waits a few seconds."""
        with contextlib.suppress(queue.Full):
            self.queue.put(self._sentinel, timeout=_LAST_SECONDS)  # type: ignore[attr-defined] # logging's own
        if self._thread:
            self._thread.join(_LAST_SECONDS)


class _JsonFile(RotatingFileHandler):
    """Writes a record a line; made for this user only, and never through a symbolic link."""

    def __init__(self, path: Path, settings: LogSettings, stderr: logging.Handler) -> None:
        from pythonjsonlogger.json import JsonFormatter

        super().__init__(
            path, maxBytes=settings.maximum_bytes, backupCount=settings.files, encoding="ascii", delay=True
        )
        self.setLevel(settings.level.upper())
        fields = ["at", "level", "name", "message"]
        self.setFormatter(JsonFormatter(fields, rename_fields={"name": "logger", "exc_info": "error"}))
        self._stderr = stderr
        self._failing = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record under names of its own."""
        record.at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        record.level = record.levelname.lower()
        super().emit(record)

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Drop what the disk did not take, say so once, and try again with the next record."""
        error = sys.exc_info()[1]
        with contextlib.suppress(OSError, ValueError):
            self.close()  # the next record opens it again; what waited in the stream is gone
        if not self._failing:
            self._failing = True
            self._stderr.handle(_failure_of(self, error))

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="ascii", opener=_open_for_lines)


def _open_for_lines(path: str, _flags: int) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        with contextlib.suppress(OSError):
            os.write(file, b"\n")  # a crash or a full disk cut the last line short
    return file


def _failure_of(file: logging.FileHandler, error: BaseException | None) -> logging.LogRecord:
    said = error.strerror if isinstance(error, OSError) else type(error).__name__
    message = "%s cannot be written: %s"
    said_of = (file.baseFilename, said)
    return logging.LogRecord(LOGGER.name, logging.ERROR, __file__, 0, message, said_of, None)


def places_of(error: BaseException) -> str:
    """Return the types of an exception and of its causes, and where they came from; never what they say."""
    lines: list[str] = []
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        frames = traceback.extract_tb(cause.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        cause = cause.__cause__ or cause.__context__
    return "\n".join(lines)
