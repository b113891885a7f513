import json
import os
import subprocess
import sys

import pytest
from pseudo_terminals import PseudoTerminal


def doctor(*words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "noctis_tui", "doctor", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "NOCTIS_GRAPHICS": "", "TERM": "xterm-256color", **environment},
    )


@pytest.mark.parametrize("words", [("graphics", "--json"), ("--json",)])
def test_json_has_the_four_keys(words, tmp_path):
    done = doctor(*words)
    assert done.returncode == 0
    checks = json.loads(done.stdout)
    assert {frozenset(check) for check in checks} == {frozenset({"check", "status", "detail", "remedy"})}
    assert {check["status"] for check in checks} <= {"ok", "warn", "fail"}


def test_a_pipe_gets_lines_and_is_told_so():
    done = doctor("graphics")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert {len(row) for row in rows} == {4}
    assert ["test pattern", "warn", "not drawn: standard output is no terminal", ""] in rows
    assert rows[0][2].startswith("nobody was asked: standard input is no terminal")


def test_what_was_asked_for_is_named():
    assert "--graphics asked for it" in doctor("graphics", "--graphics", "sixel").stdout
    assert "NOCTIS_GRAPHICS asked for it" in doctor("graphics", NOCTIS_GRAPHICS="kitty").stdout


def test_preferences_are_heard(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('graphics = "blocks"\n')
    assert "your preferences asked for it" in doctor("--config", str(config), "graphics").stdout


def test_a_wrong_word_is_refused_in_a_sentence():
    done = doctor("graphics", NOCTIS_GRAPHICS="regis")
    assert done.returncode == 2
    assert "graphics is one of sixel, kitty, blocks, not regis" in done.stderr


def test_a_silent_terminal_fails():
    doctor = [sys.executable, "-m", "noctis_tui", "doctor", "graphics"]
    command = ["setsid", "--ctty", "--wait", *doctor]  # what is asked is the controlling terminal
    with PseudoTerminal(command, 80, 24) as terminal:
        terminal.process.wait(30)
    assert terminal.process.returncode == 1
    assert "did not answer within 2 s" in terminal.text


def test_help_has_an_example():
    for words in (("--help",), ("graphics", "--help")):
        assert "Example: noctis doctor graphics" in " ".join(doctor(*words).stdout.split())
