"""How a difference reads in a row: what it is, and both sides of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from archive.comparing import Difference, Kind
from archive.dicom.readings import reading
from archive.dicom.text import visible
from noctis_tui.interface.worklist.cells import fit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from noctis_tui.interface.diff.outline import DiffRow

_LAST = re.compile(r"(\([0-9A-F]{4},[0-9A-F]{4}\)|\[\d+\])$")
_LONGEST = 300
_WIDE_LABEL = 38
"""Cells from which on a label shows the tag, too."""
_SIGNS = {
    Kind.CHANGED: ("~", "warning"),
    Kind.VR: ("~", "warning"),
    Kind.PIXELS: ("~", "warning"),
    Kind.REMOVED: ("-", "error"),
    Kind.ADDED: ("+", "success"),
    Kind.UNREAD: ("!", "error"),
    Kind.SAME: (" ", "muted"),
}
ABSENT = "—"
"""What stands where a side does not have the element."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The cells of each part of a row."""

    label: int
    count: int
    side: int

    @classmethod
    def of(cls, width: int, pairs: int) -> Columns:
        """Return the columns of a row of so many cells, about so many pairs of instances."""
        label = max(24, min(52, width // 3))
        count = 2 * len(str(pairs)) + 5 if pairs > 1 else 0
        return cls(label, count, max(8, (width - label - count - 8) // 2))

    @property
    def before_sides(self) -> int:
        """Cells before the left value."""
        return 3 + self.label + self.count + 2


def row_cells(row: DiffRow, width: int, pairs: int, *, folded: bool) -> Iterator[tuple[str, str]]:
    """Yield the parts of a row, each with the name of its style."""
    difference, columns = row.difference, Columns.of(width, pairs)
    sign, color = _SIGNS[difference.kind] if difference is not None else (" ", "muted")
    dim = difference is not None and not difference.counts
    marker = ("▸ " if folded else "▾ ") if row.holds else ""
    yield f" {sign} ", "muted" if dim else color
    label = "  " * min(row.indent, 8) + marker + row_label(row, short=columns.label < _WIDE_LABEL)
    yield fit(label, columns.label), "muted" if dim else "text"
    if difference is None:
        yield f"  {row.holds} differ" if folded else "", "muted"
        return
    times = f"  {'' if row.alike else '≠ '}{row.instances}/{pairs}" if row.instances else ""
    yield fit(times, columns.count, right=True), "muted"
    left, right = sides(difference)
    yield "  " + fit(left, columns.side), "muted" if dim or left == ABSENT else "bright"
    yield "  " + fit(right, columns.side), "muted" if dim or right == ABSENT else "bright"


def row_label(row: DiffRow, *, short: bool = False) -> str:
    """Return the name of what a row is about, with its tag unless it is to be short."""
    if not row.path:
        return "cannot be read to its end"
    match = _LAST.search(row.path)
    step = match[1] if match else row.path
    if step.startswith("["):
        return f"Item {step[1:-1]}"
    difference = row.difference
    name = (difference.keyword or difference.name) if difference is not None else _keyword(step)
    if not name:
        return step
    return visible(name, 60) if short else f"{visible(name, 60)} {step}"


def sides(difference: Difference) -> tuple[str, str]:
    """Return what both sides say, safe to show."""
    kind = difference.kind
    left = ABSENT if kind is Kind.ADDED else visible(difference.left, _LONGEST)
    right = ABSENT if kind is Kind.REMOVED else visible(difference.right, _LONGEST)
    if difference.note and (left == right or kind in {Kind.PIXELS, Kind.UNREAD}):
        right = visible(difference.note, _LONGEST)
    return left, right


def detail_text(row: DiffRow, colors: Mapping[str, str], width: int) -> Text:
    """Return three lines about a row: where it stands, the left value, the right value."""
    difference = row.difference
    text = Text(f" {row.path or 'The file'}", style=colors["foreground"], no_wrap=True, overflow="ellipsis")
    if difference is None:
        return text.append(f"  {row.holds} differences inside", style=colors["muted"])
    text.append(f"  {visible(difference.name or difference.keyword, 60)}", style=colors["bright"])
    about = (visible(difference.vr, 2), str(difference.kind), visible(difference.note, 120))
    text.append("  " + " · ".join(part for part in about if part), style=colors["muted"])
    if difference.ignored:
        text.append(f"  does not count ({difference.ignored})", style=colors["muted"])
    for sign, value, present in (
        ("-", difference.left, difference.kind is not Kind.ADDED),
        ("+", difference.right, difference.kind is not Kind.REMOVED),
    ):
        line = Text(f"\n {sign} ", style=colors["muted"])
        says = reading(difference.vr, value)
        line.append(visible(value, _LONGEST) if present else ABSENT, style=colors["bright"])
        line.append(f"  {visible(says, _LONGEST)}" if says else "", style=colors["muted"])
        line.truncate(width, overflow="ellipsis")
        text.append_text(line)
    return text


def _keyword(step: str) -> str:
    from pydicom.datadict import keyword_for_tag  # noqa: PLC0415 - loads pydicom

    return keyword_for_tag(int(step[1:5] + step[6:10], 16))
