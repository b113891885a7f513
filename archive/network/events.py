"""What happens at the receiver, as events for statistics and for whoever follows `noctis receive --jsonl`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

EventValue = str | int | float | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened; `values` name no patient.

    Attributes
    ----------
    name
        What has happened: `association_accepted`, `association_rejected`, `association_ended`,
        `instance_stored`, `instance_refused`, `study_quiet`, `disk_nearly_full`, `receiver_unhealthy`,
        `settings_reloaded`.
    at
        Seconds since the epoch.
    """

    name: str
    values: dict[str, EventValue]
    at: float = field(default_factory=time.time)

    def to_json(self) -> str:
        """Return the event as one line of ASCII: a peer's control bytes come out escaped."""
        at = datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"event": self.name, "at": at} | self.values)


EventListener = Callable[[Event], None]
"""Hears events on the event loop; must return at once."""
