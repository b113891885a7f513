"""What the receiver tells systemd: sd_notify(3) and sd_watchdog_enabled(3).

The protocol is one datagram of ``NAME=value`` lines, so it is written here. Of the packages that exist,
sdnotify has had no release since 2017, systemd-watchdog sends in a way that may block an event loop and knows
neither RELOADING nor STOPPING, and cysystemd brings libsystemd along.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING

from archive.dicom.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

_PATIENCE_SECONDS = 1.0
"""How long a word that must arrive may wait for a service manager with a full queue; others are left out."""
_LONGEST_STATUS = 400


class ServiceManager:
    """Tells the service manager how the service is doing; does nothing where there is none.

    Parameters
    ----------
    environment
        Where ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID`` are looked for.

    Attributes
    ----------
    watchdog_seconds
        The service is killed when it does not ping for so long; None when nobody watches.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self.watchdog_seconds = _watchdog_seconds(environment) if self._address else None
        self._status = ""

    @property
    def listens(self) -> bool:
        """Whether there is a service manager."""
        return bool(self._address)

    def ready(self) -> None:
        """Tell that the service is up, or up again after `reloading`."""
        self._send("READY=1", _PATIENCE_SECONDS)

    def reloading(self) -> None:
        """Tell that the settings are being read again; `ready` ends that."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send(f"RELOADING=1\nMONOTONIC_USEC={now}", _PATIENCE_SECONDS)

    def stopping(self) -> None:
        """Tell that the service ends."""
        self._send("STOPPING=1", _PATIENCE_SECONDS)

    def status(self, sentence: str) -> None:
        """Show a sentence in ``systemctl status``; the same one again costs nothing."""
        if sentence != self._status:
            self._status = sentence
            self._send(f"STATUS={visible(sentence, _LONGEST_STATUS)}")

    def ping(self) -> None:
        """Tell the watchdog that all is well."""
        self._send("WATCHDOG=1")

    def _send(self, state: str, patience_seconds: float = 0) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifying:
            notifying.settimeout(patience_seconds)
            notifying.sendto(state.encode(), self._address)


def _address(text: str) -> bytes:
    """Return the address of a socket by path or, behind an ``@``, by abstract name; empty for others."""
    raw = os.fsencode(text)
    if raw.startswith(b"@"):
        return b"\0" + raw[1:]
    return raw if raw.startswith(b"/") else b""


def _watchdog_seconds(environment: Mapping[str, str]) -> float | None:
    watched = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    with contextlib.suppress(ValueError):
        microseconds = int(environment.get("WATCHDOG_USEC", "0"))
        return microseconds / 1_000_000 if watched and microseconds > 0 else None
    return None
