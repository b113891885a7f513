"""What stands outside tmux: tmux knows, its answers to a terminal's questions do not tell.

tmux 3.5a answers DA1 with `;4` (sixel) whatever terminal it is shown in.
"""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 2
MOST_AGAIN, AGAIN_SECONDS = 3, 0.15
_PANE = "#{version}|#{allow-passthrough}"
_CLIENT = "|".join(
    f"#{{client_{what}}}" for what in ("termname", "termfeatures", "cell_width", "cell_height", "termtype")
)
"""No tab between them: tmux prints one as `_` where the locale is not UTF-8."""


@dataclass(frozen=True, slots=True)
class TmuxClient:
    """The terminal that shows this tmux session; of several, the one that can least.

    Attributes
    ----------
    version
        tmux's own.
    passthrough
        Whether `allow-passthrough` lets sequences through to the terminal; before tmux 3.3 always.
    term
        Its TERM.
    answer
        Its answer to XTVERSION, empty when it gave none.
    features
        What tmux takes it to be able to do.
    cell_px
        Width and height of its cells.
    """

    version: str
    passthrough: bool
    term: str = ""
    answer: str = ""
    features: frozenset[str] = frozenset()
    cell_px: tuple[int, int] | None = None

    @property
    def is_attached(self) -> bool:
        """Whether any terminal shows the session now."""
        return bool(self.term)


def ask_tmux(environment: Mapping[str, str] = os.environ) -> TmuxClient | None:
    """Ask the tmux around this program about its client; None when there is none, or it does not answer.

    A client that has just attached may still be answering tmux: it is asked about a few times.
    """
    if not environment.get("TMUX"):
        return None
    client = _ask_once(environment)
    for _ in range(MOST_AGAIN):
        if client is None or client.answer or "sixel" in client.features:
            break
        time.sleep(AGAIN_SECONDS)
        client = _ask_once(environment)
    return client


def _ask_once(environment: Mapping[str, str]) -> TmuxClient | None:
    pane = ["-t", environment["TMUX_PANE"]] if environment.get("TMUX_PANE") else []
    asked = ["tmux", "display-message", "-p", *pane, _PANE, ";", "list-clients", *pane, "-F", _CLIENT]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words and tmux's own name of the pane
            asked, capture_output=True, text=True, timeout=SECONDS, check=False, errors="replace"
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return understand_tmux(done.stdout)


def understand_tmux(said: str) -> TmuxClient | None:
    """Read tmux's line about the pane and its lines about the clients."""
    pane, *clients = [line.split("|", 4) for line in said.splitlines()] or [[""]]
    if len(pane) != 2 or not pane[0]:
        return None
    version, passthrough = pane
    known = [
        _client(version, passthrough not in {"off", "0"}, fields) for fields in clients if len(fields) == 5
    ]
    return min(known, key=_ability) if known else TmuxClient(version, passthrough=False)


def _client(version: str, passthrough: bool, fields: list[str]) -> TmuxClient:
    term, features, width, height, answer = fields
    digits = width.isdecimal() and height.isdecimal() and int(width) > 0 and int(height) > 0
    return TmuxClient(
        version,
        passthrough,
        term,
        "".join(letter for letter in answer if letter.isprintable())[:40],
        frozenset(filter(None, features.split(","))),
        (int(width), int(height)) if digits else None,
    )


def _ability(client: TmuxClient) -> tuple[bool, bool]:
    return "sixel" in client.features, client.answer.lower().startswith(("kitty", "ghostty"))
