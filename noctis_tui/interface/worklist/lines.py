"""The single lines around the table: title, quick filters, hints, and what to do when it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from noctis_tui.interface.worklist.cells import number, plain
from noctis_tui.interface.worklist.quick_filters import QUICK_FILTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noctis_tui.interface.keymap import Keymap
    from noctis_tui.interface.worklist.quick_filters import Narrowing

HINTS: tuple[tuple[str, str], ...] = (
    ("read", "read"),
    ("filter", "filter"),
    ("sort_next", "sort"),
    ("follow", "follow"),
    ("associations", "receiver"),
    ("tags", "tags"),
    ("mark", "mark"),
    ("diff", "diff"),
    ("copy_uid", "copy UID"),
)
"""Actions that the bottom line reminds of, with a word each."""


def title_line(
    narrowing: Narrowing,
    total: int,
    receiving: int,
    *,
    unseen_sort: str,
    following: bool,
    marked: int,
    width: int,
    colors: Mapping[str, str],
) -> Text:
    """Return the name on the left, what is shown on the right."""
    left = Text(" noctis", style=f"bold {colors['accent']}").append("  worklist", style=colors["muted"])
    right = Text()
    if narrowing.text:
        right.append(f"/{plain(narrowing.text)}  ", style=colors["accent"])
    right.append(f"{number(total)} {'study' if total == 1 else 'studies'}", style=colors["foreground"])
    if unseen_sort:
        right.append(f"   by {unseen_sort}", style=colors["muted"])
    if marked:
        right.append(f"   ◆ {number(marked)} marked", style=colors["warning"])
    if receiving:
        right.append(f"   ● {receiving} receiving", style=colors["accent"])
    if following:
        right.append("   following", style=colors["accent"])
    left.append(" " * max(1, width - left.cell_len - right.cell_len - 1))
    return left.append_text(right)


def quick_filter_line(narrowing: Narrowing, keymap: Keymap, width: int, colors: Mapping[str, str]) -> Text:
    """Return every quick filter with its key, those that hold marked."""
    wide = width >= 100
    line = Text(" ", no_wrap=True, overflow="ellipsis")
    for quick in QUICK_FILTERS:
        key = keymap.label("worklist", f"quick_filter_{quick.key}")
        holds = narrowing.holds(quick.key)
        if quick.key in {1, 4}:
            line.append("│ " if wide else "", style=colors["rule"])
        line.append(f"{key} ", style=colors["accent"] if holds else colors["faint"])
        line.append(quick.label, style=f"bold {colors['bright']}" if holds else colors["muted"])
        line.append("   " if wide else "  ")
    return line


def hint_line(keymap: Keymap, width: int, colors: Mapping[str, str]) -> Text:
    """Return the keys that matter most, as many as fit, help and leaving always among them."""
    always = [(keymap.label("everywhere", "help"), "help"), (keymap.label("everywhere", "back"), "quit")]
    hints = [(keymap.label("worklist", name), word) for name, word in HINTS]
    while hints and _cells([*hints, *always]) > width:
        hints.pop()
    line = Text(" ", no_wrap=True)
    for key, word in [*hints, *always]:
        if key:
            line.append(key, style=colors["accent"]).append(f" {word}   ", style=colors["muted"])
    return line


def _cells(hints: Sequence[tuple[str, str]]) -> int:
    return 1 + sum(len(key) + len(word) + 4 for key, word in hints)


def empty_text(
    narrowing: Narrowing, archive: str, address: tuple[str, int, str], colors: Mapping[str, str]
) -> Text:
    """Return what to do when no study is shown."""
    muted, bright = colors["muted"], colors["bright"]
    if not narrowing.is_everything:
        return Text("No study matches.\n", style=bright).append("Esc shows all again.", style=muted)
    host, port, ae_title = address
    text = Text("No studies yet.\n\n", style=bright, justify="left")
    text.append("Send some to this receiver:\n", style=muted)
    text.append(f"  storescu -aec {ae_title} {host} {port} +sd +r FOLDER\n\n", style=colors["accent"])
    text.append("or bring in files that are on this machine:\n", style=muted)
    text.append(f"  noctis --archive {plain(archive)} import FOLDER", style=colors["accent"])
    return text


def as_fits(sentences: str, width: int) -> str:
    """Return as many of the sentences as fit a line, the first one at least."""
    shown, *others = sentences.split(". ")
    for other in others:
        if len(shown) + 2 + len(other) > width:
            return shown + "."
        shown += ". " + other
    return shown
