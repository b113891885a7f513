"""The unit file that the documentation ships, judged by systemd itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import require_program

from archive.errors import ArchiveBusy, BadInput, FailingDisk

UNIT = Path(__file__).parents[2] / "docs" / "noctis-receive.service"
MOST_EXPOSURE = 15
"""Tenths: 1.5 of 10."""


@pytest.fixture
def unit(tmp_path):
    """The unit with a program that exists on this machine."""
    require_program("systemd-analyze")
    program = tmp_path / "noctis"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/noctis/bin/noctis", str(program)))
    return copy


def analyze(*arguments):
    done = subprocess.run(
        ["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_systemd_understands_every_line(unit):
    assert analyze("verify", "--man=no", unit) == (0, "")


def test_it_may_do_next_to_nothing(unit):
    code, said = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSURE}", unit)
    assert code == 0, said


def test_what_needs_a_person_is_not_started_again_and_what_is_busy_is():
    lines = UNIT.read_text().splitlines()
    (prevented,) = [line.partition("=")[2].split() for line in lines if line.startswith("RestartPrevent")]
    assert {int(code) for code in prevented} == {BadInput.exit_code, FailingDisk.exit_code}
    assert str(ArchiveBusy.exit_code) not in prevented
    assert "Restart=on-failure" in lines
