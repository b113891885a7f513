import os
import stat

import pytest

from noctis_tui.graphics.terminal.tmux_client import ask_tmux


@pytest.fixture
def tmux(tmp_path):
    """A program called tmux that answers like this, whatever it is asked."""

    def write(body):
        program = tmp_path / "tmux"
        program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n{body}\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return tmp_path

    return write


def test_the_pane_that_noctis_runs_in_is_asked_about(tmux, monkeypatch):
    folder = tmux("echo '3.5a|on'; echo 'xterm-kitty|RGB,sync|8|17|kitty(0.41.1)'")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    client = ask_tmux({"TMUX": "/tmp/x,1,0", "TMUX_PANE": "%3"})
    assert client.passthrough
    assert client.features == {"RGB", "sync"}
    assert client.cell_px == (8, 17)
    asked = (folder / "asked").read_text()
    assert "display-message -p -t %3" in asked
    assert "list-clients -t %3" in asked


def test_a_tmux_from_before_the_option_always_passes_through(tmux, monkeypatch):
    folder = tmux("echo '3.2a|'; echo 'xterm|256|8|17|'")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    assert ask_tmux({"TMUX": "/tmp/x,1,0"}).passthrough


@pytest.mark.parametrize("body", ["exit 1", "echo nonsense", "printf '\\377|\\n'"])
def test_a_tmux_that_makes_no_sense_is_none(tmux, monkeypatch, body):
    monkeypatch.setenv("PATH", f"{tmux(body)}:{os.environ['PATH']}")
    client = ask_tmux({"TMUX": "/tmp/x,1,0"})
    assert client is None or not client.is_attached


def test_a_tmux_that_is_not_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ask_tmux({"TMUX": "/tmp/x,1,0"}) is None
    assert ask_tmux({}) is None


def test_a_client_that_has_just_attached_is_asked_about_again(tmux, monkeypatch):
    folder = tmux(
        'echo "3.5a|on"; [ -e "$0.again" ] && echo "xterm-kitty|RGB|8|17|kitty(0.41.1)"'
        ' || echo "xterm-kitty||8|17|"; touch "$0.again"'
    )
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    assert ask_tmux({"TMUX": "/tmp/x,1,0"}).answer == "kitty(0.41.1)"
