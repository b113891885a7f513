"""The quick filters of the association log: a period and outcomes, combined with text and one peer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from archive.network.association_log import AssociationFilter


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What one of the keys shows: associations of the last days, or those that ended in some way."""

    key: int
    label: str
    title: str
    days: int | None = None
    endings: frozenset[str] = frozenset()
    failures: bool = False


LOG_FILTERS: tuple[LogFilter, ...] = (
    LogFilter(0, "all", "All associations"),
    LogFilter(1, "today", "Associations of today", days=1),
    LogFilter(2, "7 days", "Associations of the last 7 days", days=7),
    LogFilter(3, "30 days", "Associations of the last 30 days", days=30),
    LogFilter(4, "released", "Associations that ended in good order", endings=frozenset({"released"})),
    LogFilter(5, "refused", "Associations that were refused", endings=frozenset({"refused"})),
    LogFilter(
        6,
        "broken",
        "Associations that were aborted or lost",
        endings=frozenset({"aborted_by_peer", "aborted_by_us", "connection_lost"}),
    ),
    LogFilter(7, "trouble", "Refused, broken off, or with images that were refused", failures=True),
)
"""At most one filter of days holds, and any number of endings; 0 ends them all."""


@dataclass(frozen=True, slots=True)
class LogNarrowing:
    """What the log is narrowed to."""

    text: str = ""
    peer: tuple[str, str] | None = None
    keys: frozenset[int] = frozenset()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == EVERYTHING

    def toggled(self, key: int) -> LogNarrowing:
        """Return what holds after the key of a quick filter."""
        if not key:
            return replace(self, keys=frozenset())
        days = frozenset(each.key for each in LOG_FILTERS if each.days is not None)
        others = self.keys - days if key in days else self.keys
        return replace(self, keys=(others - {key}) if key in self.keys else (others | {key}))

    def holds(self, key: int) -> bool:
        """Tell whether a quick filter is on."""
        return key in self.keys if key else not self.keys

    def association_filter(self, now: datetime) -> AssociationFilter:
        """Return what the log is asked for; `now` is local and knows its zone."""
        from archive.network.association_log import AssociationFilter  # noqa: PLC0415 - keys name the filters

        chosen = [LOG_FILTERS[key] for key in self.keys]
        days = next((each.days for each in chosen if each.days is not None), None)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return AssociationFilter(
            self.text,
            self.peer,
            frozenset().union(*(each.endings for each in chosen)),
            any(each.failures for each in chosen),
            midnight - timedelta(days=days - 1) if days is not None else None,
        )


EVERYTHING = LogNarrowing()
