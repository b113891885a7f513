"""Which graphics this terminal has, asked once before the interface runs."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from archive.errors import BadInput
from noctis_tui.graphics.terminal.cell_terminals import PLAIN, Cells, cells_of, fine_cell_px
from noctis_tui.graphics.terminal.protocol_choice import (
    LEAST_REGISTERS,
    PROTOCOLS,
    Choice,
    Protocol,
    best_protocol,
)
from noctis_tui.graphics.terminal.true_color import colors_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noctis_tui.graphics.terminal.evidence import Evidence

Moving: TypeAlias = Literal["small", "exact"]
"""What a person may prefer (`Preferences.moving_picture`)."""

VT340_CELL_PX = (10, 20)
"""What a sixel device without a word about its cells is taken to have (DEC VT340)."""


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
    forgetful
        Whether the terminal keeps no more than a few sixel pictures (xterm: 16), so that something is missing
        after its window was hidden.
    placeholders
        Set where kitty pictures stand in cells that tmux moves about, and travel through its passthrough:
        whether the next picture comes as a frame of the same one, or as a new one.
    remedy
        The line that would give better pictures, empty when there is none.
    color_reason, color_remedy
        How the colours of cells are known, and the line that mends them.
    answers_late
        Whether the terminal was asked and kept silent: what it still says is no key.
    answer_seconds
        How long it took to answer; 0 when it did not.
    moving
        What a person prefers pictures of a kitty terminal to be while they move.
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
    forgetful: bool = False
    placeholders: Literal["", "frames", "images"] = ""
    remedy: str = ""
    color_reason: str = ""
    color_remedy: str = ""
    answers_late: bool = False
    answer_seconds: float = 0.0
    moving: Moving = "small"

    @property
    def true_color(self) -> bool:
        """Whether cells take 24-bit colours."""
        return self.cells.colors == "true"


def require_terminal() -> None:
    """Refuse to go on without a terminal to read keys from and to draw on (Textual draws on standard error).

    Raises
    ------
    BadInput
        Standard input or standard error is something else.
    """
    if not all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stderr__)):
        raise BadInput("The interface needs a terminal; noctis --help lists the commands that do not.")


@dataclass(frozen=True, slots=True)
class Wish:
    """A protocol that somebody asked for, and where that stands."""

    protocol: Protocol
    source: str


def detect(override: str | None = None, preference: str | None = None) -> TerminalGraphics:
    """Ask the terminal what it can show; call it before the interface takes the terminal.

    Parameters
    ----------
    override
        ``sixel``, ``kitty`` or ``blocks`` from the command line; without it ``NOCTIS_GRAPHICS`` is read.
    preference
        The same from a person's preferences, which yields to both; ``auto`` is none.

    Raises
    ------
    BadInput
        When the override names no protocol.
    """
    from noctis_tui.graphics.terminal.evidence import gather  # noqa: PLC0415 - subprocess and termios, only where one asks

    wish = wished(override, preference)
    return choose(gather(), wish)


def wished(
    override: str | None = None,
    preference: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Wish | None:
    """Return what the command line, the environment or else the preferences ask for."""
    said = {
        "--graphics": override,
        "NOCTIS_GRAPHICS": environment.get("NOCTIS_GRAPHICS"),
        "your preferences": None if preference == "auto" else preference,
    }
    for source, protocol in said.items():
        if protocol and protocol not in PROTOCOLS:
            raise BadInput(f"graphics is one of {', '.join(PROTOCOLS)}, not {protocol}")
        if protocol:
            return Wish(cast("Protocol", protocol), source)
    return None


def choose(evidence: Evidence, wish: Wish | None = None) -> TerminalGraphics:
    """Decide from what is known about the terminal, unless somebody asked for a protocol."""
    choice = Choice(wish.protocol, f"{wish.source} asked for it") if wish else best_protocol(evidence)
    replies, colors, is_tmux = evidence.replies, colors_of(evidence), evidence.multiplexer == "tmux"
    width_px, height_px = _cell_px(evidence, choice.protocol)
    registers = max((replies and replies.color_registers) or 256, LEAST_REGISTERS)
    return TerminalGraphics(
        choice.protocol,
        width_px,
        height_px,
        0 if choice.protocol == "blocks" else registers,
        choice.reason,
        max_picture_px=replies.max_picture_px if replies and choice.protocol == "sixel" else None,
        synchronized=replies is not None and replies.synchronized,
        cells=_cells(evidence, true_color=colors.true_color),
        whole_bands=is_tmux and choice.protocol == "sixel",
        forgetful=choice.protocol == "sixel" and evidence.terminal_name.startswith("XTerm("),
        placeholders=_placeholders(evidence) if is_tmux and choice.protocol == "kitty" else "",
        remedy=choice.remedy,
        color_reason=colors.reason,
        color_remedy=colors.remedy,
        answers_late=evidence.silent,
        answer_seconds=replies.milliseconds / 1000 if replies else 0.0,
    )


def _cell_px(evidence: Evidence, protocol: Protocol) -> tuple[int, int]:
    told = evidence.tmux.cell_px if evidence.tmux else None
    told = told or (evidence.replies.cell_px if evidence.replies else None)
    return fine_cell_px(told) if protocol == "blocks" else told or VT340_CELL_PX


def _cells(evidence: Evidence, *, true_color: bool) -> Cells:
    return cells_of(evidence.answer, evidence.environment, true_color=true_color)


def _placeholders(evidence: Evidence) -> Literal["frames", "images"]:
    return "images" if evidence.terminal_name.lower().startswith("ghostty") else "frames"
