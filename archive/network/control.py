"""The control socket: what other processes ask of the one that holds the archive.

A Unix stream socket in `layout.run`. One JSON object a line: the request, then any number of
``{"progress": [done, total, what]}``, then ``{"counts": {...}}`` or ``{"error": sentence, "exit_code": n}``.
Hanging up cancels an import. The verbs are `import`, `annotate` (edits as `archive.annotations.edit_json`
has them), `job` (its record, as `archive.job` has it) and `reload` (of `noctis.toml`); the counts of the
latter three are empty.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.amending import amend
from archive.annotations.edit_json import edit_from_json, edit_to_json
from archive.annotations.edits import MAXIMUM_EDITS
from archive.errors import ArchiveBusy, BadInput, FailingDisk, Interrupted, NoctisError
from archive.importing import ImportCounts, Mode, import_paths
from archive.job import job_from_json, job_to_json
from archive.noting import note
from archive.progress import Cancelled, CancelToken, Progress, ProgressListener, unheard
from archive.storage.files import disk_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from archive.annotations.edits import Edit
    from archive.job import Job
    from archive.local_archive import LocalArchive
    from archive.storage.layout import Layout
    from archive.storage.lease import Lease

CONTROL_NAME = "control.sock"
_TELL_SECONDS = 0.1
_RELOAD_SECONDS = 10.0
_ANNOTATE_SECONDS = 30.0
_MAXIMUM_LINE_BYTES = 16 * 2**20
_REFUSALS: dict[int, type[NoctisError]] = {
    error.exit_code: error for error in (ArchiveBusy, BadInput, FailingDisk, Interrupted)
}
"""What the holder's exit code means here."""


