"""Notifications of the terminal itself: what the desktop shows while nobody looks at the terminal.

No standard covers them. OSC 9 is iTerm2's (also WezTerm, Windows Terminal, Ghostty), OSC 777 urxvt's (also
foot, VTE), OSC 99 kitty's. A terminal that knows none of them passes over them.
"""

from __future__ import annotations

import subprocess
from base64 import b64encode
from typing import TYPE_CHECKING, Literal, TypeAlias

from archive.dicom.text import visible
from noctis_tui.graphics.terminal.probe import SILENT_TERMINALS

if TYPE_CHECKING:
    from collections.abc import Mapping

NotificationProtocol: TypeAlias = Literal["off", "osc9", "osc777", "osc99"]
NotificationWish: TypeAlias = Literal["off", "auto", "osc9", "osc777", "osc99"]
TITLE = "Noctis"
LONGEST = 240
"""A desktop shows a few lines; the text may hold what a peer sent, however long."""

_ST = "\x1b\\"
_BY_TERM: tuple[tuple[str, NotificationProtocol], ...] = (
    ("xterm-kitty", "osc99"),
    ("foot", "osc777"),
    ("rxvt", "osc777"),
)
_BY_PROGRAM: dict[str, NotificationProtocol] = {
    "iTerm.app": "osc9",
    "WezTerm": "osc9",
    "ghostty": "osc9",
}


def notification(protocol: NotificationProtocol, text: str, *, in_tmux: bool = False) -> bytes:
    """Return what makes a terminal show `text` as a notification; empty when the protocol is `off`.

    Whatever the text holds, nothing in it ends the sequence, begins another or hides: controls become
    visible characters before it is written.
    """
    body = visible(text, LONGEST)
    if protocol == "off":
        return b""
    if protocol == "osc99":
        sequence = _osc99("d=0:p=title", TITLE) + _osc99("d=1:p=body", body)
    elif protocol == "osc777":
        sequence = f"\x1b]777;notify;{TITLE};{body.replace(';', ',')}{_ST}"
    else:
        # A text that began with a number and a semicolon would be one of ConEmu's commands.
        sequence = f"\x1b]9;{TITLE}: {body}{_ST}"
    return (_passed_through(sequence) if in_tmux else sequence).encode()


def notification_protocol(wish: NotificationWish, environment: Mapping[str, str]) -> NotificationProtocol:
    """Decide how this terminal is notified; call it before the interface runs: tmux may have to be asked.

    Parameters
    ----------
    wish
        What the preferences say; ``auto`` takes what the terminal is known to understand, or nothing.
    environment
        The variables of this process.
    """
    term = environment.get("TERM", "")
    if wish == "off" or term in SILENT_TERMINALS or environment.get("STY"):
        return "off"
    if wish != "auto":
        return wish
    if environment.get("TMUX"):
        # What tmux does not name may be any terminal; OSC 9 is what most of them know.
        return _by_term(_client_of_tmux()) or "osc9"
    return _by_term(term) or _by_program(environment)


def _by_term(term: str) -> NotificationProtocol | None:
    return next((protocol for start, protocol in _BY_TERM if term.startswith(start)), None)


def _by_program(environment: Mapping[str, str]) -> NotificationProtocol:
    if environment.get("WT_SESSION"):
        return "osc9"
    if environment.get("VTE_VERSION"):
        return "osc777"
    return _BY_PROGRAM.get(environment.get("TERM_PROGRAM", ""), "off")


def _client_of_tmux() -> str:
    asked = ["tmux", "display-message", "-p", "#{client_termname}"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=2, check=False)  # noqa: S603 - fixed words
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _osc99(metadata: str, payload: str) -> str:
    # One id for all: a newer notification takes the place of the older one.
    return f"\x1b]99;i=noctis:e=1:{metadata};{b64encode(payload.encode()).decode('ascii')}{_ST}"


def _passed_through(sequence: str) -> str:
    """Wrap a sequence so that tmux hands it on to its client, where `allow-passthrough` is on."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}{_ST}"
