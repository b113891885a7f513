"""How fast: token buckets for bytes and for connections, counted in memory on the event loop."""

from __future__ import annotations

from collections import OrderedDict

_MINUTE = 60.0
_MOST_KEYS = 4_096
"""Addresses that are remembered: a scan from everywhere must not fill the memory."""


class Bucket:
    """Tokens that come back at a steady rate; taking more than are there runs into debt.

    Parameters
    ----------
    capacity
        How many tokens there may be at once.
    per_second
        How many come back.
    """

    def __init__(self, capacity: float, per_second: float) -> None:
        self.capacity = capacity
        self.per_second = per_second
        self._tokens = capacity
        self._at: float | None = None

    def take(self, tokens: float, now: float) -> float:
        """Take tokens; return after how many seconds the debt, if any, is paid back."""
        self._refill(now)
        self._tokens -= tokens
        return max(-self._tokens / self.per_second, 0.0)

    def take_if_there(self, now: float) -> bool:
        """Take one token unless there is none; tell whether there was."""
        self._refill(now)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _refill(self, now: float) -> None:
        since = now if self._at is None else self._at
        self._at = now
        self._tokens = min(self.capacity, self._tokens + (now - since) * self.per_second)


class ConnectionRates:
    """How often each key (an address, a facility) has connected within about a minute."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def allow(self, key: str, per_minute: int, now: float) -> bool:
        """Count one connection, unless there were `per_minute` within the last minute: then return False.

        Connections that were refused do not count.
        """
        bucket = self._buckets.get(key)
        if bucket is None or bucket.capacity != per_minute:
            bucket = self._buckets[key] = Bucket(per_minute, per_minute / _MINUTE)
        self._buckets.move_to_end(key)
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        return bucket.take_if_there(now)
