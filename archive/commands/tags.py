"""`noctis tags`: every element of an instance."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.errors import BadInput

if TYPE_CHECKING:
    from archive.commands.site import Site
    from archive.dicom.attributes import Attribute

_VALUE_LIMIT = 128


@click.command("tags")
@click.argument("target")
@click.option("--grep", "pattern", metavar="RE", help="Only elements whose line matches, in any case.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of lines.")
@click.pass_obj
def tags_command(site: Site, target: str, pattern: str | None, as_json: bool) -> None:
    """Show every element of TARGET, nested and private ones too: a file, a SOP Instance UID or its beginning.

    Example: noctis tags slice.dcm --grep pixelspacing
    """
    from archive.dicom.attributes import walk_attributes
    from archive.dicom.source import opened

    wanted = _compiled(pattern)
    printer = _JsonPrinter() if as_json else _LinePrinter()

    def emit(attribute: Attribute) -> None:
        if wanted is None or wanted.search(_line(attribute)):
            printer.show(attribute)

    with opened(find_file(site, target)) as source:
        try:
            walk_attributes(source, emit)
        finally:
            printer.end()


def find_file(site: Site, target: str) -> Path:
    """Return the file of a target: a path, or an instance of the archive by its UID or the beginning of one.

    Raises
    ------
    NotFound, BadInput
        There is none, or it is a study or series and not an instance.
    """
    path = Path(target)
    if path.is_dir():
        raise BadInput("This is a folder; name one file of it.")
    if path.exists() or not re.fullmatch(r"[0-9.]+", target):
        return path
    from archive.audit.access import record_access
    from archive.index.targets import find_instance, study_uid_of
    from archive.reindexing import open_archive

    with open_archive(site.archive) as archive:
        row = find_instance(archive.index, target)
        record_access(archive, study_uid_of(archive.index, row))
        return row.path


class _LinePrinter:
    def show(self, attribute: Attribute) -> None:
        click.echo(_line(attribute))

    def end(self) -> None:
        """Nothing stands after the last line."""


class _JsonPrinter:
    """Writes an array as it comes, because a file may hold a million elements."""

    def __init__(self) -> None:
        self._before = "["

    def show(self, attribute: Attribute) -> None:
        click.echo(self._before + _json(attribute), nl=False)
        self._before = ",\n"

    def end(self) -> None:
        click.echo("[]" if self._before == "[" else "]")


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    try:
        return None if pattern is None else re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise click.BadParameter(f"not a regular expression: {error}", param_hint="--grep") from error


def _line(attribute: Attribute) -> str:
    from archive.dicom.text import visible

    indent = "  " * attribute.depth
    if attribute.is_item:
        return f"{indent}{attribute.name}"
    tag = f"({attribute.tag >> 16:04X},{attribute.tag & 0xFFFF:04X})"
    label = f"{indent}{tag} {visible(attribute.vr):2} {visible(attribute.keyword or attribute.name, 60)}"
    return f"{label:56} {visible(attribute.value, _VALUE_LIMIT)}".rstrip()


def _json(attribute: Attribute) -> str:
    fields = {
        "path": attribute.path,
        "tag": f"{attribute.tag:08X}",
        "vr": attribute.vr,
        "keyword": attribute.keyword,
        "name": attribute.name,
        "depth": attribute.depth,
        "length": attribute.length,
        "value": attribute.value,
    }
    return json.dumps(fields).replace("\x7f", "\\u007f")  # the one control that JSON leaves as it is
