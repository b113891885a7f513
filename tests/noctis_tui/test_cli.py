from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version

import pytest
from pydicom.data import get_testdata_file

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


def test_nothing_that_libraries_say_of_a_patient_reaches_the_terminal():
    program = """
import logging, sys, warnings
from noctis_tui.cli import main
sys.argv = ["noctis", "--version"]
try:
    main()
except SystemExit:
    pass
warnings.warn("The name SECRET is unlikely")
for name in ("highdicom.sr", "pydicom", "nibabel"):
    logging.getLogger(name).error("SECRET")
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "SECRET" not in result.stderr + result.stdout


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


@pytest.mark.parametrize(
    "arguments",
    [["--archive", "{}", "studies", "--json"], ["studies", "--json", "--archive", "{}"]],
    ids=["before", "after"],
)
def test_global_options_stand_before_or_after_the_command(tmp_path, arguments):
    result = noctis(*(argument.format(tmp_path / "here") for argument in arguments))
    assert (result.returncode, result.stdout) == (0, "[]\n")
    assert (tmp_path / "here" / "index.sqlite").exists()


def test_an_option_wins_over_the_environment(tmp_path):
    environment = {**os.environ, "NOCTIS_ARCHIVE": str(tmp_path / "environment")}
    for place in ("before", "after"):
        named = ["--archive", str(tmp_path / place)]
        arguments = [*named, "studies", "--json"] if place == "before" else ["studies", "--json", *named]
        assert noctis(*arguments, env=environment).returncode == 0
        assert (tmp_path / place / "index.sqlite").exists()
    assert not (tmp_path / "environment").exists()


@pytest.mark.parametrize("arguments", [[], ["demo"], ["view", "."]])
def test_the_interface_without_a_terminal_is_refused_in_a_sentence(tmp_path, arguments):
    (tmp_path / "ct.dcm").symlink_to(get_testdata_file("CT_small.dcm", download=False))
    result = noctis(
        "--archive", str(tmp_path / "archive"), *arguments, cwd=tmp_path, stdin=subprocess.DEVNULL
    )
    assert result.returncode == 2
    assert (
        result.stderr
        == "noctis: The interface needs a terminal; noctis --help lists the commands that do not.\n"
    )


def test_what_goes_wrong_inside_is_one_line_and_never_a_traceback():
    program = """
import logging, sys
from noctis_tui import cli
def fail(*arguments, **options):
    try:
        raise KeyError("SE\\x1bCRET")
    except KeyError:
        logging.getLogger("archive.reporting").exception("an object \\x1b[31m cannot be read")
    raise TypeError("SECRET")
type(cli.noctis).__call__ = fail
cli.main()
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        "noctis: an object ␛[31m cannot be read (KeyError)",
        "noctis: It failed unexpectedly (TypeError); python -X dev -m noctis_tui says where.",
    ]
