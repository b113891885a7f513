"""Differences as rows of a tree: each below the sequences and items that it is inside of."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive.comparing import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archive.comparing import Difference

_STEP = re.compile(r"\([0-9A-F]{4},[0-9A-F]{4}\)|\[\d+\]")


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One row: a difference, or a sequence or item that holds some.

    Attributes
    ----------
    path
        As in `Difference.path`.
    indent
        How many sequences and items are around it.
    difference
        None for what only holds differences.
    instances
        In how many pairs it differs so; 0 where one pair is looked at.
    alike
        Whether its values are the same in all of them.
    holds
        Rows below it.
    """

    path: str
    indent: int
    difference: Difference | None = None
    instances: int = 0
    alike: bool = True
    holds: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A difference, and in how many pairs it was found alike or not."""

    difference: Difference
    instances: int = 0
    alike: bool = True


class DiffOutline:
    """The rows of a comparison, those inside of folded ones left out.

    Attributes
    ----------
    show_ignored
        Whether what does not count is shown.
    """

    def __init__(self) -> None:
        self._found: Sequence[Found] = ()
        self._folded: set[str] = set()
        self.show_ignored = False
        self.rows: list[DiffRow] = []

    def show(self, found: Iterable[Found]) -> None:
        """Show other differences; what was folded stays so."""
        self._found = tuple(found)
        self.arrange()

    def arrange(self) -> None:
        """Make the rows again."""
        self.rows = list(self._visible(self._every_row()))

    def toggle(self, row: DiffRow) -> None:
        """Fold a row, or unfold it."""
        self._folded ^= {row.path}
        self.arrange()

    def is_folded(self, row: DiffRow) -> bool:
        """Tell whether what is inside of a row is hidden."""
        return row.holds > 0 and row.path in self._folded

    @property
    def hidden(self) -> int:
        """How many differences are not shown because they do not count."""
        return 0 if self.show_ignored else sum(bool(found.difference.ignored) for found in self._found)

    def _every_row(self) -> list[DiffRow]:
        rows: dict[str, DiffRow] = {}
        for found in self._found:
            difference = found.difference
            if difference.ignored and not self.show_ignored:
                continue
            outer = list(_outer_paths(difference.path))
            for indent, path in enumerate(outer):
                rows.setdefault(path, DiffRow(path, indent))
            key = difference.path if difference.path not in rows else f"{difference.path} {difference.kind}"
            rows[key] = DiffRow(difference.path, len(outer), difference, found.instances, found.alike)
        return _with_counts(list(rows.values()))

    def _visible(self, rows: Iterable[DiffRow]) -> Iterator[DiffRow]:
        deeper_than: int | None = None
        for row in rows:
            if deeper_than is not None and row.indent > deeper_than:
                continue
            deeper_than = row.indent if self.is_folded(row) else None
            yield row


def _with_counts(rows: list[DiffRow]) -> list[DiffRow]:
    """Return the rows with how many each holds that differ."""
    counted: list[DiffRow] = []
    below: list[int] = []
    for row in reversed(rows):
        while len(below) <= row.indent + 1:
            below.append(0)
        held = below[row.indent + 1]
        below[row.indent + 1 :] = []
        differs = row.difference is not None and row.difference.kind is not Kind.SAME
        below[row.indent] += held + differs
        is_inner = row.difference is None or row.difference.vr == "SQ"
        counted.append(replace(row, holds=held * is_inner))
    return counted[::-1]


def _outer_paths(path: str) -> Iterator[str]:
    """Yield the path of every sequence and item that a path is inside of, the outermost first."""
    steps, outer = _STEP.findall(path), ""
    for step in steps[:-1]:
        outer += step
        yield outer
