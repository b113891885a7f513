from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

from noctis_tui.cli import COMMANDS


def noctis(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "noctis_tui", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_the_version():
    result = noctis("--version")
    assert (result.returncode, result.stdout) == (0, f"noctis {version('noctis-tui')}\n")


def test_the_help_names_every_command():
    result = noctis("--help")
    assert result.returncode == 0
    for name, (_, summary) in COMMANDS.items():
        assert name in result.stdout
        assert summary in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_says_what_it_does_with_an_example(command):
    result = noctis(command, "--help")
    assert result.returncode == 0, result.stderr
    assert "Example" in result.stdout
    assert f"noctis {command}" in result.stdout.replace("python -m noctis_tui", "noctis")


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["studies", "--nonsense"]])
def test_wrong_usage_ends_with_2_and_a_sentence(arguments):
    result = noctis(*arguments)
    assert result.returncode == 2
    assert "Error: No such" in result.stderr
    assert "Traceback" not in result.stderr


def test_bad_settings_end_with_2_and_a_sentence(tmp_path):
    (tmp_path / "noctis.toml").write_text("[receiver]\nprot = 1\n")
    result = noctis("--archive", str(tmp_path), "studies")
    assert result.returncode == 2
    assert "did you mean port?" in result.stderr
    assert "Traceback" not in result.stderr
