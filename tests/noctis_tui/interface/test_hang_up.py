"""A terminal that goes away takes the application with it."""

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import threading
import time

from conftest import REPOSITORY
from phantoms import write_phantom


class Held:
    """A real controlling terminal, which can be hung up."""

    def __init__(self, command):
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 800, 480))
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one call to the kernel
            env=os.environ | {"PYTHONPATH": str(REPOSITORY), "TERM": "xterm-256color"},
        )
        os.close(slave)
        self.written = bytearray()
        self._is_held = True
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with contextlib.suppress(OSError):
            while self._is_held:
                if select.select([self._master], [], [], 0.05)[0]:
                    self.written += os.read(self._master, 65536)

    def hang_up(self):
        self._is_held = False
        self._reader.join()
        os.close(self._master)


def test_noctis_ends_when_its_terminal_is_closed(tmp_path):
    write_phantom(tmp_path / "ct", slices=6)
    command = [sys.executable, "-m", "noctis_tui", "view", "--graphics", "blocks", str(tmp_path / "ct")]
    held = Held(command)
    try:
        end = time.monotonic() + 30
        while b"Analytic" not in held.written and time.monotonic() < end:
            time.sleep(0.05)
        assert b"Analytic" in held.written
        held.hang_up()
        held.process.wait(20)
    finally:
        if held.process.poll() is None:
            held.process.kill()
            held.process.wait()
