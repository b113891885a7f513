"""Tells before the disk is full: at twice the reserve below which nothing more is received."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from archive.errors import OutOfResources
from archive.network.events import Event
from archive.storage.files import free_and_reserve

if TYPE_CHECKING:
    from pathlib import Path

    from archive.network.events import EventListener
    from archive.settings import StorageSettings

LOOK_SECONDS = 30.0
_NEARLY, _AGAIN = 2.0, 2.2
"""Told below so many times the reserve; told again only after there was this much more."""


class DiskSpaceWatch:
    """Tells `disk_nearly_full` once each time that free space falls below the mark."""

    def __init__(self, root: Path, settings: StorageSettings, tell: EventListener) -> None:
        self._root = root
        self._minimum = (settings.minimum_free_bytes, settings.minimum_free_percent)
        self._tell = tell
        self._is_told = False

    async def watch(self) -> None:
        """Look twice a minute until cancelled."""
        while True:
            try:
                self._judge(*await asyncio.to_thread(free_and_reserve, self._root, *self._minimum))
            except OutOfResources:
                self._is_told = False  # the disk cannot be asked: its senders are told when they send
            await asyncio.sleep(LOOK_SECONDS)

    def _judge(self, free_bytes: int, reserve_bytes: int) -> None:
        if free_bytes >= _AGAIN * reserve_bytes:
            self._is_told = False
        elif free_bytes < _NEARLY * reserve_bytes and not self._is_told:
            self._is_told = True
            values = {"free_bytes": free_bytes, "reserve_bytes": reserve_bytes}
            self._tell(Event("disk_nearly_full", dict(values)))
