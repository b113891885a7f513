"""Messages that are alike: the first is recorded at once, the others as one with their number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive.audit.messages import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.audit.messages import EventType, Message, Participant

REPEAT_SECONDS = 60.0
MOST_KINDS = 256
"""Kinds that are told apart within that time: who makes AE titles up must not fill the disk with them."""
_Kind = tuple[tuple["Participant", ...], "EventType | None", str]


@dataclass(slots=True)
class _Repeated:
    since: float
    last: Message
    times: int = 0


class Repeats:
    """Gathers security alerts that are alike; everything else passes."""

    def __init__(self) -> None:
        self._kinds: dict[_Kind, _Repeated] = {}

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def first_of_its_kind(self, message: Message, now: float) -> Message | None:
        """Return the message when it is to be recorded now; `now` is monotonic, in seconds."""
        if message.event is not AuditEvent.SECURITY_ALERT:
            return message
        kind = (message.participants, message.event_type, str(message.details.get("reason")))
        if kind not in self._kinds and len(self._kinds) >= MOST_KINDS:
            kind, message = ((), None, ""), _of_many(message)
        known = self._kinds.get(kind)
        if known is None:
            self._kinds[kind] = _Repeated(now, message)
            return message
        known.last = message
        known.times += 1
        return None

    def settled(self, now: float, *, everything: bool) -> Iterator[Message]:
        """Yield what was repeated, as one message each, once its time is over."""
        for kind, repeated in list(self._kinds.items()):
            if everything or now - repeated.since >= REPEAT_SECONDS:
                del self._kinds[kind]
                if repeated.times:
                    yield replace(repeated.last, details=repeated.last.details | {"times": repeated.times})


def _of_many(message: Message) -> Message:
    reason = "Many peers were refused; this is one of them."
    return replace(message, details=message.details | {"reason": reason})
