"""Every association that ended or was refused, as one line of JSON: who, how, how much. No patient data."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from pydantic import TypeAdapter, ValidationError

from archive.network.peer_counts import without_port
from archive.network.rotating_lines import RotatingLines, newest_first

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.network.events import Event
    from archive.storage.layout import Layout

LOG_NAME = "associations.jsonl"
REFUSED = "refused"
_WAITING_ENTRIES = 10_000
_GATHER_SECONDS = 0.25
"""Woken by each association, the thread would take the interpreter from the event loop at its sends."""
_REPEAT_SECONDS = 60.0
_TOLD_REPEATS = 10
"""So many refusals that are alike are told one by one within `_REPEAT_SECONDS`; more become one line."""
_MOST_REPEATS = 1_000
_MOST_LINES = 200_000
_MOST_CONTEXTS = 128
_MOST_SOP_CLASSES = 16


@dataclass(frozen=True, slots=True)
class AssociationEntry:
    """One association, or several refusals that were alike; the peer's text is hostile.

    Attributes
    ----------
    at
        When it ended.
    peer
        Address and port.
    ending
        `released`, `aborted_by_peer`, `aborted_by_us`, `connection_lost` or `refused`.
    reason
        Why it ended or was refused, in plain words.
    factor
        What did not match, of a refusal; empty where nothing was judged.
    contexts
        Abstract syntaxes that were proposed, where the association or an instance of it was refused.
    refused_contexts
        Abstract syntaxes that were not accepted though the association was, with the reason in brackets.
    instances
        How many came, by `recorded`, `duplicate`, `variant` or the DIMSE status that refused them.
    bytes
        Of the data sets that were stored.
    seconds
        How long it lasted.
    times
        How many refusals this stands for.
    instance_reason, instance_factor
        Why the first instance was refused, where one was, and what that turned on.
    refused_sop_classes
        The SOP classes of refused instances.
    """

    at: datetime
    peer: str
    calling_ae_title: str
    called_ae_title: str
    ending: str
    reason: str
    factor: str = ""
    contexts: tuple[str, ...] = ()
    refused_contexts: tuple[str, ...] = ()
    instances: dict[str, int] = field(default_factory=dict)
    bytes: int = 0
    seconds: float = 0.0
    times: int = 1
    instance_reason: str = ""
    instance_factor: str = ""
    refused_sop_classes: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The peer's address without its port."""
        return without_port(self.peer)

    @property
    def stored(self) -> int:
        """Instances that were acknowledged."""
        return sum(count for outcome, count in self.instances.items() if outcome in _ACKNOWLEDGED)

    @property
    def refused_instances(self) -> int:
        """Instances that were answered with a failure."""
        return sum(self.instances.values()) - self.stored

    def to_json(self) -> str:
        """Return the entry as one line of ASCII: a peer's control bytes come out escaped."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(values | {"at": self.at.isoformat(timespec="milliseconds")})

    @property
    def likeness(self) -> tuple[str, ...]:
        """What refusals that are alike have in common."""
        return (self.address, self.calling_ae_title, self.called_ae_title, self.factor, self.reason)


_ACKNOWLEDGED = frozenset({"recorded", "duplicate", "variant"})
_ENTRY = TypeAdapter(AssociationEntry)


@dataclass(slots=True)
class _Open:
    began: float
    contexts: tuple[str, ...]
    refused_contexts: tuple[str, ...]
    instances: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    instance_reason: str = ""
    instance_factor: str = ""
    refused_sop_classes: dict[str, None] = field(default_factory=dict)

    def keep_refusal(self, event: Event) -> None:
        """Keep why an instance was refused."""
        if not self.instance_reason:
            self.instance_reason = str(event.values.get("reason", ""))
            self.instance_factor = str(event.values.get("factor") or "")
        if len(self.refused_sop_classes) < _MOST_SOP_CLASSES:
            self.refused_sop_classes[str(event.values.get("sop_class_uid", ""))] = None


@dataclass(slots=True)
class _Repeats:
    """Refusals that are alike: how many were heard of, and the one that stands for those not told."""

    since: float
    told: int = 0
    last: AssociationEntry | None = None


class AssociationLog:
    """Hears events on the event loop and writes from a thread of its own, from `start` to `close`."""

    def __init__(self, layout: Layout) -> None:
        self._lines = RotatingLines(layout.log / LOG_NAME)
        self._open: dict[str, _Open] = {}
        self._waiting: queue.Queue[AssociationEntry | None] = queue.Queue(_WAITING_ENTRIES)
        self._closing = threading.Event()
        self._repeats: dict[tuple[str, ...], _Repeats] = {}
        self._thread = threading.Thread(target=self._run, name="noctis-associations", daemon=True)

    def hear(self, event: Event) -> None:
        """Count what belongs to an association, and have it written when it has ended; never waits."""
        peer = str(event.values.get("peer", ""))
        if event.name in {"instance_stored", "instance_refused"}:
            self._count(peer, event)
        elif event.name == "association_accepted":
            contexts, refused = _texts(event, "contexts"), _texts(event, "refused_contexts")
            self._open[peer] = _Open(time.monotonic(), contexts, refused)
        elif event.name in {"association_ended", "association_rejected"}:
            with contextlib.suppress(queue.Full):
                self._waiting.put_nowait(self._entry(peer, event))

    def _count(self, peer: str, event: Event) -> None:
        association = self._open.get(peer)
        if association:
            association.instances[str(event.values.get("outcome") or event.values.get("status"))] += 1
            association.bytes += cast("int", event.values.get("bytes", 0))
            if event.name == "instance_refused":
                association.keep_refusal(event)

    def _entry(self, peer: str, event: Event) -> AssociationEntry:
        values = event.values
        entry = AssociationEntry(
            datetime.fromtimestamp(event.at, UTC),
            peer,
            str(values.get("calling_ae_title", "")),
            str(values.get("called_ae_title", "")),
            str(values.get("ending", REFUSED)),
            str(values.get("reason", "")),
            str(values.get("factor") or ""),
            _texts(event, "contexts"),
            _texts(event, "refused_contexts"),
        )
        association = self._open.pop(peer, None)
        if association is None:
            return entry
        return replace(
            entry,
            contexts=association.contexts if association.refused_sop_classes else (),
            refused_contexts=association.refused_contexts,
            instances=dict(association.instances),
            bytes=association.bytes,
            instance_reason=association.instance_reason,
            instance_factor=association.instance_factor,
            refused_sop_classes=tuple(association.refused_sop_classes),
            seconds=round(time.monotonic() - association.began, 3),
        )

    # The thread

    def _run(self) -> None:
        last = False
        while not last:
            entries, last = self._next()
            now = time.monotonic()
            told = [*self._fresh(entries, now), *self._settled(now, everything=last)]
            if told:
                with contextlib.suppress(OSError):  # a full disk is told to the peers
                    self._lines.append("".join(f"{entry.to_json()}\n" for entry in told).encode("ascii"))

    def _next(self) -> tuple[list[AssociationEntry], bool]:
        entries: list[AssociationEntry] = []
        with contextlib.suppress(queue.Empty):
            entry = self._waiting.get(timeout=_REPEAT_SECONDS if self._repeats else None)
            self._closing.wait(_GATHER_SECONDS)
            while entry is not None:
                entries.append(entry)
                entry = self._waiting.get_nowait()
            return entries, True
        return entries, False

    def _fresh(self, entries: list[AssociationEntry], now: float) -> Iterator[AssociationEntry]:
        for entry in entries:
            repeats = self._repeats_of(entry, now)
            if repeats is None or repeats.told < _TOLD_REPEATS:
                yield entry
            else:
                repeats.last = replace(entry, times=repeats.last.times + 1 if repeats.last else 1)
            if repeats:
                repeats.told += 1

    def _repeats_of(self, entry: AssociationEntry, now: float) -> _Repeats | None:
        if entry.ending != REFUSED:
            return None
        if entry.likeness not in self._repeats and len(self._repeats) < _MOST_REPEATS:
            self._repeats[entry.likeness] = _Repeats(now)
        return self._repeats.get(entry.likeness)

    def _settled(self, now: float, *, everything: bool) -> Iterator[AssociationEntry]:
        for likeness, repeats in list(self._repeats.items()):
            if everything or now - repeats.since >= _REPEAT_SECONDS:
                del self._repeats[likeness]
                if repeats.last:
                    yield repeats.last

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def close(self) -> None:
        """Write what waits; does nothing when it was not started."""
        if not self._thread.is_alive():
            return
        self._closing.set()
        with contextlib.suppress(queue.Full):
            self._waiting.put(None, timeout=1)
        self._thread.join(timeout=2)


def _texts(event: Event, name: str) -> tuple[str, ...]:
    value = event.values.get(name)
    return value[:_MOST_CONTEXTS] if isinstance(value, tuple) else ()


@dataclass(frozen=True, slots=True)
class AssociationFilter:
    """Which associations are asked for; everything that is set must hold.

    Attributes
    ----------
    text
        Part of an AE title, an address, a reason or a factor, in any case.
    peer
        Calling AE title and address.
    endings
        Any of these; none means all.
    failures
        Only those that were refused, broken off, or in which an instance was refused.
    since
        Ended then or later.
    """

    text: str = ""
    peer: tuple[str, str] | None = None
    endings: frozenset[str] = frozenset()
    failures: bool = False
    since: datetime | None = None

    def holds(self, entry: AssociationEntry) -> bool:
        """Tell whether an association is asked for."""
        return (
            (not self.endings or entry.ending in self.endings)
            and (self.peer is None or self.peer == (entry.calling_ae_title, entry.address))
            and (self.since is None or entry.at >= self.since)
            and not (self.failures and entry.ending == "released" and not entry.refused_instances)
            and self.text.casefold() in _searched(entry)
        )


ALL = AssociationFilter()


def read_associations(
    layout: Layout, wanted: AssociationFilter = ALL, limit: int | None = None
) -> list[AssociationEntry]:
    """Return what was logged, newest first; lines that do not read are left out.

    Raises
    ------
    OSError
        The log exists and cannot be read.
    """
    found: list[AssociationEntry] = []
    for entry in _entries(layout.log / LOG_NAME):
        if limit is not None and len(found) >= limit:
            break
        if wanted.holds(entry):
            found.append(entry)
    return found


def _entries(path: Path) -> Iterator[AssociationEntry]:
    for number, line in enumerate(newest_first(path)):
        if number >= _MOST_LINES:
            return
        with contextlib.suppress(ValidationError):
            yield _ENTRY.validate_json(line)


def _searched(entry: AssociationEntry) -> str:
    parts = (entry.calling_ae_title, entry.called_ae_title, entry.peer, entry.reason, entry.factor)
    return "\n".join((*parts, entry.ending.replace("_", " "))).casefold()
