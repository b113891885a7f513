from pathlib import Path

from noctis_tui.interface.path_text import path_text


def test_what_is_at_home_begins_with_a_tilde(monkeypatch):
    monkeypatch.setenv("HOME", "/home/reader")
    assert path_text(Path("/home/reader/.config/noctis/config.toml")) == "~/.config/noctis/config.toml"
    assert path_text(Path("/home/reader")) == "~"


def test_what_is_elsewhere_stays_as_it_is_and_visible(monkeypatch):
    monkeypatch.setenv("HOME", "/home/reader")
    assert path_text(Path("/home/readers/a\x1b[31m.png")) == "/home/readers/a␛[31m.png"
