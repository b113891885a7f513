"""How long lies between two studies, as people say it."""

from __future__ import annotations

from datetime import date


def elapsed_text(of: str, before: str) -> str:
    """Return how long before (or after) the day `before` the day `of` lies; empty when one is not known.

    Both are DA values (PS3.5 section 6.2).

    Examples
    --------
    >>> elapsed_text("20240112", "20260310")
    '2 y 1 m before'
    >>> elapsed_text("20260310", "20260303")
    '7 d after'
    """
    one, other = _day(of), _day(before)
    if one is None or other is None:
        return ""
    if one == other:
        return "same day"
    return f"{_span(*sorted((one, other)))} {'before' if one < other else 'after'}"


def _day(value: str) -> date | None:
    try:
        return date(int(value[:4]), int(value[4:6]), int(value[6:8])) if len(value) == 8 else None
    except ValueError:
        return None


def _span(first: date, last: date) -> str:
    months = 12 * (last.year - first.year) + last.month - first.month - (last.day < first.day)
    if not months:
        return f"{(last - first).days} d"
    years, rest = divmod(months, 12)
    return " ".join(filter(None, (f"{years} y" if years else "", f"{rest} m" if rest else "")))
