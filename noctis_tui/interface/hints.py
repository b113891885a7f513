"""The bottom line that reminds of keys: as many as fit, the last two always among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noctis_tui.interface.keymap import Keymap

_ALWAYS = 2


def hint_text(
    keymap: Keymap, hints: Sequence[tuple[str, str, str]], width: int, colors: Mapping[str, str]
) -> Text:
    """Return the line.

    Parameters
    ----------
    hints
        Context, action (several, joined by blanks, show their keys side by side) and a word each.
    width
        Cells of the line.
    """
    shown = [
        ("".join(keymap.label(context, name) for name in names.split()), word)
        for context, names, word in hints
    ]
    shown = [hint for hint in shown if hint[0]]
    while len(shown) > _ALWAYS and sum(len(key) + len(word) + 4 for key, word in shown) > width:
        del shown[-_ALWAYS - 1]
    line = Text(" ", no_wrap=True, overflow="ellipsis")
    for key, word in shown:
        line.append(key, style=colors["accent"]).append(f" {word}   ", style=colors["muted"])
    return line
