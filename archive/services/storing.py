"""One C-STORE on the event loop: chunks are filled for the process that writes, and the header is read."""

from __future__ import annotations

import asyncio
import contextlib
import mmap
import os
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from archive.dicom.header import parse_data_set
from archive.dicom.part10 import write_file_meta
from archive.dicom.sop_classes import lacks_pixels
from archive.dicom.uids import DEFLATED_SYNTAXES
from archive.errors import CannotUnderstand, DataSetMismatch, FailingDisk, OutOfResources
from archive.ingest import Arrival, Source
from archive.services.shared_chunks import CHUNK_BYTES
from archive.storage.files import disk_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from archive.dicom.header import Header
    from archive.ingest import Line, Outcome
    from archive.network.operation import Exchange, Request
    from archive.services.part_writer import PartWriter
    from archive.services.shared_chunks import Chunk
    from archive.storage.placement import Sealed
    from archive.storage.quarantine import Quarantine

_Result = TypeVar("_Result")
_PIECE_BYTES = 131_072
"""How much is written and hashed at once: enough that ordering it costs little beside it."""
_UNCONFIRMED_CHUNKS = 2
"""How many full chunks may wait for the disk before the peer is told to wait."""
_SHORT_HEADER_BYTES = 65_536
"""A header within this is read on the event loop: another thread would not have begun by then."""
_USUAL_HEADER_BYTES = 8_192
_PIXEL_DATA = b"\xe0\x7f\x10\x00"
"""The tag of Pixel Data, as little endian data sets have it."""
_BLOCK_BYTES = 262_144


