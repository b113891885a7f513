"""A process that ends early: its message names the cause that is known."""

import errno
import signal
import sys

import numpy as np
import pytest

from archive.errors import OutOfResources
from noctis_tui.imaging.surfaces import worker_end
from noctis_tui.imaging.surfaces.mesh import extract_mesh
from noctis_tui.imaging.surfaces.worker_end import cause_of_end, times_out_of_memory
from noctis_tui.imaging.volume import Volume


def test_the_cause_is_named_as_far_as_it_is_known(monkeypatch):
    monkeypatch.setattr(worker_end, "times_out_of_memory", lambda: 3)
    assert cause_of_end(errno.ENOMEM, 3) == "there was not enough memory"
    assert cause_of_end(-signal.SIGKILL, 2) == "there was not enough memory"
    killed = "its process was killed by signal"
    assert cause_of_end(-signal.SIGKILL, 3) == f"{killed} 9 (SIGKILL), perhaps for want of memory"
    assert cause_of_end(-signal.SIGSEGV, 2) == f"{killed} 11 (SIGSEGV)"
    assert cause_of_end(-40, 2) == f"{killed} 40"
    assert cause_of_end(1, 2) == "its process ended with code 1"


def test_kills_for_want_of_memory_are_counted_where_the_system_does():
    assert times_out_of_memory() >= 0


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ("kill -SEGV $$", r"signal 11 \(SIGSEGV\)"),
        (f"exit {errno.ENOMEM}", "not enough memory"),
        ("exit 7", "code 7"),
    ],
)
def test_the_message_says_how_the_process_ended(ending, told, monkeypatch, tmp_path):
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\nread question\n{ending}\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    volume = Volume(np.arange(60, dtype=np.int16).reshape(3, 4, 5), np.eye(4))
    with pytest.raises(OutOfResources, match=f"^The surface could not be made: .*{told}"):
        extract_mesh(volume, 30)
