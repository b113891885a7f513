"""What is known about the terminal before anything is decided: its replies, tmux's word, the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from noctis_tui.graphics.terminal.known_terminals import known_terminal
from noctis_tui.graphics.terminal.tmux_client import ask_tmux

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noctis_tui.graphics.terminal.known_terminals import KnownTerminal
    from noctis_tui.graphics.terminal.probe import Replies
    from noctis_tui.graphics.terminal.tmux_client import TmuxClient

Multiplexer: TypeAlias = Literal["", "tmux", "tmux elsewhere", "GNU screen"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the choice of a protocol rests on.

    Attributes
    ----------
    replies
        What the terminal (or the multiplexer) answered; None when it was not asked or kept silent.
    tmux
        What the tmux around this program says about its client.
    environment
        The variables.
    silent
        Whether it was asked and did not answer in time: its replies may still come.
    """

    replies: Replies | None = None
    tmux: TmuxClient | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False

    @property
    def answer(self) -> str:
        """Name and version of whoever answered."""
        return self.replies.name if self.replies else ""

    @property
    def multiplexer(self) -> Multiplexer:
        """What stands between this program and the terminal; `tmux elsewhere` runs on another machine."""
        if self.answer and not self.answer.startswith("tmux "):
            return ""  # the terminal itself answered: TMUX and STY were only inherited
        if self.environment.get("TMUX"):
            return "tmux"
        term, is_screen = self.environment.get("TERM", ""), bool(self.environment.get("STY"))
        if not is_screen and (self.answer or term.startswith("tmux")):
            return "tmux elsewhere"
        return "GNU screen" if is_screen or term.startswith("screen") else ""

    @property
    def known(self) -> KnownTerminal | None:
        """The row of the terminal that the person sees."""
        if self.multiplexer == "tmux":
            return known_terminal(self.tmux.answer, {}) if self.tmux and self.tmux.answer else None
        return None if self.multiplexer else known_terminal(self.answer, self.environment)

    @property
    def terminal_name(self) -> str:
        """What a sentence calls the terminal that the person sees."""
        if self.multiplexer == "tmux":
            return (self.tmux and (self.tmux.answer or self.tmux.term)) or "tmux's client"
        return self.answer or (self.known.title if self.known else "the terminal")


def gather(environment: Mapping[str, str] = os.environ) -> Evidence:
    """Ask the terminal, and tmux where it stands between."""
    from noctis_tui.graphics.terminal.probe import Silence, probe  # noqa: PLC0415 - termios, only where a terminal is asked

    term = environment.get("TERM", "")
    is_multiplexed = any(environment.get(name) for name in ("TMUX", "STY"))
    is_multiplexed = is_multiplexed or term.startswith(("screen", "tmux"))
    try:
        replies = probe(is_multiplexed=is_multiplexed)
        if is_multiplexed and replies and replies.name and not replies.name.startswith("tmux "):
            replies = probe()
    except Silence:
        return Evidence(None, ask_tmux(environment), environment, silent=True)
    return Evidence(replies, ask_tmux(environment) if replies else None, environment)
