"""Every row of the fault and network tables names tests, and all of them are there to be run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
TEST = re.compile(r"`(tests/[\w/]+\.py::\w+)`")


def sections():
    text = (REPOSITORY / "docs" / "faults.md").read_text()
    return dict(part.split("\n", 1) for part in text.split("\n## ")[1:])


def rows(section):
    lines = [line for line in sections()[section].splitlines() if line.startswith("|")]
    return lines[2:]


def test_every_row_names_tests():
    faults = rows("Faults")
    assert [line.split("|")[1].strip() for line in faults] == [str(number) for number in range(1, 27)]
    assert len(rows("Network")) == 14
    assert [line for line in faults + rows("Network") if not TEST.search(line)] == []


def test_all_the_named_tests_are_collected():
    named = sorted(set(TEST.findall((REPOSITORY / "docs" / "faults.md").read_text())))
    assert len(named) > 40
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *named],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
    )
    assert collected.returncode == 0, collected.stdout + collected.stderr
