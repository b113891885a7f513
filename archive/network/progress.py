"""Whether a peer moves on: only that earns it more time, and a trickle of tiny PDUs does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.network.messages import MessageReader
    from archive.network.pdu import PduReader

LEAST_BYTES = 16_384
"""What must come of a long message before its peer gets more time."""


class Progress:
    """Watches what one association reads."""

    def __init__(self, reader: PduReader) -> None:
        self._reader = reader
        self._pdus_seen = 0
        self._bytes = 0

    def read(self, size: int) -> None:
        """Count bytes that were read."""
        self._bytes += size

    def earns_time(self, messages: MessageReader) -> bool:
        """Tell once for each message, and for each large enough piece of a long one, that it moves on."""
        if not self._reader.between_pdus and self._reader.pdus_started == self._pdus_seen:
            return False
        if not messages.between_messages and self._bytes < LEAST_BYTES:
            return False
        self._pdus_seen = self._reader.pdus_started
        self._bytes = 0
        return True
