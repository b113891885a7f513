"""`noctis demo`: studies arrive in a throw-away archive while one watches."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.commands.site import Site

NOTE = (
    "Demo: watch studies arrive, Enter reads one, q ends. "
    "A second process sends them by C-STORE to an archive that is deleted at the end."
)


@click.command("demo")
@click.pass_obj
def demo_command(site: Site) -> None:
    """Watch studies arrive in a throw-away archive and read them.

    A second process sends real studies and a CT phantom over DICOM while the worklist is open. Everything is
    deleted at the end; your own archive is not touched.

    Example: noctis demo
    """
    from archive.local_archive import LocalArchive
    from noctis_tui.commands.worklist import show_worklist

    with (
        tempfile.TemporaryDirectory(prefix="noctis-demo-", ignore_cleanup_errors=True) as folder,
        LocalArchive.open(Path(folder) / "archive") as archive,
        _modality(Path(folder)) as modality,
    ):
        show_worklist(
            archive,
            site.config,
            receive=("--port", "0"),
            note=NOTE,
            listening=modality.start,
            leaving=modality.stop,
            leave_seconds=5,
        )


class _Modality:
    """The process that sends; started once, when the receiver listens."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, host: str, port: int, ae_title: str) -> None:
        """Begin to send to the receiver."""
        if self._process is not None:
            return
        command = [sys.executable, "-m", "noctis_tui.demo.sender", host, str(port), ae_title]
        # It is killed in the midst of what it does: what it leaves goes with the folder.
        environment = {**os.environ, "TMPDIR": str(self._folder)}
        with (self._folder / "sender.log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Stop sending, wherever it stands."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def _modality(folder: Path) -> Iterator[_Modality]:
    modality = _Modality(folder)
    try:
        yield modality
    finally:
        modality.stop()
