from __future__ import annotations

import re
import sys
from base64 import b64decode
from urllib.parse import quote

import pytest
from conftest import require_program
from hypothesis import given
from hypothesis import strategies as st
from pseudo_terminals import PseudoTerminal

from noctis_tui.graphics import notification as module
from noctis_tui.graphics.notification import LONGEST, notification, notification_protocol
from noctis_tui.interface.guard import HOSTILE

FORMS = {
    "osc9": re.compile("\x1b\\]9;Noctis: ([^\x1b]*)\x1b\\\\"),
    "osc777": re.compile("\x1b\\]777;notify;Noctis;([^\x1b;]*)\x1b\\\\"),
    "osc99": re.compile(
        "\x1b\\]99;i=noctis:e=1:d=0:p=title;Tm9jdGlz\x1b\\\\"
        "\x1b\\]99;i=noctis:e=1:d=1:p=body;([A-Za-z0-9+/=]*)\x1b\\\\"
    ),
}
HOSTILE_TEXTS = st.text(
    st.sampled_from("\x1b\x07\x9c\x9d\x9b\\];:\x90P\r\n\0\u202e\ud800\U000e0041aä本") | st.characters()
)


def body_of(protocol, sequence):
    match = FORMS[protocol].fullmatch(sequence)
    assert match, sequence
    return b64decode(match[1]).decode() if protocol == "osc99" else match[1]


@pytest.mark.parametrize("protocol", FORMS)
@given(text=HOSTILE_TEXTS)
def test_no_text_breaks_out_of_a_notification(protocol, text):
    body = body_of(protocol, notification(protocol, text).decode())
    assert not HOSTILE.search(body)
    assert len(body) <= LONGEST


@pytest.mark.parametrize("protocol", FORMS)
@given(text=HOSTILE_TEXTS)
def test_tmux_is_given_the_same_sequence_with_every_escape_doubled(protocol, text):
    wrapped = notification(protocol, text, in_tmux=True).decode()
    inner = re.fullmatch("\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\\\", wrapped)
    assert inner, wrapped
    assert inner[1].replace("\x1b\x1b", "\x1b") == notification(protocol, text).decode()


def test_a_text_is_said_as_it_is():
    for protocol in FORMS:
        body = body_of(protocol, notification(protocol, "Müller has arrived: 3 series").decode())
        assert body == "Müller has arrived: 3 series"


def test_nothing_is_said_when_it_is_off():
    assert notification("off", "text") == b""
    assert notification("off", "text", in_tmux=True) == b""


def test_a_text_is_never_one_of_the_commands_that_windows_terminals_read_from_osc_9():
    assert notification("osc9", "4;1;50") == b"\x1b]9;Noctis: 4;1;50\x1b\\"


@pytest.mark.parametrize(
    ("environment", "protocol"),
    [
        ({"TERM": "xterm-kitty"}, "osc99"),
        ({"TERM": "foot"}, "osc777"),
        ({"TERM": "foot-extra"}, "osc777"),
        ({"TERM": "rxvt-unicode-256color"}, "osc777"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7200"}, "osc777"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "osc9"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "osc9"),
        ({"TERM": "xterm-256color", "WT_SESSION": "1"}, "osc9"),
        ({"TERM": "xterm-256color"}, "off"),
        ({"TERM": "linux"}, "off"),
        ({}, "off"),
    ],
)
def test_what_is_known_of_a_terminal_decides(environment, protocol):
    assert notification_protocol("auto", environment) == protocol
    assert notification_protocol("off", environment) == "off"


def test_a_wish_counts_wherever_a_sequence_can_be_written():
    assert notification_protocol("osc777", {"TERM": "xterm"}) == "osc777"
    assert notification_protocol("osc9", {"TERM": "linux"}) == "off"
    assert notification_protocol("osc9", {"TERM": "screen", "STY": "1.x"}) == "off"


@pytest.mark.parametrize(
    ("client", "protocol"), [("xterm-kitty", "osc99"), ("foot", "osc777"), ("xterm-256color", "osc9")]
)
def test_in_tmux_its_client_counts(monkeypatch, client, protocol):
    monkeypatch.setattr(module, "_client_of_tmux", lambda: client)
    assert notification_protocol("auto", {"TERM": "tmux-256color", "TMUX": "/x,1,0"}) == protocol


def test_a_real_tmux_hands_the_notification_on(tmp_path):
    require_program("tmux")
    script = tmp_path / "say.py"
    script.write_text(
        "import sys, time\n"
        "from urllib.parse import unquote\n"
        "from noctis_tui.graphics.notification import notification\n"
        "text = unquote(sys.argv[1], errors='surrogateescape')\n"
        "sys.stdout.buffer.write(notification('osc9', text, in_tmux=True))\n"
        "print('SAID', flush=True)\n"
        "time.sleep(60)\n"
    )
    hostile = "\x1b]0;PWNED\x07\x1b\\ Müller"
    server = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]
    passthrough = ["set-option", "-g", "allow-passthrough", "on", ";"]
    command = [*server, *passthrough, "new-session", sys.executable, str(script), quote(hostile)]
    with PseudoTerminal(command, 80, 24, {"TMUX": ""}) as terminal:
        terminal.wait_for("SAID")
        strings = [control for kind, control in terminal.controls() if kind == "string"]
    assert "\x1b]9;Noctis: ␛]0;PWNED␇␛\\ Müller\x1b\\" in strings
    assert not [
        string for string in strings if "PWNED" in string and not string.startswith("\x1b]9;Noctis: ")
    ]
