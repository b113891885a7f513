"""Sends what waits: at a pace that each target bears, and again later when one does not take it."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from archive.notifications.courier import Parcel, deliver
from archive.notifications.wording import body, headline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from archive.index.database import Index
    from archive.notification import Notification
    from archive.notifications.courier import Receipt
    from archive.notifications.outbox import Outbox, Waiting
    from archive.notifications.plan import Plan

LOGGER = logging.getLogger(__name__)
GATHER_SECONDS = 3.0
"""How long the first event waits for company: studies that were sent together go quiet together."""
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 30.0, 3_600.0
_MOST_DOUBLINGS = 10


@dataclass
class _Pace:
    """When a target may be spoken to again, by the monotonic clock."""

    not_before: float = 0.0
    failures: int = 0
    is_gathering: bool = False

    def is_due(self) -> bool:
        """Whether something that waits now may go; the first that waits makes it so after a moment."""
        if not self.is_gathering:
            self.is_gathering = True
            self.not_before = max(self.not_before, time.monotonic() + GATHER_SECONDS)
        return self.not_before <= time.monotonic()

    def sent(self, seconds_between: float) -> None:
        self.failures = 0
        self.is_gathering = False
        self.not_before = time.monotonic() + seconds_between

    def failed(self) -> float:
        seconds = min(FIRST_RETRY_SECONDS * (1 << self.failures), LONGEST_RETRY_SECONDS)
        self.failures = min(self.failures + 1, _MOST_DOUBLINGS)
        self.not_before = time.monotonic() + seconds
        return seconds


class Sender:
    """Sends from an outbox; one thread at a time.

    Parameters
    ----------
    ae_title
        Who is speaking, in titles.
    given_up
        Whether a target that does not answer is to be left alone now; not asked when it is urgent.
    """

    def __init__(self, index: Index, ae_title: str, given_up: Callable[[], bool]) -> None:
        self._given_up = given_up
        self._index = index
        self._ae_title = ae_title
        self._paces: dict[str, _Pace] = {}

    def anew(self) -> Sender:
        """Return one that owes no target any rest: its settings may have been mended."""
        return Sender(self._index, self._ae_title, self._given_up)

    def send(self, plan: Plan, outbox: Outbox, *, urgent: bool = False) -> None:
        """Send what is due, or everything when it is urgent; what is not taken stays.

        Raises
        ------
        OutOfResources
            The index cannot be read, where a message must name patients.
        """
        outbox.tidy([each.name for each in plan.notifications])
        work = [
            (notification, group)
            for notification in plan.notifications
            if outbox.any_waiting(notification.name) and (urgent or self._pace(notification).is_due())
            for group in _by_event(outbox.waiting(notification.name))
        ]
        if not work:
            return
        parcels = [self._parcel(plan, outbox, notification, group) for notification, group in work]
        given_up = _never if urgent else self._given_up
        receipts = deliver(parcels, plan.targets, given_up=given_up)
        outcomes: dict[str, list[Receipt]] = {}
        for (notification, group), receipt in zip(work, receipts, strict=True):
            outcomes.setdefault(notification.name, []).append(receipt)
            if receipt.sent:
                outbox.remove(group)
                LOGGER.info("Sent to %s: %d %s", notification.name, len(group), group[0].event)
        for notification in plan.notifications:
            self._keep_pace(notification, outcomes.get(notification.name, ()))

    def _pace(self, notification: Notification) -> _Pace:
        return self._paces.setdefault(notification.name, _Pace())

    def _keep_pace(self, notification: Notification, receipts: Sequence[Receipt]) -> None:
        failed = next((receipt for receipt in receipts if not receipt.sent), None)
        if failed:
            seconds = self._pace(notification).failed()
            sentence = "Could not send to %s: %s; it is tried again in %d s"
            LOGGER.warning(sentence, notification.name, failed.reason, seconds)
        elif receipts:
            self._pace(notification).sent(notification.seconds_between)

    def _parcel(
        self, plan: Plan, outbox: Outbox, notification: Notification, group: Sequence[Waiting]
    ) -> Parcel:
        event, left_out = group[0].event, outbox.left_out(notification.name, group[0].event)
        title = f"{self._ae_title}: {headline(event, len(group) + left_out)}"
        text = body(notification, group, left_out, self._index, self._ae_title)
        return Parcel(plan.urls[notification.name], title, text)


def _never() -> bool:
    return False


def _by_event(waiting: Sequence[Waiting]) -> Iterator[list[Waiting]]:
    kind = attrgetter("event")
    for _, group in groupby(sorted(waiting, key=kind), kind):
        yield list(group)
