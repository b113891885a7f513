import stat

import pytest

from archive.errors import BadInput
from noctis_tui.graphics.detection import choose, detect
from noctis_tui.graphics.probe import Replies

XTERM = Replies(
    name="XTerm(379)", sixel=True, cell_px=(8, 17), color_registers=256, max_picture_px=(1000, 900)
)
KITTY = Replies(name="kitty(0.26.5)", kitty=True, cell_px=(9, 18), synchronized=True)


def chosen(replies, wanted=None, **environment):
    return choose(replies, wanted, environment)


def test_xterm_shows_sixel():
    graphics = chosen(XTERM)
    assert graphics.protocol == "sixel"
    assert (graphics.cell_width_px, graphics.cell_height_px) == (8, 17)
    assert graphics.max_picture_px == (1000, 900)
    assert "XTerm(379)" in graphics.reason


def test_kitty_shows_its_own():
    graphics = chosen(KITTY)
    assert graphics.protocol == "kitty"
    assert graphics.synchronized


@pytest.mark.parametrize(
    ("replies", "protocol"),
    [
        (Replies(name="WezTerm 2024", sixel=True, kitty=True), "sixel"),
        (Replies(name="Konsole 24.12", sixel=True, kitty=True), "sixel"),
        (Replies(name="ghostty 1.0", kitty=True), "kitty"),
        (Replies(name="foot(1.21.0)", sixel=True), "sixel"),
        (Replies(name="", sixel=True, color_registers=4), "blocks"),
        (Replies(name="VTE(7600)"), "blocks"),
        (None, "blocks"),
    ],
)
def test_the_matrix(replies, protocol):
    assert chosen(replies).protocol == protocol


def test_screen_passes_nothing_on():
    assert chosen(XTERM, STY="1.pts").protocol == "blocks"
    assert chosen(XTERM, TERM="screen.xterm-256color").protocol == "blocks"


@pytest.mark.parametrize(
    ("features", "protocol"), [("256,RGB,sixel,title", "sixel"), ("256,RGB", "blocks"), ("", "blocks")]
)
def test_tmux_is_asked_what_its_client_shows(tmp_path, monkeypatch, features, protocol):
    tmux = tmp_path / "tmux"
    tmux.write_text(f"#!/bin/sh\necho '{features}'\n")
    tmux.chmod(tmux.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chosen(XTERM, TMUX="/tmp/x,1,0").protocol == protocol


def test_a_tmux_that_is_not_there_shows_blocks(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chosen(XTERM, TMUX="/tmp/x,1,0").protocol == "blocks"


@pytest.mark.parametrize("wanted", ["sixel", "kitty", "blocks"])
def test_a_wish_is_followed_even_into_a_pipe(wanted):
    graphics = chosen(None, wanted)
    assert graphics.protocol == wanted
    assert graphics.cell_width_px >= 1


def test_an_unknown_wish_is_refused(monkeypatch):
    with pytest.raises(BadInput, match="sixel, kitty, blocks"):
        detect("regis")
    monkeypatch.setenv("NOCTIS_GRAPHICS", "bitmaps")
    with pytest.raises(BadInput, match="bitmaps"):
        detect()
