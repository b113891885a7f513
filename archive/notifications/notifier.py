"""The thread that gathers what is news and has it sent.

The event loop only appends to a queue in memory. Everything that can wait (the index, the outbox, a dead
webhook) happens in this thread or in the delivering process.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Self

from archive.errors import BadInput, NoctisError
from archive.index.changes import current_sequence
from archive.index.quiet import BATCH, quiet_since
from archive.notifications.outbox import OLDEST_SECONDS, OUTBOX_NAME, Item, Outbox
from archive.notifications.plan import Plan, make_plan
from archive.notifications.sender import Sender
from archive.notifications.wording import size
from archive.settings import read_settings

if TYPE_CHECKING:
    from archive.index.quiet import QuietMark
    from archive.local_archive import LocalArchive
    from archive.network.events import Event

LOGGER = logging.getLogger(__name__)
TICK_SECONDS = 1.0
GRACE_SECONDS = 2.0
"""How long an ending receiver lets a target answer: a message that is cut off may come twice."""
_HEARD = 10_000
"""Events that may wait for the thread; of more, the oldest are lost."""
_RELOADED = "settings_reloaded"
_URGENT = "receiver_unhealthy"
_EVENTS = {
    "association_refused": "association_refused",
    "association_rejected": "association_refused",
    "disk_nearly_full": "disk_nearly_full",
    "receiver_unhealthy": "receiver_unhealthy",
}
"""The receiver's events that can be told, and what `noctis.toml` calls them; quiet studies have marks."""


class Notifier:
    """Tells the world outside what a receiver's people should know; a context manager.

    Parameters
    ----------
    ae_title
        Who is speaking, in titles.

    Raises
    ------
    BadInput
        A notification cannot or must not be sent (`make_plan`); raised on entering.
    """

    def __init__(self, archive: LocalArchive, ae_title: str) -> None:
        self._archive = archive
        self._heard: deque[Item] = deque(maxlen=_HEARD)
        self._plan = Plan()
        self._sender = Sender(archive.index, ae_title, self._gives_up)
        self._reload_wanted = False
        self._is_urgent = False
        self._trouble = ""
        self._ended = threading.Event()
        self._ended_at = 0.0
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._plan = make_plan(self._archive.settings, self._archive.root)
        if self._plan.notifications:
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        outbox = Outbox(self._archive.root / OUTBOX_NAME)
        last = current_sequence(self._archive.index)
        # What went quiet before anybody wished to be told is no news; an index that was rebuilt counts anew.
        if outbox.quiet_sequence is None or outbox.quiet_sequence > last:
            outbox.add((), (), last)
        self._thread = threading.Thread(
            target=self._run, args=(outbox,), name="noctis-notifications", daemon=True
        )
        self._thread.start()

    def hear(self, event: Event) -> None:
        """Take up an event; never waits."""
        if event.name == _RELOADED:
            self._reload_wanted = True
            if self._thread is None:
                self._start()
            return
        name = _EVENTS.get(event.name)
        if name is not None and name in self._plan.events:
            self._is_urgent = self._is_urgent or name == _URGENT
            self._heard.append(Item(name, event.at, _words(event)))

    def close(self, seconds: float = 10) -> None:
        """End within so many seconds; what waits is sent by the next start, a dying receiver's word now."""
        self._ended_at = time.monotonic()
        self._ended.set()
        if self._thread:
            self._thread.join(seconds)

    def _gives_up(self) -> bool:
        return self._ended.is_set() and time.monotonic() > self._ended_at + GRACE_SECONDS

    def _run(self, outbox: Outbox) -> None:
        while not self._ended.is_set():
            self._round(outbox)
            self._ended.wait(TICK_SECONDS)
        self._round(outbox, last=True)
        outbox.close()

    def _round(self, outbox: Outbox, *, last: bool = False) -> None:
        try:
            if self._reload_wanted and not last:
                self._reload_wanted = False
                self._reload()
            self._gather(outbox)
            if self._is_urgent or not last:
                self._sender.send(self._plan, outbox, urgent=last)
            self._trouble = ""
        except NoctisError as error:
            if str(error) != self._trouble:
                LOGGER.warning("Notifications wait: %s", error)
            self._trouble = str(error)
        except Exception:
            LOGGER.exception("Notifications failed; they are tried again")

    def _reload(self) -> None:
        try:
            self._plan = make_plan(read_settings(self._archive.layout.settings), self._archive.root)
        except BadInput as error:
            LOGGER.error("The notifications stay as they are: %s", error)  # noqa: TRY400 - a sentence, no traceback
            return
        self._sender = self._sender.anew()

    # Gathering

    def _gather(self, outbox: Outbox) -> None:
        items = [self._heard.popleft() for _ in range(len(self._heard))]
        marks = self._new_marks(outbox)
        oldest = time.time() - OLDEST_SECONDS
        items += [_item(mark) for mark in marks if mark.quiet_at >= oldest]
        if items or marks:
            outbox.add(items, self._plan.wishes, marks[-1].sequence if marks else None)

    def _new_marks(self, outbox: Outbox) -> list[QuietMark]:
        marks: list[QuietMark] = []
        while True:
            read = marks[-1].sequence if marks else outbox.quiet_sequence or 0
            found = quiet_since(self._archive.index, read)
            marks += found
            if len(found) < BATCH:
                return marks


def _item(mark: QuietMark) -> Item:
    words = {
        "study_instance_uid": mark.study_instance_uid,
        "modalities": "/".join(mark.modalities) or "no modality",
        "series": str(mark.series),
        "instances": str(mark.instances),
        "size": size(mark.size_bytes),
        "calling_ae_titles": ", ".join(mark.calling_ae_titles) or "an import",
    }
    return Item("study_quiet", mark.quiet_at, words)


def _words(event: Event) -> dict[str, str]:
    words = {name: "" if value is None else str(value) for name, value in event.values.items()}
    if event.name == "disk_nearly_full":
        free, reserve = (int(words[name]) for name in ("free_bytes", "reserve_bytes"))
        words |= {"free": size(free), "reserve": size(reserve)}
    return words
