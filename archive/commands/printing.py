"""Rows for people and programs: a table on a terminal, tab-separated lines in a pipe, JSON when asked for."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from archive.dicom.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

CELL_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, and what it shows of a row's JSON object."""

    title: str
    show: Callable[[dict[str, Any]], object]
    number: bool = False


def print_json(rows: Iterable[dict[str, Any]]) -> None:
    """Print one JSON array, a row a line; ASCII only, so that no character in it can move a cursor."""
    separator = "["
    for row in rows:
        click.echo(f"{separator}{json.dumps(row)}", nl=False)
        separator = ",\n"
    click.echo("[]" if separator == "[" else "]")


def print_json_lines(rows: Iterable[dict[str, Any]]) -> None:
    """Print one JSON object a line, each as soon as it is there."""
    for row in rows:
        click.echo(json.dumps(row))


def print_table(rows: Iterable[dict[str, Any]], columns: Sequence[Column]) -> None:
    """Print a table on a terminal, else tab-separated lines; what peers wrote is made visible in both."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(_cells(row, columns)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.title, justify="right" if column.number else "left", overflow="ellipsis")
    for row in rows:
        table.add_row(*[Text(cell) for cell in _cells(row, columns)])
    Console(highlight=False).print(table)


def size(size_bytes: int) -> str:
    """Return a size as people read it."""
    value = float(size_bytes)
    if value < 1000:
        return f"{size_bytes} B"
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} TB"


def _cells(row: dict[str, Any], columns: Sequence[Column]) -> list[str]:
    return [visible(str(column.show(row)), CELL_LIMIT) for column in columns]
