"""The receiver as a whole: one archive, held by its lease, behind one listener."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from archive.audit.recorder import Recorder
from archive.audit.trail import Trail
from archive.ingest import Line
from archive.network.association_log import AssociationLog
from archive.network.control import ControlServer
from archive.network.events import Event
from archive.network.listener import Listener
from archive.network.quotas import QUOTAS_NAME, Quotas
from archive.network.receiver_record import read_record
from archive.network.statistics import Statistics
from archive.network.tls import server_context
from archive.services.association_audit import AssociationAudit
from archive.services.disk_space import DiskSpaceWatch
from archive.services.part_writer import PartWriter
from archive.services.quiet import QuietWatch
from archive.services.storage import StorageService
from archive.services.verification import VerificationService
from archive.settings import read_settings
from archive.storage.quarantine import Quarantine

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from archive.errors import FailingDisk
    from archive.local_archive import LocalArchive
    from archive.network.events import EventListener
    from archive.settings import ReceiverSettings
    from archive.storage.lease import Lease

_SAVE_SECONDS = 2.0
"""How often what facilities have used of their quotas is written down."""


class Receiver:
    """Receives into an archive from `start` to `stop`; both on one event loop.

    Parameters
    ----------
    settings
        May differ from the archive's own where a command line says so.
    listeners
        Hear every event on the event loop.

    Attributes
    ----------
    stopped
        Set by whoever wants it to stop, and by itself when the disk has failed: `failure` then tells how.
    """

    def __init__(
        self,
        archive: LocalArchive,
        lease: Lease,
        settings: ReceiverSettings,
        listeners: Sequence[EventListener] = (),
    ) -> None:
        tls = _tls(archive, settings)
        self._archive = archive
        self._listeners = list(listeners)
        self._line = Line(archive, lease, self._disk_failed)
        self._quotas = Quotas(archive.layout.run / QUOTAS_NAME, archive.settings.facility)
        self._writer = PartWriter(archive.layout.incoming, archive.settings.storage)
        self._storage = StorageService(
            self._writer,
            self._line,
            Quarantine(archive.layout, archive.settings.storage.quarantine_bytes),
            self._hear,
            self._quotas,
            accept_unknown_sop_classes=settings.accept_unknown_sop_classes,
        )
        self._listener = Listener(
            settings, (VerificationService(), self._storage), self._hear, archive.settings.facility, tls
        )
        self._control = ControlServer(archive, lease, self.reload)
        self._log = AssociationLog(archive.layout)
        self._quiet = QuietWatch(archive.index, archive.layout.run, self._sending, self._hear, self._fail)
        self._listeners.append(self._quiet.senders.hear)
        self._recorder = Recorder(Trail.of(archive.layout, archive.settings.audit))
        self._audit = AssociationAudit(self._recorder.record, "noctis receive")
        self._listeners.append(self._audit.hear)
        self.stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._disk_space = DiskSpaceWatch(archive.root, archive.settings.storage, self._hear)
        self._running: list[asyncio.Task[None]] = []

    async def start(self) -> tuple[str, int]:
        """Accept associations; return the address and the port.

        Raises
        ------
        BadInput
            The address may not be used, or is taken; the audit's key is missing.
        """
        self._loop = asyncio.get_running_loop()
        try:
            await asyncio.to_thread(self._recorder.start)
            self._writer.start()
            host, port = await self._listener.start()
            await self._control.start()
        except BaseException:
            await self.stop(0)
            raise
        statistics = Statistics(
            host,
            port,
            self._listener.settings.ae_title,
            lambda: len(self._listener.associations),
            lambda: self._line.waiting,
            read_record(self._archive.layout),
        )
        self._log.start()
        self._listeners += [statistics.hear, self._log.hear]
        self._audit.started(host, port, self._listener.settings.ae_title)
        endless = (statistics.publish(self._archive.layout), self._save_quotas(), self._disk_space.watch())
        self._running = [asyncio.create_task(each) for each in endless]
        self._quiet.start()
        return host, port

    def reload(self) -> None:
        """Read the site's settings again; address and AE title stay, the rest holds for what comes next.

        Raises
        ------
        BadInput
            They do not read: everything stays as it was.
        """
        site = read_settings(self._archive.layout.settings)
        tls = _tls(self._archive, site.receiver)
        fixed = {name: getattr(self._listener.settings, name) for name in ("host", "port", "ae_title")}
        self._listener.settings = site.receiver.model_copy(update=fixed)
        self._listener.facilities = site.facility
        self._listener.tls = tls
        self._quotas.limit(site.facility)
        self._storage.accept_unknown_sop_classes = site.receiver.accept_unknown_sop_classes
        self._audit.configured([facility.name for facility in site.facility])
        self._hear(Event("settings_reloaded", {}))

    async def stop(self, drain_seconds: float) -> None:
        """Let the associations end within `drain_seconds`, abort the others, and finish the line."""
        await self._listener.drain(drain_seconds)
        await self._control.close()
        await self._storage.close()
        await self._quiet.stop()
        await asyncio.to_thread(self._line.close)
        await asyncio.to_thread(self._log.close)
        self._audit.stopped(str(self._line.failure or ""))
        await asyncio.to_thread(self._recorder.close)
        for task in self._running:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _save_quotas(self) -> None:
        try:
            while True:
                await asyncio.sleep(_SAVE_SECONDS)
                if write := self._quotas.save():
                    await asyncio.to_thread(write)
        finally:
            if write := self._quotas.save():
                write()

    @property
    def failure(self) -> FailingDisk | None:
        """How the disk failed, if it did."""
        return self._line.failure

    @property
    def stuck_seconds(self) -> float:
        """How long the disk has been at an instance, before the line or in it (`Line.stuck_seconds`)."""
        return max(self._line.stuck_seconds, self._storage.stuck_seconds)

    @property
    def association_count(self) -> int:
        """How many associations are under way."""
        return len(self._listener.associations)

    @property
    def waiting_count(self) -> int:
        """How many instances wait to be kept."""
        return self._line.waiting

    def hurry(self) -> None:
        """Abort what `stop` still waits for."""
        self._listener.hurry()

    def _disk_failed(self) -> None:
        if self._loop:
            with contextlib.suppress(RuntimeError):  # the loop has ended before
                self._loop.call_soon_threadsafe(self._become_unhealthy)

    def _become_unhealthy(self) -> None:
        if not self.stopped.is_set():
            self._hear(Event("receiver_unhealthy", {"reason": str(self._line.failure)}))
        self.stopped.set()

    def _sending(self) -> list[str]:
        return [each.peer.address for each in self._listener.associations if each.is_receiving]

    def _fail(self, failure: FailingDisk) -> None:
        self._line.failure = failure
        self._become_unhealthy()

    def _hear(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)


def _tls(archive: LocalArchive, settings: ReceiverSettings) -> ssl.SSLContext | None:
    return server_context(settings.tls, archive.root) if settings.tls else None
