"""A line between a terminal and the program in it: as slow as you like, and it notes what passes.

    python benchmarks/link.py [--mbit 10] [--delay-ms 25] [--log FILE] [--record FILE] -- COMMAND

The command gets a pseudo-terminal of the terminal's size, in cells and pixels, and changes of it. Towards
the terminal bytes pass at most so fast and arrive a delay later; keys and answers go back with the same
delay. What waits to leave, and what the terminal has not read, is bounded by the buffer: a program that
writes more has to wait, as it would behind ssh. Bytes on their way are not counted, as TCP's window allows
for them. Without `--mbit` and `--delay-ms` it only listens.

The log has one event a line, its time from the terminal's side of the line in seconds of the monotonic
clock: `fence` (the program wrote CSI 6n; how many bytes it had written then, and the pictures among those
since the last fence: row of the screen and height in pixels, null where all of a picture is placed or the
height is not told), `taken` (the terminal answered the oldest open fence), `key` (the
terminal sent anything that is no answer).
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import sys
import termios
import time
import tty
from collections import deque
from pathlib import Path

BLOCK = 1 << 14
DOWN = re.compile(
    rb"\x1b(?:"  # one beginning for all: with it the search skips what is no escape sequence at once
    rb"(?P<fence>\[6n)"
    rb"|\[(?P<row>\d+)(?:;\d+)?H"
    rb'|(?P<sixel>P[\d;]*q(?:"\d+;\d+;\d+;(?P<height>\d+)(?=\D)|(?=[^"])))'
    rb"|(?P<kitty>_G(?:[^;\x1b]*,)?a=[Tp])"
    rb")"
)
ANSWER = re.compile(rb"\x1b\[\d+;\d+R")
REPORT = re.compile(rb"\x1b[_P].*?\x1b\\|\x1b\[[?>=<]?[\d;]*\$?[cRntySIO]", re.DOTALL)
CUT = re.compile(rb"(?:\x1b\[[0-?]*[ -/]*|\x1b[_P](?:(?!\x1b\\).)*|(?<=.)\x1b)$", re.DOTALL)
"""The beginning of a sequence at the end of a block; an ESC that comes alone is the key."""
LONGEST_BEGINNING = 96
"""A sequence that is cut between two blocks is found again with so many bytes of the first."""


class Way:
    """One direction of the line.

    Parameters
    ----------
    bytes_per_second
        None for no limit.
    delay_seconds
        From leaving to arriving.
    room_bytes
        How much may wait at the two ends together.
    """

    def __init__(self, bytes_per_second: float | None, delay_seconds: float, room_bytes: int) -> None:
        self._seconds_a_byte = 1 / bytes_per_second if bytes_per_second else 0.0
        self._delay = delay_seconds
        self._room = room_bytes
        self._free_at = 0.0
        self._blocks: deque[tuple[float, float, bytes]] = deque()  # when it has left, when it arrives

    def has_room(self, now: float) -> bool:
        """Whether the sender may write."""
        waiting = sum(len(block) for left, arrives, block in self._blocks if left > now or arrives <= now)
        return waiting < self._room

    def put(self, block: bytes, now: float) -> None:
        """Send."""
        if not block:
            return
        self._free_at = max(self._free_at, now) + len(block) * self._seconds_a_byte
        self._blocks.append((self._free_at, self._free_at + self._delay, block))

    def arrived(self, now: float) -> bytes:
        """Look at what has arrived first and was not taken."""
        return self._blocks[0][2] if self._blocks and self._blocks[0][1] <= now else b""

    def took(self, count: int) -> None:
        """Take so many bytes of what arrived first."""
        left, arrives, block = self._blocks.popleft()
        if count < len(block):
            self._blocks.appendleft((left, arrives, block[count:]))

    def next_at(self, now: float) -> float | None:
        """When something arrives or leaves that has not yet; None when all has."""
        times = [at for left, arrives, _ in self._blocks for at in (left, arrives) if at > now]
        return min(times, default=None)

    @property
    def is_empty(self) -> bool:
        return not self._blocks


class Listener:
    """Writes the log and the record."""

    def __init__(self, log: Path | None, record: Path | None) -> None:
        self._log = log.open("w", buffering=1) if log else None
        self._record = record.open("wb", buffering=0) if record else None
        self._offset = 0
        self._tails = {"down": b"", "up": b""}
        self._heard_to = 0
        self._row = 1
        self._pictures: list[tuple[int, int | None]] = []

    def down(self, block: bytes, now: float) -> None:
        """Hear what the program writes."""
        if self._record:
            self._record.write(block)
        begin = self._offset - len(self._tails["down"])
        heard = self._tails["down"] + block
        for match in DOWN.finditer(heard):
            if begin + match.start() >= self._heard_to:
                self._heard_to = begin + match.end()
                self._understand(match, now)
        self._offset += len(block)
        self._tails["down"] = heard[-LONGEST_BEGINNING:]

    def _understand(self, match: re.Match[bytes], now: float) -> None:
        if match["row"]:
            self._row = int(match["row"])
        elif match["sixel"]:
            self._pictures.append((self._row, int(match["height"]) if match["height"] else None))
        elif match["kitty"]:
            self._pictures.append((self._row, None))
        else:
            self._note(now, "fence", offset=self._heard_to, pictures=self._pictures)
            self._pictures = []

    def up(self, block: bytes, now: float) -> None:
        """Hear what the terminal sends."""
        heard = self._tails["up"] + block
        cut = CUT.search(heard)
        heard, self._tails["up"] = (heard[: cut.start()], cut[0]) if cut else (heard, b"")
        for _ in ANSWER.finditer(heard):
            self._note(now, "taken", offset=self._offset)
        if typed := REPORT.sub(b"", heard):
            self._note(now, "key", sent=typed.decode("latin-1"))

    def _note(self, now: float, what: str, **more: object) -> None:
        if self._log:
            self._log.write(json.dumps({"at": now, "what": what, **more}) + "\n")


class Link:
    """Carries between the terminal of this process and a program on another one."""

    def __init__(self, command: list[str], down: Way, up: Way, listener: Listener) -> None:
        self._ways = down, up
        self._listener = listener
        self._terminal = os.open(os.ttyname(0), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._child, self._program = pty.fork()
        if self._child == 0:
            _follow_size(self._terminal, 0)
            os.close(self._terminal)
            os.execvp(command[0], command)
        os.set_blocking(self._program, False)
        self._has_ended = False

    def carry(self) -> int:
        """Go on until the program ends; its exit status."""
        before = termios.tcgetattr(self._terminal)
        waking, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGWINCH, lambda *_: _follow_size(self._terminal, self._program))
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: os.kill(self._child, signal.SIGHUP))
        try:
            tty.setraw(self._terminal, termios.TCSANOW)
            _follow_size(self._terminal, self._program)
            while not self._has_ended or not self._ways[0].is_empty:
                self._turn(waking)
        finally:
            termios.tcsetattr(self._terminal, termios.TCSANOW, before)
        return os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])

    def _turn(self, waking: int) -> None:
        down, up = self._ways
        now = time.monotonic()
        reading, writing = [waking], []
        if down.has_room(now) and not self._has_ended:
            reading.append(self._program)
        if up.has_room(now):
            reading.append(self._terminal)
        if down.arrived(now):
            writing.append(self._terminal)
        if up.arrived(now):
            writing.append(self._program)
        ends = [at for way in self._ways if (at := way.next_at(now)) is not None]
        wait = max(min(ends) - now, 0.0) if ends else None
        readable, writable, _ = select.select(reading, writing, [], wait)
        self._move(readable, writable)
        if waking in readable:
            os.read(waking, 64)

    def _move(self, readable: list[int], writable: list[int]) -> None:
        down, up = self._ways
        now = time.monotonic()
        if self._terminal in writable:
            down.took(_write(self._terminal, down.arrived(now)))
        if self._program in writable:
            up.took(_write(self._program, up.arrived(now)))
        if self._program in readable:
            block = _read(self._program)
            self._has_ended = not block
            self._listener.down(block, now)
            down.put(block, now)
        if self._terminal in readable:
            block = _read(self._terminal)
            self._listener.up(block, now)
            up.put(block, now)
            if not block:
                raise SystemExit(1)


def _read(file: int) -> bytes:
    with contextlib.suppress(OSError):  # the other end was closed
        return os.read(file, BLOCK)
    return b""


def _write(file: int, block: bytes) -> int:
    try:
        return os.write(file, block)
    except BlockingIOError:
        return 0
    except OSError:
        return len(block)  # nobody reads any more


def _follow_size(terminal: int, program: int) -> None:
    with contextlib.suppress(OSError):
        size = fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8))
        fcntl.ioctl(program, termios.TIOCSWINSZ, size)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mbit", type=float, help="towards the terminal, 10^6 bits a second")
    parser.add_argument("--delay-ms", type=float, default=0.0, help="each way")
    parser.add_argument("--buffer-kib", type=int, default=256)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--record", type=Path, help="keeps all that the program writes")
    parser.add_argument("command", nargs="+")
    wanted = parser.parse_args()
    speed = wanted.mbit * 1e6 / 8 if wanted.mbit else None
    room = wanted.buffer_kib << 10
    down = Way(speed, wanted.delay_ms / 1e3, room)
    up = Way(None, wanted.delay_ms / 1e3, room)
    sys.exit(Link(wanted.command, down, up, Listener(wanted.log, wanted.record)).carry())


if __name__ == "__main__":
    main()
