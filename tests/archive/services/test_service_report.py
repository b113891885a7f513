"""A real `noctis receive` under a socket that stands in for systemd's."""

from __future__ import annotations

import secrets
import signal
import socket
import time

import pytest
from raw_peer import RawPeer, store_all
from receiver_process import ReceiverProcess
from senders import instance

from archive.network.service_manager import ServiceManager
from archive.services import service_report


class Manager:
    """Hears what the service says."""

    def __init__(self, address):
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address.replace("@", "\0"))
        self.said = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def environment(self, watchdog_seconds=0):
        watchdog = {"WATCHDOG_USEC": str(int(watchdog_seconds * 1e6))} if watchdog_seconds else {}
        return {"NOTIFY_SOCKET": self.address} | watchdog

    def hear(self, seconds):
        """Return the lines that come within so long."""
        until, before = time.monotonic() + seconds, len(self.said)
        while (left := until - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                self.said += self.socket.recv(4096).decode().split("\n")
            except TimeoutError:
                break
        return self.said[before:]

    def wait_for(self, line, seconds=10):
        until = time.monotonic() + seconds
        while not any(each.startswith(line) for each in self.said):
            assert time.monotonic() < until, (line, self.said)
            self.hear(0.05)
        return [each for each in self.said if each.startswith(line)]

    def forget(self):
        self.hear(0.05)
        self.said.clear()


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    address = str(tmp_path / "notify") if request.param == "path" else f"@noctis-{secrets.token_hex(8)}"
    with Manager(address) as listening:
        yield listening


def test_a_whole_life(tmp_path, manager):
    with ReceiverProcess(tmp_path / "archive", environment=manager.environment()) as receiver:
        manager.wait_for("READY=1")
        assert manager.said[0] == "STATUS=Opening the archive."
        manager.wait_for("STATUS=Receiving: 0 associations")
        manager.forget()
        with RawPeer(receiver.port) as peer:
            peer.associate()
            manager.wait_for("STATUS=Receiving: 1 association,")
            peer.release()
        manager.forget()
        receiver.process.send_signal(signal.SIGHUP)
        manager.wait_for("READY=1")
        assert manager.said[0] == "RELOADING=1"
        assert manager.said[1].startswith("MONOTONIC_USEC=")
        (tmp_path / "archive" / "noctis.toml").write_text("nonsense = 1\n")
        manager.forget()
        receiver.process.send_signal(signal.SIGHUP)
        manager.wait_for("READY=1")
        assert "RELOADING=1" in manager.said
        manager.forget()
        assert receiver.end()[0] == 0
        manager.wait_for("STOPPING=1")
        assert "WATCHDOG=1" not in manager.said


def test_it_pings_while_it_works_and_not_when_its_event_loop_stands(tmp_path, manager):
    with ReceiverProcess(tmp_path / "archive", environment=manager.environment(1.0)) as receiver:
        manager.wait_for("READY=1")
        assert manager.hear(2.0).count("WATCHDOG=1") >= 3
        assert store_all(receiver.port, instance()) == [0]
        receiver.process.send_signal(signal.SIGSTOP)
        manager.forget()
        assert manager.hear(1.2) == []
        receiver.process.send_signal(signal.SIGCONT)
        manager.wait_for("WATCHDOG=1")
        assert receiver.end()[0] == 0


def test_it_does_not_ping_while_the_line_is_stuck(tmp_path, manager):
    """Another process holds the index: the line waits for it, and the event loop lives."""
    import sqlite3

    with ReceiverProcess(tmp_path / "archive", environment=manager.environment(2.0)) as receiver:
        manager.wait_for("READY=1")
        blocking = sqlite3.connect(tmp_path / "archive" / "index.sqlite", isolation_level=None)
        blocking.execute("BEGIN IMMEDIATE")
        with RawPeer(receiver.port) as peer:
            peer.associate()
            sent = instance()
            peer.send(_request(sent))
            manager.wait_for("STATUS=Nothing can be stored")
            manager.said.clear()
            assert "WATCHDOG=1" not in manager.hear(1.5)
            blocking.execute("ROLLBACK")
            blocking.close()
            manager.wait_for("WATCHDOG=1")
            peer.status()
            peer.release()
        assert receiver.end()[0] == 0


def _request(sent):
    from raw_peer import store_request

    return store_request(sent.sop_uid, sent.data_set)


async def test_a_line_whose_thread_has_died_is_not_well(tmp_path, manager, monkeypatch):
    import asyncio

    class Dead:
        stuck_seconds = float("inf")

    monkeypatch.setattr(service_report, "REPORT_SECONDS", 0.01)
    reporting = asyncio.create_task(service_report.report(Dead(), ServiceManager(manager.environment(1.0))))
    await asyncio.sleep(0.1)
    reporting.cancel()
    assert manager.hear(0.1) == ["STATUS=Nothing can be stored: what keeps instances is stuck."]
