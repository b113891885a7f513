"""sd_notify as systemd hears it, on real datagram sockets."""

from __future__ import annotations

import os
import secrets
import socket
import time

import pytest

from archive.network.service_manager import ServiceManager


@pytest.fixture(params=["path", "abstract"])
def heard(request, tmp_path):
    """A service manager's socket and its address as NOTIFY_SOCKET names it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        address = str(tmp_path / "n") if request.param == "path" else f"@noctis-{secrets.token_hex(8)}"
        listening.bind(address.replace("@", "\0"))
        listening.settimeout(5)
        yield listening, address


def test_every_word_is_a_datagram(heard):
    listening, address = heard
    manager = ServiceManager({"NOTIFY_SOCKET": address})
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    for tell in (manager.ready, manager.reloading, manager.stopping, manager.ping):
        tell()
    said = [listening.recv(4096).decode() for _ in range(4)]
    assert said[0] == "READY=1"
    reloading, monotonic = said[1].split("\n")
    assert reloading == "RELOADING=1"
    assert before <= int(monotonic.removeprefix("MONOTONIC_USEC=")) <= before + 60_000_000
    assert said[2:] == ["STOPPING=1", "WATCHDOG=1"]


def test_a_status_is_one_line_and_is_not_repeated(heard):
    listening, address = heard
    manager = ServiceManager({"NOTIFY_SOCKET": address})
    manager.status("a\nREADY=1")
    manager.status("a\nREADY=1")
    manager.status("b")
    assert listening.recv(4096).decode() == "STATUS=a␊READY=1"
    assert listening.recv(4096).decode() == "STATUS=b"


@pytest.mark.parametrize("address", ["", "relative", "vsock:2:1234", "/nobody/listens", "@nobody-listens"])
def test_where_nobody_listens_nothing_happens(address):
    manager = ServiceManager({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"})
    manager.ready()
    manager.ping()
    assert manager.listens == address.startswith(("/", "@"))


def test_a_service_manager_that_does_not_read_holds_nobody_up(heard):
    _, address = heard
    manager = ServiceManager({"NOTIFY_SOCKET": address})
    for number in range(5_000):
        manager.status(str(number))
        manager.ping()


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_who_is_watched(environment, seconds):
    assert ServiceManager({"NOTIFY_SOCKET": "/x"} | environment).watchdog_seconds == seconds
    assert ServiceManager(environment).watchdog_seconds is None
