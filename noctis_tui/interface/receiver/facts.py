"""What the receiver's screen says in words: totals, queue, disk, refusals, one line each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.text import Text

from archive.dicom.text import visible
from noctis_tui.interface.worklist.cells import number, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archive.network.activity import Activity
    from archive.network.disk_forecast import DiskForecast

_STATUSES = {
    "0110": "internal errors",
    "0111": "other bytes under a known UID",
    "0122": "SOP class not stored",
    "0124": "not authorised",
    "A700": "no room or failing disk",
    "A900": "data set and command differ",
    "C000": "not understood",
}
_LONG = 365
"""Days beyond which nobody plans."""


def count(amount: int, what: str) -> str:
    """Return `1 image`, `12 345 images`."""
    return f"{number(amount)} {what}{'' if amount == 1 else 's'}"


def factor_name(factor: str) -> str:
    """Return what a refusal turned on as people say it; a DIMSE status with its number."""
    if factor in _STATUSES:
        return f"{_STATUSES[factor]} ({factor})"
    return visible(factor, 24).replace("_", " ").replace("ae title", "AE title").replace("sop", "SOP")


def facts_text(activity: Activity, colors: Mapping[str, str], width: int) -> Text:
    """Return the lines, a word of what each is about first."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for about, words, style in _facts(activity):
        line = Text(f" {about:<9}", style=colors["muted"]).append(words, style=colors[style])
        line.truncate(width, overflow="ellipsis")
        text.append_text(line).append("\n")
    return text[:-1]


def _facts(activity: Activity) -> Iterator[tuple[str, str, str]]:
    status, totals = activity.status, activity.totals
    if status is not None:
        yield "This run", f"{count(status.instances, 'image')}, {size(status.bytes)}", "foreground"
    since = datetime.fromtimestamp(totals.since, UTC).astimezone()
    received = f"{count(totals.instances, 'image')}, {size(totals.bytes)}"
    yield (
        "In all",
        f"{received}, {count(totals.associations, 'association')} since {since:%Y-%m-%d}",
        "foreground",
    )
    if status is not None:
        waiting = f"{count(status.waiting, 'image')} to be written" if status.waiting else "nothing waits"
        yield "Queue", waiting, "foreground" if status.waiting else "muted"
    yield "Disk", *disk_words(activity.disk)
    yield "Refused", *_refusals(totals.refusals)


def disk_words(disk: DiskForecast | None) -> tuple[str, str]:
    """Return how long the disk lasts, and the colour of that."""
    if disk is None:
        return "cannot be asked", "error"
    words = f"{size(disk.free_bytes)} free of {size(disk.size_bytes)}"
    if disk.free_bytes <= disk.reserve_bytes:
        return f"{words}: below its reserve of {size(disk.reserve_bytes)}, images are refused", "error"
    if disk.bytes_per_day is None:
        return f"{words}, a forecast comes after an hour", "foreground"
    if disk.days_left is None:
        return f"{words}, nothing has come for two weeks", "foreground"
    rate = f"{words}, {size(int(disk.bytes_per_day))} a day"
    if disk.days_left > _LONG:
        return f"{rate}: more than a year", "foreground"
    full = datetime.now(UTC).astimezone() + timedelta(days=disk.days_left)
    style = "error" if disk.days_left < 2 else "warning" if disk.days_left < 14 else "foreground"
    left = f"{disk.days_left:.0f} days" if disk.days_left >= 1.5 else f"{disk.days_left * 24:.0f} hours"
    return f"{rate}: images fit for {left}, until {full:%d %b}", style


def _refusals(refusals: Mapping[str, int]) -> tuple[str, str]:
    if not refusals:
        return "nobody and nothing", "muted"
    often = sorted(refusals.items(), key=lambda each: each[1], reverse=True)
    parts = ", ".join(f"{number(times)} {factor_name(factor)}" for factor, times in often)
    return f"{number(sum(refusals.values()))}: {parts}" if len(often) > 1 else parts, "warning"
