"""The floors of the house: imports run downwards only, and start-up loads next to nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
HEAVY = {"numpy", "pydicom", "pynetdicom", "textual", "peewee", "pydantic", "rich", "scipy", "PIL"}
SCREEN = {"textual", "textual_image", "scipy"}


def modules_after(statement: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after a statement."""
    probe = (
        f"import sys\ntry:\n    {statement}\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules})"
    )
    result = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    return set(result.stdout.partition("LOADED")[2].split())


def test_imports_run_downwards_only():
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_version_loads_nothing_heavy():
    loaded = modules_after("from noctis_tui.cli import noctis; noctis(['--version'])")
    assert "click" in loaded
    assert not loaded & HEAVY


def test_the_first_picture_waits_for_neither_the_index_nor_what_few_images_need():
    probe = (
        "import sys, noctis_tui.commands.view, noctis_tui.interface.app, noctis_tui.interface.viewer.screen\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    loaded = set(done.stdout.split())
    assert "noctis_tui.reading.rendering" in loaded
    assert not loaded & {"scipy", "pydicom", "pynetdicom", "highdicom", "peewee", "imagecodecs", "tomlkit"}
    assert not loaded & {"archive.network", "archive.index", "archive.importing", "archive.reporting"}


@pytest.mark.parametrize(
    "module", ["archive.commands.receive", "archive.commands.listing", "archive.commands.import_"]
)
def test_the_commands_of_the_archive_load_no_screen(module):
    loaded = modules_after(f"import {module}")
    assert "archive" in loaded
    assert not loaded & (SCREEN | {"noctis_tui"})


def test_a_running_receiver_has_loaded_no_screen(tmp_path):
    receiver = subprocess.Popen(
        [
            sys.executable,
            "-X",
            "importtime",
            "-m",
            "noctis_tui",
            "--archive",
            str(tmp_path),
            "receive",
            "--port",
            "0",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert receiver.stdout is not None
    ready = receiver.stdout.readline()
    receiver.send_signal(signal.SIGTERM)
    _, imports = receiver.communicate(timeout=30)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in imports.splitlines()}
    assert ready.startswith("READY ")
    assert "peewee" in loaded
    assert "pynetdicom" not in loaded  # it would cost memory and a second of start
    assert not loaded & SCREEN
