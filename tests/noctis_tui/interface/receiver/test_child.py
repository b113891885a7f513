"""The embedded receiver in real processes: starts, says why not, attaches, ends with its parent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from receiver_process import ENVIRONMENT, ReceiverProcess

from archive.errors import ArchiveBusy
from archive.local_archive import LocalArchive
from archive.network.statistics import read_status
from noctis_tui.interface.receiver.child import Attached, EmbeddedReceiver, Listening, Starting, Stopped
from noctis_tui.interface.receiver.reception import Reception
from noctis_tui.interface.receiver.status_line import Vitals, status_text
from noctis_tui.interface.themes import NOCTIS

COLORS = {
    **NOCTIS.variables,
    **dict.fromkeys(("foreground", "success", "warning", "error", "accent"), "#808080"),
}


@pytest.fixture(autouse=True)
def _our_code(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])


async def until(condition, seconds=20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def watched(archive, *arguments, listening=None):
    reception = Reception(archive, EmbeddedReceiver(archive.root, arguments, listening))
    states = []
    watch = asyncio.create_task(reception.watch(lambda: states.append(reception.vitals.state)))
    try:
        yield reception, states
    finally:
        watch.cancel()
        await reception.close()


def line_of(reception) -> str:
    return status_text(reception.vitals, COLORS, 200).plain


async def test_it_listens_and_ends_when_asked(tmp_path):
    told = []
    with LocalArchive.open(tmp_path / "a") as archive:
        async with watched(archive, "--port", "0", listening=lambda *address: told.append(address)) as (
            reception,
            states,
        ):
            await until(lambda: isinstance(reception.vitals.state, Listening))
            await until(lambda: reception.vitals.status is not None)
            assert isinstance(states[0], Starting)
            assert told == [reception.address]
            assert "Receiving at 127.0.0.1:" in line_of(reception)
            assert "free" in line_of(reception)
            pid = reception.vitals.status.pid
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_port_that_is_taken_is_said_in_plain_words_and_can_be_tried_again(tmp_path):
    with LocalArchive.open(tmp_path / "a") as archive, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with watched(archive, "--port", str(port)) as (reception, _):
            await until(lambda: isinstance(reception.vitals.state, Stopped))
            assert line_of(reception).startswith(" ● Not receiving: ")
            assert str(port) in line_of(reception)
            assert "Traceback" not in line_of(reception)
            taken.close()
            reception.start(lambda: None)
            await until(lambda: isinstance(reception.vitals.state, Listening))


async def test_it_attaches_to_a_service_and_says_when_that_has_gone(tmp_path):
    root = tmp_path / "a"
    with ReceiverProcess(root) as service, LocalArchive.open(root) as archive:
        async with watched(archive) as (reception, _):
            await until(lambda: isinstance(reception.vitals.state, Attached) and reception.vitals.status)
            assert f"by the service of pid {service.process.pid}" in line_of(reception)
            assert str(service.port) in line_of(reception)
            service.end()
            await until(lambda: isinstance(reception.vitals.state, Stopped))
            assert "The service that received has ended" in line_of(reception)


async def test_a_service_on_a_disk_that_became_read_only_has_not_gone(tmp_path, monkeypatch):
    root = tmp_path / "a"
    with ReceiverProcess(root), LocalArchive.open(root) as archive:
        async with watched(archive) as (reception, _):
            await until(lambda: isinstance(reception.vitals.state, Attached) and reception.vitals.status)
            monkeypatch.setattr("noctis_tui.interface.receiver.reception.read_status", lambda _: None)
            monkeypatch.setattr("noctis_tui.interface.receiver.reception.os.access", lambda *_: False)
            await until(lambda: not reception.vitals.writable)
            assert "by the service of pid" in line_of(reception)
            monkeypatch.setattr("noctis_tui.interface.receiver.reception.os.access", lambda *_: True)
            await until(lambda: isinstance(reception.vitals.state, Stopped))


def may_be_held(archive) -> bool:
    try:
        archive.hold("a test").release()
    except ArchiveBusy:
        return False
    return True


def test_it_ends_when_its_parent_is_killed(tmp_path):
    program = (
        "import asyncio, pathlib, sys\n"
        "from noctis_tui.interface.receiver.child import EmbeddedReceiver\n"
        "told = lambda *address: print('up', flush=True)\n"
        "embedded = EmbeddedReceiver(pathlib.Path(sys.argv[1]), ('--port', '0'), told)\n"
        "asyncio.run(embedded.run(lambda state: None))\n"
    )
    with LocalArchive.open(tmp_path / "a") as archive:
        parent = subprocess.Popen(
            [sys.executable, "-c", program, str(archive.root)], stdout=subprocess.PIPE, env=ENVIRONMENT
        )
        assert parent.stdout.readline() == b"up\n"
        deadline = time.monotonic() + 20
        while read_status(archive.layout) is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        parent.send_signal(signal.SIGKILL)
        parent.communicate()
        while not may_be_held(archive):
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.parametrize("width", range(20, 160, 7))
def test_the_line_fits_every_width(width):
    vitals = Vitals(Stopped("Port 11112 is taken by another program."), None, 83_000_000_000)
    text = status_text(vitals, COLORS, width)
    assert text.no_wrap
    assert text.plain.startswith(" ● Not receiving")
