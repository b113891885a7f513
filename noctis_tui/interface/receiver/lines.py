"""The single lines of the receiver's screen: title, state, banner, quick filters, hints, empty states."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.text import Text

from archive.dicom.text import visible
from noctis_tui.interface.receiver.child import Listening
from noctis_tui.interface.receiver.facts import count
from noctis_tui.interface.receiver.log_filters import LOG_FILTERS
from noctis_tui.interface.receiver.log_rows import peer_name
from noctis_tui.interface.receiver.status_line import who_receives

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archive.network.statistics import ReceiverStatus
    from noctis_tui.interface.keymap import Keymap
    from noctis_tui.interface.receiver.log_filters import LogNarrowing
    from noctis_tui.interface.receiver.status_line import Vitals

_HINTS = (
    ("receiver", "explain", "why"),
    ("receiver", "admit", "admit"),
    ("receiver", "filter", "filter"),
    ("receiver", "only_this_peer", "this peer"),
    ("receiver", "span", "span"),
    ("everywhere", "next_pane", "peers"),
    ("everywhere", "help", "help"),
    ("everywhere", "back", "back"),
)
_SPARE = ("peers", "span", "this peer")
"""Hints that a narrow line does without, first to last."""


def title_line(
    status: ReceiverStatus | None, narrowing: LogNarrowing, width: int, colors: Mapping[str, str]
) -> Text:
    """Return the name on the left, what is narrowed and what is open on the right."""
    left = Text(" noctis", style=f"bold {colors['accent']}").append("  receiver", style=colors["muted"])
    right = Text()
    if narrowing.text:
        right.append(f"/{visible(narrowing.text, 40)}   ", style=colors["accent"])
    if narrowing.peer is not None:
        right.append(f"only {peer_name(narrowing.peer[0])}   ", style=colors["accent"])
    if status is not None:
        style = colors["accent"] if status.associations else colors["foreground"]
        right.append(count(status.associations, "open association"), style=style)
    left.append(" " * max(1, width - left.cell_len - right.cell_len - 1))
    return left.append_text(right)


def state_line(vitals: Vitals, colors: Mapping[str, str]) -> Text:
    """Return who receives, where, by what, since when."""
    lamp, (words, style) = who_receives(vitals, colors)
    line = Text(" ● ", style=lamp, no_wrap=True, overflow="ellipsis").append(words, style=style)
    if isinstance(vitals.state, Listening):
        line.append(", for this interface", style=colors["muted"])
    if vitals.status is not None:
        line.append(f", since {_since(vitals.status.started_at)}", style=colors["muted"])
    return line


def _since(seconds: float) -> str:
    started = datetime.fromtimestamp(seconds, UTC).astimezone()
    is_today = started.date() == datetime.fromtimestamp(time.time(), UTC).astimezone().date()
    return f"{started:%H:%M}" if is_today else f"{started:%Y-%m-%d %H:%M}"


def log_filter_line(narrowing: LogNarrowing, keymap: Keymap, width: int, colors: Mapping[str, str]) -> Text:
    """Return every quick filter with its key, those that hold marked."""
    wide = width >= 100
    line = Text(" ", no_wrap=True, overflow="ellipsis")
    for each in LOG_FILTERS:
        holds = narrowing.holds(each.key)
        if each.key in {1, 4}:
            line.append("│ " if wide else "", style=colors["rule"])
        key = keymap.label("receiver", f"log_filter_{each.key}")
        line.append(f"{key} ", style=colors["accent"] if holds else colors["faint"])
        line.append(each.label, style=f"bold {colors['bright']}" if holds else colors["muted"])
        line.append("   " if wide else "  ")
    return line


def hint_line(keymap: Keymap, width: int, colors: Mapping[str, str]) -> Text:
    """Return the keys that matter most, as many as fit, help and leaving always among them."""
    hints = [(keymap.label(context, name), word) for context, name, word in _HINTS]
    hints = [(key, word) for key, word in hints if key]
    for word in _SPARE:
        if 1 + sum(len(key) + len(each) + 4 for key, each in hints) > width:
            hints = [hint for hint in hints if hint[1] != word]
    line = Text(" ", no_wrap=True)
    for key, word in hints:
        line.append(key, style=colors["accent"]).append(f" {word}   ", style=colors["muted"])
    return line


def no_associations(
    narrowing: LogNarrowing, address: tuple[str, int, str], failure: str, colors: Mapping[str, str]
) -> Text:
    """Return what to do when no association is shown."""
    if failure:
        return Text(f"The association log cannot be read: {failure}", style=colors["error"])
    if not narrowing.is_everything:
        return Text("No association matches.  ", style=colors["bright"]).append(
            "Esc shows all again.", style=colors["muted"]
        )
    host, port, ae_title = address
    text = Text("Nobody has called yet.  ", style=colors["bright"])
    text.append("Try it:  ", style=colors["muted"])
    return text.append(f"echoscu -aec {ae_title} {host} {port}", style=colors["accent"])
