"""How far away a terminal is, and how fast it takes pictures in: fences answered outside the interface."""

from __future__ import annotations

import contextlib
import os
import re
import statistics
import termios
import time
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from noctis_tui.graphics.terminal.passthrough import wrap
from noctis_tui.graphics.terminal.probe import quiet_terminal, read_until

if TYPE_CHECKING:
    from noctis_tui.graphics.terminal.detection import TerminalGraphics

ROUND_TRIPS = 5
MOST_REPEATS = 8
ENOUGH_SECONDS = 0.4
SILENCE_SECONDS = 2.0
BURST_SECONDS = 10.0

_KITTY_FENCE = wrap(b"\x1b_Gi=4208,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\")
_ON, _OFF = b"\x1b[?1049h\x1b[H", b"\x1b[?1049l"
"""The alternate screen: what is drawn there to measure is gone afterwards."""


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured.

    Attributes
    ----------
    round_trip_seconds
        From a question to its answer, the median; None when there was none.
    bytes_per_second
        How fast pictures were taken in, None when that was not measured.
    burst_bytes
        Length of one such picture.
    """

    round_trip_seconds: float | None = None
    bytes_per_second: float | None = None
    burst_bytes: int = 0


def measure(graphics: TerminalGraphics, burst: bytes = b"") -> Speed:
    """Ask the controlling terminal a few times, then send it a picture until it is known how long that takes.

    Parameters
    ----------
    graphics
        What was detected: kitty behind tmux is asked itself, for tmux answers before the picture is there.
    burst
        A picture for the cursor's place (`inline`); without one only the round trip is measured.
    """
    fence, answer = _fence(graphics)
    with contextlib.suppress(OSError, termios.error), quiet_terminal() as terminal:
        termios.tcflush(terminal, termios.TCIFLUSH)
        trips = (_passed(terminal, b"", fence, answer, SILENCE_SECONDS) for _ in range(ROUND_TRIPS))
        known = list(takewhile(lambda trip: trip is not None, trips))
        if len(known) < ROUND_TRIPS:
            return Speed()
        round_trip = statistics.median(filter(None, known))
        rate = _rate(terminal, burst, fence, answer, round_trip) if burst else None
        termios.tcflush(terminal, termios.TCIFLUSH)
        return Speed(round_trip, rate, len(burst))
    return Speed()


def _fence(graphics: TerminalGraphics) -> tuple[bytes, re.Pattern[bytes]]:
    if graphics.placeholders:
        return _KITTY_FENCE, re.compile(rb"\x1b_Gi=4208;[^\x1b]*\x1b\\")
    return b"\x1b[6n", re.compile(rb"\x1b\[\d+;\d+R")


def _rate(
    terminal: int, burst: bytes, fence: bytes, answer: re.Pattern[bytes], round_trip: float
) -> float | None:
    _write(terminal, _ON)
    try:
        rates: list[float] = []
        end = time.monotonic() + ENOUGH_SECONDS
        while len(rates) < MOST_REPEATS and (time.monotonic() < end or not rates):
            seconds = _passed(terminal, b"\x1b[H" + burst, fence, answer, BURST_SECONDS)
            if seconds is None:
                return None
            rates.append(len(burst) / max(seconds - round_trip, 1e-4))
        return statistics.median(rates)
    finally:
        _write(terminal, _OFF)


def _passed(
    terminal: int, content: bytes, fence: bytes, answer: re.Pattern[bytes], patience: float
) -> float | None:
    """Seconds until the terminal has read the content; None when it does not answer."""
    before = time.monotonic()
    _write(terminal, content + fence)
    said = read_until(terminal, answer, patience)
    return time.monotonic() - before if answer.search(said) else None


def _write(terminal: int, content: bytes) -> None:
    while content:
        content = content[os.write(terminal, content) :]
