"""`noctis import`: files, folders, ZIP files and DICOMDIRs into the archive."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.commands.progress_bar import progress_bar

if TYPE_CHECKING:
    from archive.commands.site import Site
    from archive.importing import ImportCounts
    from archive.importing.counts import Ending


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--copy", "mode", flag_value="copy", default="copy", help="Copy the files (the default).")
@click.option("--link", "mode", flag_value="link", help="Give each file a second name in the archive.")
@click.option("--in-place", "mode", flag_value="in_place", help="Only remember where the files lie.")
@click.option("--explain", is_flag=True, help="Say on stderr why each file was not imported.")
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON.")
@click.pass_obj
def import_command(site: Site, paths: tuple[Path, ...], mode: str, explain: bool, as_json: bool) -> None:
    """Bring files, folders, ZIP files and what DICOMDIRs reference into the archive.

    What is no DICOM instance is skipped; DICOM that does not parse or lacks its UIDs is quarantined. When
    another process holds the archive, that one imports.

    Example: noctis import /media/cdrom
    """
    from archive.bringing_in import bring_in
    from archive.importing import Mode
    from archive.importing.counts import untold
    from archive.local_archive import LocalArchive

    tell = _explain if explain else untold
    with LocalArchive.open(site.archive) as archive, progress_bar() as listener:
        counts = bring_in(archive, paths, Mode(mode), listener, tell)
    if as_json:
        click.echo(json.dumps(asdict(counts)))
    else:
        click.echo(_sentence(counts))


def _sentence(counts: ImportCounts) -> str:
    parts = asdict(counts)
    seconds = parts.pop("seconds")
    return ", ".join(f"{count} {ending}" for ending, count in parts.items()) + f" in {seconds:.1f} s"


def _explain(ending: Ending, origin: str, reason: str, /) -> None:
    from archive.dicom.text import visible

    click.echo(f"{ending}: {visible(origin, 400)}: {visible(reason, 400)}", err=True)
