"""Whether cells take 24-bit colours, and how that is known: ssh does not forward COLORTERM."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from noctis_tui.graphics.terminal.evidence import Evidence

NAMES = {"truecolor", "24bit"}


@dataclass(frozen=True, slots=True)
class Colors:
    """Whether cells take 24-bit colours, the fact that decided, and the line that mends it."""

    true_color: bool
    reason: str
    remedy: str = ""


def colors_of(evidence: Evidence) -> Colors:
    """Decide from tmux's features, COLORTERM, the terminal's replies, its name and TERM, in that order."""
    if evidence.multiplexer == "GNU screen":
        return Colors(true_color=False, reason="GNU screen shows 256 colours, whatever COLORTERM says")
    if evidence.tmux is not None and evidence.tmux.is_attached:
        return _through_tmux(evidence)
    reason = _fact(evidence)
    if reason:
        return Colors(true_color=True, reason=reason)
    remedy = "export COLORTERM=truecolor   (if you know that your terminal shows 24-bit colours)"
    return Colors(
        true_color=False, reason="neither COLORTERM nor the terminal speaks of 24-bit colours", remedy=remedy
    )


def _through_tmux(evidence: Evidence) -> Colors:
    client = evidence.tmux
    assert client is not None
    if "RGB" in client.features:
        return Colors(true_color=True, reason=f"tmux has the feature RGB for {evidence.terminal_name}")
    remedy = f"set -as terminal-features ',{client.term}:RGB'   (in ~/.tmux.conf, then attach again)"
    return Colors(
        true_color=False,
        reason=f"tmux makes 256 colours of 24-bit ones for {evidence.terminal_name}",
        remedy=remedy,
    )


def _fact(evidence: Evidence) -> str:
    environment, known = evidence.environment, evidence.known
    if environment.get("COLORTERM", "") in NAMES:
        return f"COLORTERM={environment['COLORTERM']}"
    if evidence.replies and evidence.replies.true_color:
        return f"{evidence.terminal_name} says so (COLORTERM does not: ssh and sudo drop it)"
    if known and known.true_color:
        return f"{known.title} is known for it (COLORTERM does not say so)"
    if environment.get("TERM", "").endswith("-direct"):
        return f"TERM={environment['TERM']}"
    return ""


def tell_libraries(*, true_color: bool, environment: MutableMapping[str, str] | None = None) -> None:
    """Let Rich and Textual, which know COLORTERM and TERM alone, draw with the colours that there are.

    Call it before the interface is made.
    """
    variables = os.environ if environment is None else environment
    if true_color:
        variables["COLORTERM"] = "truecolor"
    else:
        variables.pop("COLORTERM", None)
