"""What a terminal says late to the questions of the start, taken out of what is typed.

Textual knows none of these replies: it would hand their letters on as keys.
"""

from __future__ import annotations

import re
import time
from functools import wraps
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual._xterm_parser import XTermParser
    from textual.message import Message

_REPLY = re.compile(
    r"\x1b\[\?[\d;]*[cS]"  # DA1, XTSMGRAPHICS
    r"|\x1b\[[46];\d+;\d+t"  # XTWINOPS
    r"|\x1bP(?:>\||[01]\$r|[01]\+r)[^\x1b\x07]*(?:\x1b\\|\x07)"  # XTVERSION, DECRQSS, XTGETTCAP
    r"|\x1b_G[^\x1b\x07]*(?:\x1b\\|\x07)"  # the kitty query
)
_BEGUN = re.compile(
    r"\x1b(?:\[\??[\d;]*"
    r"|P(?:>\||[01]\$r|[01]\+r)[^\x1b\x07]*\x1b?"
    r"|P[>01]?[$+]?"
    r"|_(?:G[^\x1b\x07]*\x1b?)?"
    r")?\Z"
)
"""The beginning of one at the end of what was read."""

PATIENCE_SECONDS = 0.1
"""For the rest of a beginning: the escape key looks like one, and Alt with P, [ or _."""

MOST_CHARACTERS = 4096


class LateReplies:
    """Takes late replies out of a stream of input, whatever pieces it comes in."""

    def __init__(self) -> None:
        self._held = ""
        self._since = 0.0

    def feed(self, text: str) -> str:
        """Return what was typed; the beginning of a reply waits for its rest."""
        text = _REPLY.sub("", self._held + text)
        begun = _BEGUN.search(text)
        if begun is None or len(begun[0]) > MOST_CHARACTERS:
            self._held = ""
            return text
        self._held, self._since = begun[0], time.monotonic()
        return text[: begun.start()]

    def give_up(self) -> str:
        """Return the beginning of what turns out to be no reply, as it was typed."""
        if not self._held or time.monotonic() - self._since < PATIENCE_SECONDS:
            return ""
        held, self._held = self._held, ""
        return held


def pass_over_late_replies() -> None:
    """Let Textual hear nothing of late replies; once for the process, where a terminal kept silent."""
    from textual._xterm_parser import XTermParser  # noqa: PLC0415 - only where it is needed

    if getattr(XTermParser.feed, "passes_over_replies", False):
        return
    feed, tick = XTermParser.feed, XTermParser.tick
    late: WeakKeyDictionary[XTermParser, LateReplies] = WeakKeyDictionary()

    @wraps(feed)
    def fed(parser: XTermParser, data: str) -> Iterable[Message]:
        typed = late.setdefault(parser, LateReplies()).feed(data)
        return feed(parser, typed) if typed or not data else ()  # nothing would be the end of the input

    @wraps(tick)
    def ticked(parser: XTermParser) -> Iterable[Message]:
        if parser in late and (typed := late[parser].give_up()):
            yield from feed(parser, typed)
        yield from tick(parser)

    fed.passes_over_replies = True  # type: ignore[attr-defined] # marks our own wrapper
    XTermParser.feed = fed  # type: ignore[method-assign, assignment] # Textual has no public way to its parser
    XTermParser.tick = ticked  # type: ignore[method-assign, assignment] # the same
