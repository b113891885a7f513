"""`noctis receive`: the headless receiver."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
import sys
import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.commands.site import Site
    from archive.local_archive import LocalArchive
    from archive.network.events import EventListener
    from archive.settings import ReceiverSettings
    from archive.storage.lease import Lease

LOGGER = logging.getLogger(__name__)
_INTERRUPTED = 130


@click.command("receive")
@click.option("--host", help="Address to listen on; other than loopback needs a facility.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 picks a free one.")
@click.option("--ae", "ae_title", help="AE title to answer to.")
@click.option("--jsonl", is_flag=True, help="After READY, write one JSON object a line for each event.")
@click.option("--until-stdin-closes", is_flag=True, hidden=True)
@click.pass_obj
def receive_command(
    site: Site,
    host: str | None,
    port: int | None,
    ae_title: str | None,
    *,
    jsonl: bool,
    until_stdin_closes: bool,
) -> None:
    """Receive studies from modalities and other archives until told to stop.

    Writes READY host:port ae once it accepts associations. SIGTERM lets the present associations end;
    SIGHUP reads noctis.toml again. Exit code 74: the disk fails; 75: another process holds the archive.

    Example: noctis --archive /srv/images receive --port 11112 --ae ARCHIVE
    """
    from archive.commands.service_log import logged
    from archive.local_archive import LocalArchive
    from archive.network.event_lines import EventLines
    from archive.notifications.notifier import Notifier

    os.umask(0o077)
    _allow_many_connections()
    told = {"host": host, "port": port, "ae_title": ae_title}
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(logged(site.log_level))
        archive = stack.enter_context(LocalArchive.open(site.archive))
        log.also_to(archive.layout.log, archive.settings.log)
        lease = stack.enter_context(archive.hold("receive"))
        listeners = [stack.enter_context(EventLines(sys.stdout)).hear] if jsonl else []
        notifier = stack.enter_context(Notifier(archive, ae_title or archive.settings.receiver.ae_title))
        service = _Service(archive, lease, told, [*listeners, notifier.hear])
        code = asyncio.run(service.run(until_stdin_closes=until_stdin_closes))
    sys.exit(code)


class _Service:
    """The receiver under the signals of a service: TERM drains, HUP reads the settings again."""

    def __init__(
        self,
        archive: LocalArchive,
        lease: Lease,
        told: dict[str, str | int | None],
        listeners: Sequence[EventListener],
    ) -> None:
        from archive.network.service_manager import ServiceManager
        from archive.services.receiver import Receiver

        self._manager = ServiceManager()
        self._manager.status("Opening the archive.")
        self._archive = archive
        self._told = {name: value for name, value in told.items() if value is not None}
        self._settings = _override(archive.settings.receiver, self._told)
        self._receiver = Receiver(archive, lease, self._settings, listeners)
        self._code = 0

    async def run(self, *, until_stdin_closes: bool) -> int:
        """Receive until told to stop; return the exit code."""
        from archive.services.service_report import report

        stopped = self._receiver.stopped
        host, port = await self._receiver.start()
        reporting = asyncio.create_task(report(self._receiver, self._manager))
        try:
            self._watch(stopped)
            self._announce(host, port, until_stdin_closes=until_stdin_closes)
            await stopped.wait()
        finally:
            reporting.cancel()
            self._manager.stopping()
            self._manager.status("Letting the associations end.")
            await self._receiver.stop(0 if self._receiver.failure else self._settings.drain_seconds)
        if self._receiver.failure:  # perhaps only when the last places were synced
            raise self._receiver.failure
        return self._code

    def _announce(self, host: str, port: int, *, until_stdin_closes: bool) -> None:
        if until_stdin_closes:
            _watch_stdin(asyncio.get_running_loop(), self._receiver.stopped.set)
        # What is loaded by now stays: the collector need not walk it again while associations wait.
        gc.collect()
        gc.freeze()
        shown_host = f"[{host}]" if ":" in host else host
        print(f"READY {shown_host}:{port} {self._settings.ae_title}", flush=True)
        self._manager.ready()

    def _watch(self, stopped: asyncio.Event) -> None:
        def stop(code: int) -> None:
            if stopped.is_set():
                self._receiver.hurry()
            self._code = code
            stopped.set()

        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop, 0)
        loop.add_signal_handler(signal.SIGINT, stop, _INTERRUPTED)
        loop.add_signal_handler(signal.SIGHUP, self._reload)

    def _reload(self) -> None:
        from archive.errors import BadInput

        self._manager.reloading()
        try:
            self._receiver.reload()
        except BadInput as error:
            LOGGER.error("The settings stay as they are: %s", error)  # noqa: TRY400 - a sentence, no traceback
            return
        finally:
            self._manager.ready()
        LOGGER.info("The settings were read again; address and storage settings wait for the next start")


def _override(settings: ReceiverSettings, told: dict[str, str | int]) -> ReceiverSettings:
    from pydantic import ValidationError

    from archive.errors import BadInput
    from archive.facility import is_ae_title

    try:
        overridden = settings.model_validate(settings.model_dump() | told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadInput(f"{first['loc'][-1]}: {first['msg']}.") from error
    if not is_ae_title(overridden.ae_title):
        raise BadInput("An AE title is 1 to 16 printable ASCII characters without a backslash.")
    return overridden


def _watch_stdin(loop: asyncio.AbstractEventLoop, closed: Callable[[], None]) -> None:
    """Call `closed` when standard input ends: whoever started this process has gone or wants it to stop."""

    def read() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended before
            loop.call_soon_threadsafe(closed)

    threading.Thread(target=read, name="noctis-stdin", daemon=True).start()


def _allow_many_connections() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
