"""Esc followed at once by another key, which a terminal sends as it sends Alt with that key.

xterm and its kin write Alt+J as ESC j: the same two bytes as the Esc key and j from somebody who types fast,
or over a slow line. What no keymap binds to Alt is therefore taken as the two keys. Textual reads some of the
pairs as yet other keys (ESC b as Ctrl+Left, ESC 5 as the infinity sign of a Mac) and forgets the Esc before
signs; `tell_escaped_keys` lets all of them arrive as Alt and the key.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from textual import events
from textual._xterm_parser import XTermParser

from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.keys_in_turn import KeysInTurn

if TYPE_CHECKING:
    from collections.abc import Iterable

_ESC = "\x1b"
_BEGIN_MORE = frozenset("[]OPNXZ^_\\\x1b")
"""What stands behind ESC in longer sequences (ECMA-48: CSI, OSC, SS2, SS3, DCS, SOS, PM, APC, ST)."""
_KEPT = frozenset("\t\x7f")
"""ESC Tab is Shift+Tab in some terminals, ESC Backspace deletes a word."""


def tell_escaped_keys() -> None:
    """Let pairs of ESC and a key arrive as Alt and the key; once for the process."""
    plain = XTermParser._sequence_to_key_events  # noqa: SLF001 - Textual has no public way to its parser
    if getattr(plain, "escapes", False):
        return

    @wraps(plain)
    def escaped(parser: XTermParser, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        pair = len(sequence) == 2 and sequence[0] == _ESC and sequence[1] not in _BEGIN_MORE | _KEPT
        if not pair and not (alt and len(sequence) == 1):
            return plain(parser, sequence, alt)
        return [_with_alt(event) for event in plain(parser, sequence[-1], True)]  # noqa: FBT003 - the same

    escaped.escapes = True  # type: ignore[attr-defined] # marks our own wrapper, so that it is put in place once
    XTermParser._sequence_to_key_events = escaped  # type: ignore[method-assign, assignment] # noqa: SLF001 - the same


def _with_alt(event: events.Key) -> events.Key:
    return event if event.key.startswith("alt+") else events.Key(f"alt+{event.key}", event.character)


class EscapeFirst(KeysInTurn, inherit_bindings=False):
    """An application that takes Alt with a key that nobody bound as Esc, then the key."""

    def __init__(self) -> None:
        tell_escaped_keys()
        super().__init__()

    async def take_key(self, event: events.Key) -> None:
        """Split what may be two keys; the second one comes when the first has done its work."""
        if self._is_pair(event):
            key = event.key.removeprefix("alt+")
            name = event.character or key if key.startswith("shift+") else key
            self.insert_key(events.Key(name, event.character))
            event = events.Key("escape", _ESC)
        await super().take_key(event)

    def _is_pair(self, event: events.Key) -> bool:
        if not event.key.startswith("alt+") or event.character is None:
            return False  # Alt with an arrow is told apart from Esc and an arrow
        return not (isinstance(self.screen, KeyedScreen) and self.screen.knows(event))
