"""One line that says who receives, how fast, and what is left of the disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from archive.dicom.text import visible
from noctis_tui.interface.receiver.child import Attached, Listening, Starting, Stopped
from noctis_tui.interface.worklist.cells import size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archive.network.statistics import ReceiverStatus
    from noctis_tui.interface.receiver.child import ReceiverState

READ_ONLY = "This archive is read-only. What is in it can be read, nothing new can be received."


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the status line is made of."""

    state: ReceiverState
    status: ReceiverStatus | None
    free_bytes: int | None
    writable: bool = True
    """Whether anything can be added to the archive at all."""


def trouble(vitals: Vitals) -> str:
    """Return why nothing can be received though a receiver may run, empty while it can."""
    if not vitals.writable:
        return READ_ONLY
    if vitals.status is not None and vitals.status.out_of_resources:
        return f"Images are refused (A700). {visible(vitals.status.out_of_resources, 200)}"
    return ""


def status_text(vitals: Vitals, colors: Mapping[str, str], width: int) -> Text:
    """Return the line, its parts left out from the right when the width does not hold them."""
    lamp, who = who_receives(vitals, colors)
    parts = [who]
    parts += [(part, colors["foreground"]) for part in _traffic(vitals.status)]
    if vitals.status is not None and vitals.status.refused:
        parts.append((f"{vitals.status.refused} refused", colors["warning"]))
    if vitals.free_bytes is not None:
        parts.append((f"{size(vitals.free_bytes)} free", colors["muted"]))
    if vitals.status is not None and vitals.status.refused and vitals.status.last_refusal:
        parts.append((f"last refusal: {visible(vitals.status.last_refusal, 100)}", colors["muted"]))
    line = Text(" ● ", style=lamp, no_wrap=True, overflow="ellipsis")
    for index, (part, style) in enumerate(parts):
        separator = "   " if index else ""
        if index and line.cell_len + len(separator) + len(part) + 1 > width:
            continue
        line.append(separator).append(part, style=style)
    return line


def who_receives(vitals: Vitals, colors: Mapping[str, str]) -> tuple[str, tuple[str, str]]:
    """Return the colour of the lamp, and who receives where in words of a colour."""
    state, status, text = vitals.state, vitals.status, colors["foreground"]
    if isinstance(state, Listening):
        return colors["success"], (f"Receiving at {state.host}:{state.port} {state.ae_title}", text)
    if isinstance(state, Attached) and status is not None:
        where = f"{visible(status.host)}:{status.port} {visible(status.ae_title)}"
        return colors["success"], (f"Receiving at {where}, by the service of pid {status.pid}", text)
    if isinstance(state, Starting):
        return colors["faint"], ("Starting the receiver", colors["muted"])
    if isinstance(state, Stopped):
        return colors["error"], (f"Not receiving: {state.sentence}", text)
    return colors["warning"], (f"Not receiving: {state.sentence}", text)


def _traffic(status: ReceiverStatus | None) -> list[str]:
    if status is None:
        return []
    parts = []
    if status.instances_per_second >= 0.5:
        parts.append(f"{status.instances_per_second:.0f} images/s")
    if status.associations:
        parts.append(f"{status.associations} association{'s' if status.associations != 1 else ''}")
    return parts
