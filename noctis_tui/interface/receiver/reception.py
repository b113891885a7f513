"""Who receives for the archive, whether our own child or another process, watched twice a second."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.network.statistics import read_status
from noctis_tui.interface.receiver.child import Attached, Listening, Stopped
from noctis_tui.interface.receiver.status_line import Vitals

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.local_archive import LocalArchive
    from archive.network.statistics import ReceiverStatus
    from noctis_tui.interface.receiver.child import EmbeddedReceiver, ReceiverState

_POLL_SECONDS = 0.5


class Reception:
    """Starts the embedded receiver unless another process holds the archive, and says how receiving goes."""

    def __init__(
        self,
        archive: LocalArchive,
        embedded: EmbeddedReceiver,
        leave_seconds: float = 2.0,
        leaving: Callable[[], None] = lambda: None,
    ) -> None:
        self._archive = archive
        self._embedded = embedded
        self._leave_seconds = leave_seconds
        self._leaving = leaving
        self._child: asyncio.Task[None] | None = None
        self.vitals = Vitals(embedded.state, None, None)

    async def watch(self, changed: Callable[[], None]) -> None:
        """Start receiving and tell every change until cancelled."""
        self.start(changed)
        while True:
            status, free, writable = await asyncio.to_thread(self._look)
            if status is None and not writable:  # who receives cannot say so on a disk that takes nothing
                status = self.vitals.status
            self.vitals = Vitals(self._seen(status), status, free, writable)
            changed()
            await asyncio.sleep(_POLL_SECONDS)

    def start(self, changed: Callable[[], None]) -> None:
        """Start the embedded receiver, again if need be."""

        def tell(state: ReceiverState) -> None:
            self.vitals = replace(self.vitals, state=state)
            changed()

        if self._child is None or self._child.done():
            self._child = asyncio.create_task(self._embedded.run(tell))

    @property
    def address(self) -> tuple[str, int, str]:
        """Host, port and AE title that a sender needs, as far as they are known."""
        status, state = self.vitals.status, self._embedded.state
        if status is not None:
            return status.host, status.port, status.ae_title
        if isinstance(state, Listening):
            return state.host, state.port, state.ae_title
        site = self._archive.settings.receiver
        return site.host, site.port, site.ae_title

    async def close(self) -> None:
        """End the embedded receiver; it drains by itself when that takes longer."""
        self._leaving()
        await self._embedded.stop(self._leave_seconds)
        if self._child is not None:
            self._child.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._child

    def _look(self) -> tuple[ReceiverStatus | None, int | None, bool]:
        try:
            free = shutil.disk_usage(self._archive.root).free
        except OSError:
            free = None
        return read_status(self._archive.layout), free, os.access(self._archive.root, os.W_OK)

    def _seen(self, status: ReceiverStatus | None) -> ReceiverState:
        state = self._embedded.state
        if isinstance(state, Attached) and status is None and self.vitals.status is not None:
            self._embedded.state = Stopped("The service that received has ended.")
        return self._embedded.state
