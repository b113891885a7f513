"""Which protocol the evidence speaks for, why, and what would give a terminal without pictures some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from noctis_tui.graphics.terminal.known_terminals import PLACEHOLDERS_SINCE, draws_placeholders, version_of

if TYPE_CHECKING:
    from noctis_tui.graphics.terminal.evidence import Evidence
    from noctis_tui.graphics.terminal.probe import Replies
    from noctis_tui.graphics.terminal.tmux_client import TmuxClient

Protocol: TypeAlias = Literal["sixel", "kitty", "blocks"]
PROTOCOLS: tuple[str, ...] = get_args(Protocol)

LEAST_REGISTERS = 16
"""Sixel with fewer colours (a VT330 has four greys) shows less than cells do."""

TMUX_WITH_SIXEL = (3, 4)
SAY_SO = "export NOCTIS_GRAPHICS=sixel   (or kitty, where you know that it is shown)"


@dataclass(frozen=True, slots=True)
class Choice:
    """A protocol, the fact that decided, and the line that would give more; `reason` is a phrase."""

    protocol: Protocol
    reason: str
    remedy: str = ""


def best_protocol(evidence: Evidence) -> Choice:
    """Decide from what the terminal and tmux said."""
    if evidence.replies is None:
        return _without_replies(evidence)
    if evidence.multiplexer == "tmux":
        return _through_tmux(evidence)
    if evidence.multiplexer == "tmux elsewhere":
        reason = "tmux on another machine stands between, and it does not tell what its client shows"
        return Choice("blocks", reason, "run noctis outside that tmux")
    if evidence.multiplexer == "GNU screen":
        return Choice("blocks", "GNU screen passes no pictures on", "tmux 3.4 or newer passes pictures on")
    return _direct(evidence, evidence.replies)


def _without_replies(evidence: Evidence) -> Choice:
    if evidence.silent:
        return Choice("blocks", "the terminal did not answer within 2 s", SAY_SO)
    if "web_driver" in evidence.environment.get("TEXTUAL_DRIVER", ""):
        return Choice("blocks", "textual-serve shows characters in a browser", "noctis web shows pictures")
    term = evidence.environment.get("TERM", "")
    reason = f"TERM={term} shows no pictures" if term in {"dumb", "linux"} else "this is not a terminal"
    return Choice("blocks", reason, SAY_SO if term not in {"dumb", "linux"} else "")


def _direct(evidence: Evidence, replies: Replies) -> Choice:
    name, known = evidence.terminal_name, evidence.known
    # Who is not in the table and answers both draws sixel the way everybody does.
    for protocol in known.prefers if known and known.prefers else ("sixel", "kitty"):
        if protocol == "kitty" and replies.kitty:
            return Choice("kitty", f"{name} answers the kitty graphics query")
        if protocol == "sixel" and replies.sixel:
            return _sixel(name, replies)
    remedy = known.remedy if known else ""
    return Choice("blocks", f"{name} reports no graphics (DA1 {replies.device or 'is empty'})", remedy)


def _sixel(name: str, replies: Replies) -> Choice:
    if (replies.color_registers or 256) < LEAST_REGISTERS:
        reason = f"{name} has only {replies.color_registers} colours for sixel graphics"
        return Choice("blocks", reason, "XTerm*numColorRegisters: 256   (in ~/.Xresources)")
    return Choice("sixel", f"{name} reports sixel graphics (4 in DA1 {replies.device})")


# ---- inside tmux


def _through_tmux(evidence: Evidence) -> Choice:
    client = evidence.tmux
    if client is None or not client.is_attached:
        why = (
            "tmux says that no terminal is attached" if client else "tmux does not say what its client shows"
        )
        return Choice("blocks", why, SAY_SO)
    if "sixel" in client.features:
        return Choice("sixel", f"tmux {client.version} has the feature sixel for {evidence.terminal_name}")
    if draws_placeholders(client.answer) and client.passthrough:
        reason = f"{client.answer} is outside tmux, and allow-passthrough is on"
        return Choice("kitty", reason)
    return Choice("blocks", *_why_nothing_passes(evidence, client))


def _why_nothing_passes(evidence: Evidence, client: TmuxClient) -> tuple[str, str]:
    name, known = evidence.terminal_name, evidence.known
    if draws_placeholders(client.answer):
        return (
            f"{name} is outside tmux, but allow-passthrough is off",
            "set -g allow-passthrough on   (in ~/.tmux.conf; at once: tmux set -g allow-passthrough on)",
        )
    if known and known.title == "kitty":
        oldest = ".".join(map(str, PLACEHOLDERS_SINCE))
        return f"{name} cannot show pictures through tmux", f"kitty {oldest} or newer, or noctis outside tmux"
    if known and "sixel" in known.prefers:
        return _why_no_sixel(evidence, client, known.remedy)
    return (
        f"{name}, outside tmux, has no graphics that tmux knows of",
        "noctis outside tmux may show pictures",
    )


def _why_no_sixel(evidence: Evidence, client: TmuxClient, remedy: str) -> tuple[str, str]:
    name = evidence.terminal_name
    if version_of(client.version) < TMUX_WITH_SIXEL:
        return (
            f"tmux {client.version} passes no sixel graphics on",
            "tmux 3.4 or newer, or noctis outside tmux",
        )
    if evidence.replies and not evidence.replies.sixel:
        reason = f"this tmux {client.version} was built without sixel graphics"
        return reason, "a tmux built with --enable-sixel, or noctis outside tmux"
    if remedy:
        return f"{name}, outside tmux, reports no graphics", remedy
    return f"tmux does not know that {name} shows sixel graphics", "set -as terminal-features ',*:sixel'"