class ControlServer:
    """Answers control requests for the holder of an archive's lease, on the event loop."""

    def __init__(self, archive: LocalArchive, lease: Lease, reload: Callable[[], None]) -> None:
        self._archive = archive
        self._lease = lease
        self._reload = reload
        self._server: asyncio.Server | None = None
        self._tokens: set[CancelToken] = set()
        self._one_at_a_time = asyncio.Lock()
        self._one_edit_at_a_time = asyncio.Lock()
        self._closed = False

    async def start(self) -> None:
        """Listen in the archive's run folder, replacing what a crashed holder left there.

        Raises
        ------
        OutOfResources
            The disk has no room for the socket's name.
        """
        with disk_errors(), _short_path(self._archive.layout) as path:
            path.unlink(missing_ok=True)
            listening = socket.socket(socket.AF_UNIX)
            listening.bind(str(path))
        self._server = await asyncio.start_unix_server(self._serve, sock=listening, limit=_MAXIMUM_LINE_BYTES)

    async def close(self) -> None:
        """Cancel what is under way and stop listening."""
        self._closed = True
        for token in self._tokens:
            token.cancel()
        if self._server:
            self._server.close()
        async with self._one_at_a_time, self._one_edit_at_a_time:
            with contextlib.suppress(OSError):  # the next holder replaces it
                (self._archive.layout.run / CONTROL_NAME).unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError):
            try:
                line = await reader.readline()
            except ValueError:
                answer: dict[str, object] = {"error": "The request is too long.", "exit_code": 2}
            else:
                answer = await self._answer(line, reader, writer)
            writer.write(_line(answer))
            await writer.drain()
        writer.close()

    async def _answer(
        self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> dict[str, object]:
        token = CancelToken()
        self._tokens.add(token)
        hangs_up = asyncio.create_task(_cancel_at_end(reader, token))
        loop = asyncio.get_running_loop()
        listener = _tell(loop, writer)
        try:
            request = json.loads(line)
            if request["verb"] == "reload":  # it does not wait for an import
                self._reload()
                return {"counts": {}}
            if request["verb"] in {"annotate", "job"}:  # neither do these
                return await self._keep(request)
            async with self._one_at_a_time:
                if self._closed:
                    token.cancel()  # who connected before may still ask
                counts = await asyncio.to_thread(self._import, request, listener, token)
        except NoctisError as error:
            return {"error": str(error), "exit_code": error.exit_code}
        except Cancelled:
            return {"error": "The import was cancelled.", "exit_code": 130}
        except (ValueError, TypeError, KeyError, RecursionError):
            return {"error": "The request was not understood.", "exit_code": 2}
        else:
            return {"counts": asdict(counts)}
        finally:
            hangs_up.cancel()
            self._tokens.discard(token)

    async def _keep(self, request: Mapping[str, Any]) -> dict[str, object]:
        if request["verb"] == "job":
            kept = partial(note, self._archive, self._lease, job_from_json(request["job"]))
        else:
            edits = request["edits"]
            if not isinstance(edits, list) or len(edits) > MAXIMUM_EDITS:
                raise BadInput("The request was not understood.")
            kept = partial(self._amend, edits)
        async with self._one_edit_at_a_time:
            if self._closed:
                raise ArchiveBusy("The process that holds the archive is ending.")
            await asyncio.to_thread(kept)
        return {"counts": {}}

    def _amend(self, edits: list[object]) -> None:
        amend(self._archive, self._lease, [edit_from_json(edit) for edit in edits])

    def _import(
        self, request: dict[str, object], listener: ProgressListener, token: CancelToken
    ) -> ImportCounts:
        if request["verb"] != "import" or not isinstance(request["paths"], list):
            raise BadInput("The holder of the archive does not know that request.")
        paths = [Path(os.fsdecode(bytes.fromhex(each))) for each in request["paths"]]
        mode = Mode(str(request["mode"]))
        return import_paths(self._archive, self._lease, paths, mode=mode, listener=listener, token=token)


def forward_import(
    archive: LocalArchive,
    paths: Sequence[Path],
    mode: Mode,
    listener: ProgressListener = unheard,
) -> ImportCounts:
    """Have the process that holds the archive import files and folders.

    Raises
    ------
    ArchiveBusy
        Nobody answers on the control socket.
    NoctisError
        The holder could not do it; the error has its sentence and exit code.
    """
    absolute = [os.fsencode(path.absolute()).hex() for path in paths]  # file names need not be text
    with _connected(archive.layout) as connection, connection.makefile("rb") as answers:
        with contextlib.suppress(OSError):  # the holder has answered before it read everything
            connection.sendall(_line({"verb": "import", "paths": absolute, "mode": mode.value}))
        with contextlib.suppress(ConnectionError):
            for line in answers:
                answer = json.loads(line)
                if "progress" in answer:
                    listener(Progress(*answer["progress"]))
                elif "counts" in answer:
                    return ImportCounts(**answer["counts"])
                else:
                    raise _REFUSALS.get(answer.get("exit_code"), BadInput)(answer["error"])
    raise ArchiveBusy("The process that holds the archive ended before it was done.")


def forward_edits(layout: Layout, edits: Sequence[Edit]) -> None:
    """Have the process that holds the archive make edits of annotations.

    Raises
    ------
    ArchiveBusy
        Nobody answers on the control socket, or whoever does has not in time.
    NoctisError
        The holder did not make them; the error has its sentence and exit code.
    """
    request = {"verb": "annotate", "edits": [edit_to_json(edit) for edit in edits]}
    _require_done(_asked(layout, request, _ANNOTATE_SECONDS))


def forward_job(layout: Layout, job: Job) -> None:
    """Have the process that holds the archive keep the record of a job.

    Raises
    ------
    ArchiveBusy
        Nobody answers on the control socket, or whoever does has not in time.
    NoctisError
        The holder did not keep it; the error has its sentence and exit code.
    """
    _require_done(_asked(layout, {"verb": "job", "job": job_to_json(job)}, _ANNOTATE_SECONDS))


def _require_done(answer: Mapping[str, Any]) -> None:
    if "error" in answer:
        raise _REFUSALS.get(int(answer["exit_code"]), BadInput)(answer["error"])


def request_reload(layout: Layout) -> None:
    """Have the process that holds the archive read `noctis.toml` again.

    Raises
    ------
    ArchiveBusy
        Nobody answers on the control socket.
    BadInput
        The settings do not read; the holder keeps those that it has.
    """
    answer = _asked(layout, {"verb": "reload"}, _RELOAD_SECONDS)
    if "error" in answer:
        raise BadInput(answer["error"])


def _asked(layout: Layout, request: Mapping[str, object], seconds: float) -> dict[str, Any]:
    """Return the one line with which the holder answers a request."""
    try:
        with _connected(layout) as connection, connection.makefile("rb") as answers:
            connection.settimeout(seconds)
            connection.sendall(_line(request))
            answer: dict[str, Any] | None = json.loads(answers.readline() or b"null")
    except OSError as error:
        raise ArchiveBusy("The process that holds the archive does not answer.") from error
    if answer is None:
        raise ArchiveBusy("The process that holds the archive ended before it was done.")
    return answer


@contextlib.contextmanager
def _connected(layout: Layout) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            with _short_path(layout) as path:
                connection.connect(str(path))
        except OSError as error:
            raise ArchiveBusy("The process that holds the archive takes no requests.") from error
        yield connection


@contextlib.contextmanager
def _short_path(layout: Layout) -> Iterator[Path]:
    """Yield a path to the socket through a descriptor: a socket's own path may have 107 bytes at most."""
    folder = os.open(layout.run, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield Path(f"/proc/self/fd/{folder}") / CONTROL_NAME
    finally:
        os.close(folder)


async def _cancel_at_end(reader: asyncio.StreamReader, token: CancelToken) -> None:
    await reader.read()
    token.cancel()


def _tell(loop: asyncio.AbstractEventLoop, writer: asyncio.StreamWriter) -> Callable[[Progress], None]:
    told_at = -_TELL_SECONDS

    def listener(progress: Progress, /) -> None:
        nonlocal told_at
        if time.monotonic() - told_at < _TELL_SECONDS:
            return
        told_at = time.monotonic()
        line = _line({"progress": [progress.done, progress.total, progress.what]})
        loop.call_soon_threadsafe(write, line)

    def write(line: bytes) -> None:
        if writer.transport.get_write_buffer_size() < 65_536:  # a listener that stalls misses some
            writer.write(line)

    return listener


def _line(answer: Mapping[str, object]) -> bytes:
    return json.dumps(answer).encode("ascii") + b"\n"
