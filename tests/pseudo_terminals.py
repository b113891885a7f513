"""A program on a pseudo-terminal: its raw bytes, and what in them a terminal would obey."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
from dataclasses import dataclass, field

CONTROL = re.compile(
    r"(?P<csi>\x1b\[[0-?]*[ -/]*[@-~])"
    r"|(?P<string>\x1b[\]PX^_].*?(?:\x07|\x1b\\))"
    r"|(?P<short>\x1b[ -/]*[0-~])"
    r"|(?P<c0>[\x00-\x1f\x7f])"
    r"|(?P<c1>[\x80-\x9f])",
    re.DOTALL,
)


@dataclass
class PseudoTerminal:
    """Runs a command on a pseudo-terminal of that size and keeps all it writes."""

    command: list[str]
    columns: int = 200
    rows: int = 60
    environment: dict[str, str] = field(default_factory=dict)

    def __enter__(self):
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))
        self.process = subprocess.Popen(
            self.command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | self.environment,
        )
        os.close(slave)
        self._written = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(5)
        os.close(self._master)

    def _read(self):
        with contextlib.suppress(OSError):  # the last end of the pseudo-terminal was closed
            while block := os.read(self._master, 65536):
                self._written += block

    @property
    def written(self) -> bytes:
        return bytes(self._written)

    @property
    def text(self) -> str:
        """What was written, without control sequences; bytes that are no UTF-8 count as C1 controls."""
        return CONTROL.sub("", self.decoded)

    @property
    def decoded(self) -> str:
        return re.sub("[\udc80-\udcff]", "\x80", self.written.decode("utf-8", "surrogateescape"))

    def controls(self) -> list[tuple[str, str]]:
        """Return every control in what was written, with its kind."""
        return [(match.lastgroup or "", match[0]) for match in CONTROL.finditer(self.decoded)]

    def type(self, keys: str, then: float = 0.4) -> None:
        os.write(self._master, keys.encode())
        time.sleep(then)

    def wait_for(self, text: str, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.text:
            assert self.process.poll() is None, f"ended before {text!r}: {self.text[-2000:]}"
            assert time.monotonic() < deadline, f"no {text!r} in {self.text[-2000:]}"
            time.sleep(0.05)
