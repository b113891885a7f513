"""The process of a job that the interface began: it goes on when the interface ends.

The task is a JSON object on standard input: the order, the archive's folder and the subject.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from archive.local_archive import LocalArchive
from archive.progress import CancelToken
from noctis_tui.reading.reconstructing.job import new_job, run_job
from noctis_tui.reading.reconstructing.order import Order
from noctis_tui.reading.reconstructing.subject import Subject

if TYPE_CHECKING:
    from noctis_tui.reading.reconstructing.supervising import Outcome

_PATIENCE_SECONDS = 600.0
"""Nobody waits for this process: an import that takes no records may end first."""


def begin_job(archive_root: Path, order: Order, subject: Subject) -> subprocess.Popen[bytes]:
    """Start a job in a process of its own; its record tells how it goes.

    Raises
    ------
    OSError
        The process cannot be started.
    """
    said = {
        "archive": os.fsencode(archive_root).hex(),
        "order": order.to_json(),
        "subject": asdict(subject),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "noctis_tui.reading.reconstructing.job_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    with process.stdin as pipe:
        pipe.write(json.dumps(said).encode("ascii"))
    return process


def main() -> int:
    """Do the job that standard input tells of; return the exit code."""
    token = CancelToken()
    signal.signal(signal.SIGTERM, lambda *_: token.cancel())
    said = json.loads(sys.stdin.buffer.read())
    try:
        return _outcome(said, token).exit_code
    except NoctisError as error:
        return error.exit_code


def _outcome(said: dict[str, str | dict[str, str]], token: CancelToken) -> Outcome:
    root, order, subject = said["archive"], said["order"], said["subject"]
    assert isinstance(root, str)
    assert isinstance(order, dict)
    assert isinstance(subject, dict)
    asked = Order.from_json(order)
    with LocalArchive.open(Path(os.fsdecode(bytes.fromhex(root)))) as archive:
        job = new_job(asked, Subject(**subject))
        return run_job(archive, job, asked, token=token, patience=_PATIENCE_SECONDS)


if __name__ == "__main__":
    os._exit(main())  # everything is closed, and nobody hears more
