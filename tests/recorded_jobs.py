"""Jobs as processes would record them, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from contextlib import contextmanager

from archive.job import Job, State
from archive.process_identity import identity_of

NOW = 1_790_000_000.0


def a_job(pid: int | None = None, **said) -> Job:
    """Return a running job of this process, or of another one."""
    pid = os.getpid() if pid is None else pid
    plain = {
        "uid": str(uuid.uuid4()),
        "kind": "mip",
        "subject": "CT 3 Thorax",
        "study_instance_uid": "1.2.3",
        "series_instance_uid": "1.2.3.1",
        "parameters": {"plane": "coronal"},
        "state": State.RUNNING,
        "created_at": NOW,
        "pid": pid,
        "process": identity_of(pid),
    }
    return Job(**plain | said)


@contextmanager
def another_process(code: str = "import time; time.sleep(600)"):
    """Run a process that does nothing, or what it is told."""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()
