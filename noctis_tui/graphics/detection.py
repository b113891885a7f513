"""Which graphics this terminal has, asked once before the interface runs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from archive.errors import BadInput
from noctis_tui.graphics.cell_terminals import PLAIN, Cells, cells_of, fine_cell_px

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noctis_tui.graphics.probe import Replies

Protocol: TypeAlias = Literal["sixel", "kitty", "blocks"]
PROTOCOLS: tuple[str, ...] = get_args(Protocol)

VT340_CELL_PX = (10, 20)
"""What a sixel device without a word about its cells is taken to have (DEC VT340)."""

LEAST_REGISTERS = 16
"""Sixel with fewer colours (a VT330 has four greys) shows less than cells do."""


@dataclass(frozen=True, slots=True)
class TerminalGraphics:
    """How pictures reach this terminal.

    Attributes
    ----------
    protocol
        ``sixel``, ``kitty``, or ``blocks`` (character cells).
    cell_width_px, cell_height_px
        Size of a character cell in the pixels that pictures are made of; a few of its own for ``blocks``.
    color_registers
        How many colours one sixel picture may define.
    reason
        Why this protocol was taken, one phrase a person reads.
    max_picture_px
        Width and height of the largest sixel picture, None when there is no known limit.
    synchronized
        Whether the terminal holds its screen between ``?2026h`` and ``?2026l``.
    cells
        What a character cell can show.
    whole_bands
        Whether sixel pictures must end with a whole band of six rows: tmux clears the cells below one that
        does not, whatever height the picture states.
    """

    protocol: Protocol
    cell_width_px: int
    cell_height_px: int
    color_registers: int
    reason: str
    max_picture_px: tuple[int, int] | None = None
    synchronized: bool = False
    cells: Cells = PLAIN
    whole_bands: bool = False


def require_terminal() -> None:
    """Refuse to go on without a terminal to read keys from and to draw on (Textual draws on standard error).

    Raises
    ------
    BadInput
        Standard input or standard error is something else.
    """
    if not all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stderr__)):
        raise BadInput("The interface needs a terminal; noctis --help lists the commands that do not.")


def detect(override: str | None = None) -> TerminalGraphics:
    """Ask the terminal what it can show; call it before the interface takes the terminal.

    Parameters
    ----------
    override
        ``sixel``, ``kitty`` or ``blocks`` from the command line; without it ``NOCTIS_GRAPHICS`` is read.

    Raises
    ------
    BadInput
        When the override names no protocol.
    """
    wanted = wished(override)
    if wanted is not None and wanted not in PROTOCOLS:
        raise BadInput(f"graphics is one of {', '.join(PROTOCOLS)}, not {wanted}")
    from noctis_tui.graphics.probe import probe  # noqa: PLC0415 - termios, only where a terminal is asked

    return choose(probe(), cast("Protocol | None", wanted), os.environ)


def wished(override: str | None) -> str | None:
    """Return the protocol that the command line or the environment asks for."""
    return override or os.environ.get("NOCTIS_GRAPHICS") or None


def choose(
    replies: Replies | None, wanted: Protocol | None, environment: Mapping[str, str]
) -> TerminalGraphics:
    """Decide from the terminal's replies (None when it is no terminal), the wish and the environment."""
    cells = cells_of(replies.name if replies else "", environment)
    protocol, reason = (wanted, "asked for") if wanted else _best(replies, environment)
    if protocol == "blocks":
        return TerminalGraphics(
            "blocks", *fine_cell_px(replies.cell_px if replies else None), 0, reason, cells=cells
        )
    width_px, height_px = (replies and replies.cell_px) or VT340_CELL_PX
    return TerminalGraphics(
        protocol,
        width_px,
        height_px,
        max((replies and replies.color_registers) or 256, LEAST_REGISTERS),
        reason,
        max_picture_px=replies.max_picture_px if replies and protocol == "sixel" else None,
        synchronized=replies is not None and replies.synchronized,
        cells=cells,
        whole_bands=bool(environment.get("TMUX")),
    )


def _best(replies: Replies | None, environment: Mapping[str, str]) -> tuple[Protocol, str]:
    if replies is None:
        return "blocks", "this is not a terminal that answers"
    if environment.get("TMUX"):
        return _inside_tmux()
    if environment.get("STY") or environment.get("TERM", "").startswith("screen"):
        return "blocks", "GNU screen passes no pictures on"
    return _best_of(replies, replies.name or "the terminal")


def _best_of(replies: Replies, name: str) -> tuple[Protocol, str]:
    draws_kitty_well = replies.name.lower().startswith(("kitty", "ghostty"))
    if replies.kitty and (draws_kitty_well or not replies.sixel):
        return "kitty", f"{name} answers the kitty graphics protocol"
    if replies.sixel and (replies.color_registers or 256) < LEAST_REGISTERS:
        return "blocks", f"{name} shows too few colours in sixel graphics"
    return (
        ("sixel", f"{name} reports sixel graphics")
        if replies.sixel
        else ("blocks", f"{name} reports no graphics")
    )


def _inside_tmux() -> tuple[Protocol, str]:
    # tmux 3.5a claims sixel in DA1 whatever its client is; what the client can do only tmux knows.
    asked = ["tmux", "display-message", "-p", "#{client_termfeatures}"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=2, check=False)  # noqa: S603 - fixed words
    except (OSError, subprocess.SubprocessError):
        return "blocks", "tmux does not say what its client shows"
    if "sixel" in done.stdout.strip().split(","):
        return "sixel", "tmux says that its client shows sixel graphics"
    return "blocks", "tmux's client shows no sixel graphics"
