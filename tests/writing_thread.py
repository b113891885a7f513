"""The process that writes, as a thread of the test's process: what a test replaces is replaced there, too."""

from __future__ import annotations

import os
import threading

from archive.storage import part_worker


class WritingThread:
    """Stands in for `archive.services.part_writer.start_process`."""

    def __init__(self, files, arguments):
        own = [str(os.dup(file)) for file in files]
        self._thread = threading.Thread(
            target=part_worker.serve, args=([*own, *arguments[len(own) :]],), daemon=True
        )
        self._thread.start()

    def wait(self):
        self._thread.join()
