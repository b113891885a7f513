"""DIMSE messages out of presentation data values: a command set, perhaps a data set (PS3.7 6.3, PS3.8 E)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.network.command_set import MAXIMUM_COMMAND_BYTES, CommandSet, decode_command_set
from archive.network.pdu import AbortReason, ProtocolViolation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archive.network.operation import AcceptedContext, Operation

_IS_COMMAND, _IS_LAST = 1, 2
"""Bits of the message control header (PS3.8 E.2)."""


class MessageReader:
    """Puts the fragments of one association's messages together, one message after the other.

    The command set is gathered; the data set's fragments go straight to the operation that `begin` returns
    for it, which is ended with the last of them.
    """

    def __init__(
        self,
        contexts: Mapping[int, AcceptedContext],
        maximum_data_set_bytes: int,
        begin: Callable[[CommandSet, AcceptedContext], Operation],
        end: Callable[[Operation], None],
    ) -> None:
        self._contexts = contexts
        self._maximum_data_set_bytes = maximum_data_set_bytes
        self._begin = begin
        self._end = end
        self._command = bytearray()
        self._context: AcceptedContext | None = None
        self._operation: Operation | None = None
        self._data_set_bytes = 0

    @property
    def between_messages(self) -> bool:
        """Whether no part of the next message has come yet."""
        return self._context is None

    def fragment_received(self, context_id: int, control: int, data: memoryview, *, ends: bool) -> None:
        """Take the next part of a presentation data value.

        Raises
        ------
        ProtocolViolation
            The fragment does not continue what the last one began.
        """
        self._check_context(context_id)
        complete = ends and bool(control & _IS_LAST)
        if control & _IS_COMMAND:
            self._command_received(data, complete)
        else:
            self._data_received(data, complete)

    def _check_context(self, context_id: int) -> None:
        context = self._contexts.get(context_id)
        if context is None:
            raise _unexpected(f"presentation context {context_id} was not accepted")
        if self._context is not None and self._context is not context:
            raise _unexpected("a message changes its presentation context")
        self._context = context

    def _command_received(self, data: memoryview, complete: bool) -> None:
        if self._operation:
            raise _unexpected("a command set begins inside a data set")
        self._command += data
        if len(self._command) > MAXIMUM_COMMAND_BYTES:
            raise _unexpected(f"a command set is longer than {MAXIMUM_COMMAND_BYTES} bytes")
        if complete:
            self._command_completed()

    def _command_completed(self) -> None:
        command = decode_command_set(bytes(self._command))
        if command.is_response:
            raise _unexpected("a response came, but nothing was asked")
        self._command = bytearray()
        assert self._context
        self._operation = self._begin(command, self._context)
        if not command.has_data_set:
            self._complete()

    def _data_received(self, data: memoryview, complete: bool) -> None:
        if not self._operation:
            raise _unexpected("a data set comes without a command set")
        self._data_set_bytes += len(data)
        if self._data_set_bytes > self._maximum_data_set_bytes:
            raise _unexpected(f"a data set is longer than the {self._maximum_data_set_bytes} bytes we take")
        self._operation.receive(data)
        if complete:
            self._complete()

    def _complete(self) -> None:
        operation = self._operation
        assert operation
        self._operation = None
        self._context = None
        self._data_set_bytes = 0
        self._end(operation)


def _unexpected(sentence: str) -> ProtocolViolation:
    return ProtocolViolation(sentence, AbortReason.UNEXPECTED_PARAMETER)
