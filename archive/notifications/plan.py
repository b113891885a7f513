"""What is to be sent where, checked against the site's list before anything is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.errors import BadInput
from archive.notification import NotificationTargets
from archive.notifications.courier import Parcel, deliver, require_library, url_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archive.notification import Notification
    from archive.settings import SiteSettings


@dataclass(frozen=True, slots=True)
class Plan:
    """The notifications of a site with their URLs, which no representation shows."""

    notifications: tuple[Notification, ...] = ()
    targets: NotificationTargets = field(default_factory=NotificationTargets)
    urls: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def wishes(self) -> frozenset[tuple[str, str]]:
        """Which notification wishes for which event."""
        return frozenset((each.name, event) for each in self.notifications for event in each.events)

    @property
    def events(self) -> frozenset[str]:
        """The events that anybody wishes for."""
        return frozenset(event for _, event in self.wishes)


def make_plan(settings: SiteSettings, root: Path) -> Plan:
    """Read the URLs and check every one against the allow-list; takes a second, sends nothing.

    Raises
    ------
    BadInput
        A URL is missing, not understood, or leads where the site does not allow anything to be sent; the
        library is not installed.
    """
    if not settings.notification:
        return Plan()
    require_library()
    urls = {each.name: url_of(each, root) for each in settings.notification}
    receipts = deliver(
        [Parcel(urls[each.name]) for each in settings.notification], settings.notification_targets
    )
    for each, receipt in zip(settings.notification, receipts, strict=True):
        if receipt.reason:
            raise BadInput(f"Notification {each.name}: {receipt.reason}.")
    return Plan(settings.notification, settings.notification_targets, urls)


def named(notifications: Sequence[Notification], name: str | None) -> list[Notification]:
    """Return the notification of that name, all without one.

    Raises
    ------
    BadInput
        There is none of that name, or none at all.
    """
    found = [each for each in notifications if name in {None, each.name}]
    if not found:
        known = ", ".join(each.name for each in notifications)
        raise BadInput(f"There is no notification {name}; there are: {known}." if known else _NONE)
    return found


_NONE = "noctis.toml configures no notification; docs/notifications.md shows how."