class Storing:
    """An instance from its first byte to its outcome.

    Parameters
    ----------
    readers
        Threads that read long headers, and files for the quarantine.
    refuse, stored
        Called on the event loop, one of them, once: the instance is not kept, and why; or it is.
    """

    def __init__(
        self,
        writer: PartWriter,
        line: Line,
        readers: Executor,
        quarantine: Quarantine,
        request: Request,
        exchange: Exchange,
        refuse: Callable[[BaseException], None],
        stored: Callable[[Header, int, Outcome], None],
    ) -> None:
        self._writer = writer
        self._line = line
        self._readers = readers
        self._quarantine = quarantine
        self._request = request
        self._exchange = exchange
        self._refuse = refuse
        self._stored = stored
        self._loop = asyncio.get_running_loop()
        self._part = writer.begin(_file_meta(request), self)
        self._chunk: Chunk | None = None
        self._filled = 0
        self._handed_on = 0
        self._full: deque[Chunk] = deque()
        self._then: Callable[[], None] | None = None
        self._paused = False
        self._ended = False
        self._abandoned = False
        self._error: BaseException | None = None
        self._header: Header | None = None

    # What the association tells

    def receive(self, data: memoryview) -> None:
        """Copy a piece of the data set and have it written."""
        while data and not self._error:
            try:
                chunk = self._chunk or self._next_chunk()
            except OutOfResources as error:
                self._give_up(error)
                return
            taken = min(len(data), CHUNK_BYTES - self._filled)
            chunk.memory[self._filled : self._filled + taken] = data[:taken]
            data = data[taken:]
            self._take(chunk, taken)

    def _take(self, chunk: Chunk, size: int) -> None:
        self._filled += size
        if self._filled == CHUNK_BYTES:
            self._let_go_of_chunk(chunk)
        elif self._filled - self._handed_on >= _PIECE_BYTES:
            self._hand_on(chunk)

    def end(self) -> None:
        """Have what is left written and the data set understood."""
        self._ended = True
        if self._error:
            self._refuse(self._error)
        elif not (self._part.size or self._filled):
            self._misunderstood(CannotUnderstand("The data set is empty."))
        elif self._chunk and self._part.size == self._handed_on:
            self._read_chunk(self._chunk.memory[: self._filled])
        else:
            self._hand_on_rest()
            self._when_written(partial(self._read_aside, self._parse_file))

    def abandon(self) -> None:
        """Leave no trace, unless the last byte has come."""
        self._abandoned = True
        if not self._ended and not self._error:
            self._part.discard()
            self._release()
            self._error = CannotUnderstand("The association ended.")

    # What the process that writes tells

    def confirmed(self) -> None:
        """A full chunk is written, or all there is."""
        if self._full:
            self._writer.chunks.give_back(self._full.popleft())
            self._resume()
        if self._then and not self._part.waiting_since:
            then, self._then = self._then, None
            then()

    def sealed(self, entry: Sealed) -> None:
        """It is in the journal: have the line place and record it."""
        self._release()
        peer = self._request.peer
        source = Source(peer.calling_ae_title, peer.called_ae_title, _host(peer.address))
        assert self._header
        outcome = self._line.submit(Arrival(entry, self._header, source))
        outcome.add_done_callback(partial(self._call, self._answer))

    def failed(self, error: BaseException) -> None:
        """The disk did not take it, or nobody could be asked to write it."""
        self._release()
        self._error = error
        self._resume()
        if self._ended:
            self._refuse(error)
        if isinstance(error, FailingDisk):
            self._line.fail(error)

    # Chunks

    def _next_chunk(self) -> Chunk:
        self._chunk = self._writer.chunks.take()
        self._filled = self._handed_on = 0
        return self._chunk

    def _hand_on(self, chunk: Chunk, *, confirm: bool = False) -> None:
        self._part.append(chunk, self._handed_on, self._filled, confirm=confirm)
        self._handed_on = self._filled

    def _hand_on_rest(self) -> None:
        if self._chunk and self._filled > self._handed_on:
            self._hand_on(self._chunk)

    def _let_go_of_chunk(self, chunk: Chunk) -> None:
        self._full.append(chunk)
        self._chunk = None
        self._hand_on(chunk, confirm=True)
        self._filled = self._handed_on = 0
        if len(self._full) >= _UNCONFIRMED_CHUNKS and not self._paused:
            self._paused = True
            self._exchange.pause()

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            self._exchange.resume()

    def _release(self) -> None:
        """Give the memory back; what is still ordered of it writes to a part that nobody wants."""
        while self._full:
            self._writer.chunks.give_back(self._full.popleft())
        chunk, self._chunk = self._chunk, None
        if chunk:
            self._writer.chunks.give_back(chunk)

    # Understanding

    def _read_chunk(self, whole: memoryview) -> None:
        """Read the header in memory, where the whole data set lies."""
        read = partial(parse_data_set, whole, self._request.context.transfer_syntax)
        if self._is_long(whole):
            self._hand_on_rest()
            self._read_aside(read)
            return
        try:
            header = read()
            self._check(header)
        except Exception as error:  # noqa: BLE001 - whatever it is, the peer must be told
            self._misunderstood(error)
        else:
            self._understood(header)

    def _is_long(self, whole: memoryview) -> bool:
        if self._request.context.transfer_syntax in DEFLATED_SYNTAXES:
            return True  # nobody knows how long it is inflated
        if len(whole) <= _SHORT_HEADER_BYTES or _PIXEL_DATA in bytes(whole[:_USUAL_HEADER_BYTES]):
            return False
        return _PIXEL_DATA not in bytes(whole[:_SHORT_HEADER_BYTES])

    def _parse_file(self) -> Header:
        with _data_set(self._writer.incoming / self._part.name, self._part.prefix_size) as data_set:
            return parse_data_set(data_set, self._request.context.transfer_syntax)

    def _read_aside(self, read: Callable[[], Header]) -> None:
        def checked() -> Header:
            header = read()
            self._check(header)
            return header

        self._aside(checked, self._understood)

    def _check(self, header: Header) -> None:
        command = self._request.command
        if header.sop_instance_uid != command.affected_sop_instance_uid:
            raise DataSetMismatch("The data set's SOP Instance UID is not that of its command.")
        if header.sop_class_uid != command.affected_sop_class_uid:
            raise DataSetMismatch("The data set's SOP Class UID is not that of its command.")
        if lacks_pixels(header.sop_class_uid, rows=header.rows, has_pixels=header.has_pixels):
            raise CannotUnderstand("The data set is cut short: an image without pixels.")

    def _understood(self, header: Header) -> None:
        if self._error:
            return
        self._header = header
        # What is refused anyway never gets a sealed name: recovery would take it for a crashed writer's.
        refusal = self._line.refusal
        if refusal:
            self._misunderstood(refusal)
        else:
            self._part.seal(self._chunk, self._handed_on, self._filled)

    def _misunderstood(self, error: BaseException) -> None:
        if self._error:
            return
        if isinstance(error, DataSetMismatch):
            self._hand_on_rest()
            self._when_written(partial(self._keep_in_quarantine, error))
        else:
            self._give_up(error)
            self._refuse(error)

    def _keep_in_quarantine(self, error: DataSetMismatch) -> None:
        def done(_: None) -> None:
            if not self._error:
                self._give_up(error)
                self._refuse(error)

        self._aside(partial(self._copy_to_quarantine, str(error)), done)

    def _copy_to_quarantine(self, reason: str) -> None:
        part, peer = self._part, self._request.peer
        with (
            contextlib.suppress(OutOfResources),
            _data_set(self._writer.incoming / part.name, 0) as file,
        ):
            blocks = (
                bytes(file[start : start + _BLOCK_BYTES]) for start in range(0, len(file), _BLOCK_BYTES)
            )
            origin = f"{peer.calling_ae_title} {self._request.command.affected_sop_instance_uid}"
            self._quarantine.keep(origin, reason, len(file), blocks)

    def _give_up(self, error: BaseException) -> None:
        self._error = error
        self._part.discard()
        self._release()
        self._resume()

    def _when_written(self, then: Callable[[], None]) -> None:
        self._then = then
        self._part.confirm()

    # Threads

    def _aside(self, work: Callable[[], _Result], then: Callable[[_Result], None]) -> None:
        def done(future: Future[_Result]) -> None:
            error = future.exception()
            if error:
                self._call(self._misunderstood, error)
            else:
                self._call(then, future.result())

        self._readers.submit(work).add_done_callback(done)

    def _call(self, callback: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is there to be told
            self._loop.call_soon_threadsafe(callback, *arguments)

    def _answer(self, outcome: Future[Outcome]) -> None:
        error = outcome.exception()
        if error:
            self._refuse(error)
        else:
            assert self._header
            self._stored(self._header, self._part.size, outcome.result())


@contextlib.contextmanager
def _data_set(path: Path, start: int) -> Iterator[memoryview]:
    """Map a part from `start` on, without following a symbolic link."""
    with disk_errors():
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            mapped = mmap.mmap(file, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(file)
    with mapped, memoryview(mapped) as whole, whole[start:] as data_set:
        yield data_set


def _file_meta(request: Request) -> bytes:
    command, peer = request.command, request.peer
    return write_file_meta(
        command.affected_sop_class_uid,
        command.affected_sop_instance_uid,
        request.context.transfer_syntax,
        peer.calling_ae_title,
        peer.called_ae_title,
        _host(peer.address),
    )


def _host(address: str) -> str:
    """Return an address without its port: a sender has another one for each association."""
    return address.rpartition(":")[0].strip("[]") or address
