"""Keys as a person writes them (`ctrl+d`, `[q`, `g g`) and as a terminal reports them."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from archive.errors import BadInput

if TYPE_CHECKING:
    from textual.events import Key

Keys = tuple[str, ...]
"""Keys pressed one after the other; a printable key is its character, another its name."""

_ALIASES = {
    "esc": "escape",
    "return": "enter",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "pgdown": "pagedown",
    "del": "delete",
    "ins": "insert",
    "newline": "ctrl+j",
}
_NAMED = frozenset(
    ["escape", "enter", "tab", "space", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown"]
    + ["up", "down", "left", "right"]
    + [f"f{number}" for number in range(1, 13)]
)
_MODIFIERS = ("ctrl", "alt", "shift")
_LABELS = {
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
_CHORD_STARTERS = "[]"


def parse_keys(text: str) -> Keys:
    """Read keys as a keymap writes them: blanks separate the keys of a sequence; `[q` is `[ q`.

    Raises
    ------
    BadInput
        A key has no such name; the nearest one is offered.
    """
    if len(text) == 2 and text[0] in _CHORD_STARTERS and not text[1].isspace():
        return (text[0], text[1])
    keys = tuple(_parse_key(word) for word in text.split())
    if not keys:
        raise BadInput('"" is not a key; write "space" for the space bar.')
    return keys


def _parse_key(word: str) -> str:
    if len(word) == 1:
        return word
    modifiers, key = _split(word.lower())
    key = _ALIASES.get(key, key)
    unknown = [name for name in modifiers if name not in _MODIFIERS]
    if unknown or not (key in _NAMED or (modifiers and len(key) == 1)):
        known = [*_NAMED, *_ALIASES, *(f"{name}+{key}" for name in _MODIFIERS)]
        nearest = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.4)
        offer = f"; did you mean {nearest[0]}?" if nearest else "."
        raise BadInput(f"{word} is not a key{offer}")
    return "+".join([name for name in _MODIFIERS if name in modifiers] + [key])


def key_of(event: Key) -> str:
    """Return the key that a terminal reported, in the words of a keymap."""
    if event.key.startswith("alt+"):
        character = event.character or ""
        is_sign = event.is_printable and not character.isalnum() and character != " "
        return f"alt+{character}" if is_sign else event.key
    if event.is_printable and event.character is not None and event.character != " ":
        return event.character
    return _ALIASES.get(event.key, event.key)


def key_label(keys: Keys) -> str:
    """Return keys as help shows them: `Ctrl+D`, `[q`, `Shift+↑`."""
    separator = "" if all(len(key) == 1 for key in keys) else " "
    return separator.join(_label(key) for key in keys)


def _label(key: str) -> str:
    if len(key) == 1:
        return key
    modifiers, last = _split(key)
    shown = _LABELS.get(last, last.upper() if len(last) == 1 else last.capitalize())
    return "+".join([*(name.capitalize() for name in modifiers), shown])


def _split(word: str) -> tuple[list[str], str]:
    """Split `ctrl+alt++` into its modifiers and its key."""
    *modifiers, key = [*word[:-1].split("+"), "+"] if word.endswith("++") else word.split("+")
    return [name for name in modifiers if name], key
