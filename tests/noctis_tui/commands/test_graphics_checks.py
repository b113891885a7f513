import pytest
from recorded_terminals import RECORDED, TMUX_35_KITTY

from noctis_tui.commands.check import exit_code, lines_of
from noctis_tui.commands.graphics_checks import graphics_checks
from noctis_tui.graphics.terminal.detection import choose
from noctis_tui.graphics.terminal.evidence import Evidence
from noctis_tui.graphics.terminal.probe import Replies, understand
from noctis_tui.graphics.terminal.speed import Speed
from noctis_tui.graphics.terminal.tmux_client import understand_tmux

BY_NAME = {terminal.name: terminal for terminal in RECORDED}


def checked(evidence, speed=None):
    return {check.check: check for check in graphics_checks(evidence, choose(evidence), speed)}


def recorded(name, **environment):
    terminal = BY_NAME[name]
    variables = {"TERM": "xterm-256color"} | terminal.environment | environment
    return Evidence(understand(terminal.replies), None, variables)


def test_xterm_is_explained():
    checks = checked(recorded("xterm 379 -ti vt340"))
    assert checks["terminal"].detail.startswith("XTerm(379); TERM=xterm-256color; answered")
    assert checks["pictures"].status == "ok"
    assert "4 in DA1 63;1;2;4" in checks["pictures"].detail
    assert checks["largest picture"].detail.startswith("4096 x 4096 pixels")
    assert checks["registers"].detail == "256 colours at once"
    assert "ssh and sudo drop it" in checks["colours"].detail
    assert "multiplexer" not in checks


def test_what_is_missing_has_the_line_that_mends_it():
    checks = checked(recorded("xterm 379 -ti vt100"))
    assert checks["pictures"].status == "warn"
    assert "XTerm*decTerminalID: vt340" in checks["pictures"].remedy

    few = Replies(name="XTerm(379)", sixel=True, color_registers=16, cell_px=(8, 17), device="63;4")
    assert "numColorRegisters: 256" in checked(Evidence(few))["registers"].remedy

    mlterm = checked(recorded("mlterm 3.9.0"))
    assert "export COLORTERM=truecolor" in mlterm["colours"].remedy


@pytest.mark.parametrize(("passthrough", "status"), [("on", "ok"), ("off", "warn")])
def test_tmux_is_explained(passthrough, status):
    client = understand_tmux(TMUX_35_KITTY.format(passthrough))
    evidence = Evidence(Replies(name="tmux 3.5a"), client, {"TMUX": "x", "TERM": "tmux-256color"})
    checks = checked(evidence)
    assert checks["terminal"].detail == "kitty(0.41.1), outside tmux; TERM=tmux-256color"
    assert checks["pictures"].status == status
    assert f"allow-passthrough {passthrough}" in checks["multiplexer"].detail
    assert ("set -g allow-passthrough on" in checks["pictures"].remedy) == (passthrough == "off")


def test_screen_hides_the_terminal():
    checks = checked(recorded("GNU screen 4.9 in xterm"))
    assert "hidden behind GNU screen" in checks["terminal"].detail
    assert checks["pictures"].remedy.startswith("tmux")


def test_only_silence_fails():
    silent = list(checked(Evidence(silent=True)).values())
    assert exit_code(silent) == 1
    assert exit_code(list(checked(recorded("Alacritty")).values())) == 0


@pytest.mark.parametrize(
    ("speed", "check", "status", "detail"),
    [
        (Speed(0.004, 2e7, 200_000), "round trip", "ok", "4.0 ms"),
        (Speed(0.3, 2e7, 200_000), "round trip", "warn", "300.0 ms: each key"),
        (Speed(0.00001, 2e7, 200_000), "round trip", "ok", "0.1 ms"),
        (Speed(), "round trip", "warn", "does not answer"),
        (Speed(0.004, 2e7, 200_000), "rate", "ok", "20.0 MB/s: 200.0 kB, a noisy picture, in 10 ms"),
        (Speed(0.004, 1e5, 200_000), "rate", "warn", "in 2000 ms; coarser pictures"),
        (Speed(0.004, None, 200_000), "rate", "warn", "longer than 10 s"),
    ],
)
def test_speed_is_judged(speed, check, status, detail):
    found = checked(recorded("xterm 379 -ti vt340"), speed)[check]
    assert found.status == status
    assert detail in found.detail


def test_lines_fit_a_narrow_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    lines = lines_of(list(checked(recorded("xterm 379 -ti vt100"), Speed(0.3, 1e5, 10**6)).values()))
    plain = [
        line.replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[33m", "").replace("\x1b[32m", "")
        for line in lines
    ]
    assert max(map(len, plain)) <= 60
    assert any(line.strip().startswith("> XTerm*decTerminalID") for line in plain)
