"""`noctis receive` as its own process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}


def noctis(archive, *arguments):
    """Return the command line of a `noctis` command."""
    return [sys.executable, "-m", "noctis_tui", "--archive", str(archive), *map(str, arguments)]


def run_noctis(archive, *arguments, within=()):
    """Run a `noctis` command to its end."""
    command = [*within, *noctis(archive, *arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=False)


class ReceiverProcess:
    """A receiver on a free port that accepts associations; a context manager that kills what still runs.

    `within` comes before its command line, `environment` on top of ours.
    """

    def __init__(self, archive, *options, within=(), environment=None, **popen):
        self.process = subprocess.Popen(
            [*within, *noctis(archive, "receive", "--port", 0, *options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT | (environment or {}),
            **popen,
        )
        self.ready = self.process.stdout.readline()
        if not self.ready.startswith("READY "):
            raise RuntimeError(f"{self.ready!r} {self.process.communicate()[1]}")
        self.port = int(self.ready.split()[1].rpartition(":")[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def end(self, how=signal.SIGTERM):
        """End it with a signal; return (exit code, events, what it logged)."""
        self.process.send_signal(how)
        return self.ended()

    def ended(self):
        """Wait until it has ended; return (exit code, events, what it logged)."""
        output, errors = self.process.communicate(timeout=30)
        return self.process.returncode, [json.loads(line) for line in output.splitlines()], errors
