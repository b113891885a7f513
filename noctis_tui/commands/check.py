"""One line of `noctis doctor`: what was looked at, whether it is well, and what mends it."""

from __future__ import annotations

import shutil
import sys
import textwrap
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import click

from archive.commands.printing import print_json
from archive.dicom.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Status: TypeAlias = Literal["ok", "warn", "fail"]

_COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}
_STATUS_COLUMNS = 6
_MOST_COLUMNS = 120
"""Longer lines are hard to read."""


@dataclass(frozen=True, slots=True)
class Check:
    """What `--json` prints; `remedy` is the line that mends it, empty where nothing needs to be mended."""

    check: str
    status: Status
    detail: str
    remedy: str = ""


def print_checks(checks: Sequence[Check], *, as_json: bool) -> None:
    """Print one JSON array, a list for a terminal, or tab-separated lines for a pipe."""
    if as_json:
        print_json(asdict(check) for check in checks)
        return
    for line in lines_of(checks) if sys.stdout.isatty() else map(_tabbed, checks):
        click.echo(line)


def _tabbed(check: Check) -> str:
    return "\t".join(visible(part) for part in asdict(check).values())


def lines_of(checks: Sequence[Check]) -> list[str]:
    """Return the lines that a terminal shows."""
    columns = min(shutil.get_terminal_size().columns, _MOST_COLUMNS)
    label = max(len(check.check) for check in checks) + 2
    return [line for check in checks for line in _lines(check, label, columns)]


def _lines(check: Check, label: int, columns: int) -> Iterator[str]:
    indent = _STATUS_COLUMNS + label
    first, *more = textwrap.wrap(visible(check.detail), columns - indent - 1, break_on_hyphens=False) or [""]
    status = click.style(f"{check.status:<{_STATUS_COLUMNS}}", fg=_COLORS[check.status])
    yield f"{status}{check.check:<{label}}{first}"
    yield from (" " * indent + line for line in more)
    remedy = textwrap.wrap(visible(check.remedy), columns - indent - 3, break_on_hyphens=False)
    for number, line in enumerate(remedy):
        yield " " * indent + click.style(f"{' ' if number else '>'} {line}", bold=True)


def exit_code(checks: Sequence[Check]) -> int:
    """1 when anything fails, else 0."""
    return int(any(check.status == "fail" for check in checks))
