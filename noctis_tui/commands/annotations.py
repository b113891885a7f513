"""`noctis annotations`: what readers drew and marked, as DICOM objects, and back from them."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.annotation_exchange import Exchanged
    from archive.commands.site import Site
    from archive.local_archive import LocalArchive


@click.group("annotations")
def annotations_command() -> None:
    """Write what readers drew and marked as DICOM objects, and take it over from them.

    `noctis measure --list` shows it.

    Example: noctis annotations save 1.2.840.113 --out reports/
    """


@annotations_command.command("save")
@click.argument("target")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="A folder; else the archive.")
@click.option("--author", default="", help="Who answers for them; else who is logged in.")
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON.")
@click.pass_obj
def save_command(site: Site, target: str, out: Path | None, author: str, as_json: bool) -> None:
    """Write a study's measurements (SR), annotations (GSPS) and key images (KO) as DICOM objects.

    Example: noctis annotations save 1.2.840.113 --out reports/
    """
    from archive.login import login_name
    from noctis_tui.reading.annotation_saving import save_as_objects

    with _study(site, target) as (archive, uid):
        done = save_as_objects(archive, uid, author or login_name(), out)
    _tell(done, "written", as_json=as_json)


@annotations_command.command("load")
@click.argument("target")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON.")
@click.pass_obj
def load_command(site: Site, target: str, paths: tuple[Path, ...], as_json: bool) -> None:
    """Take over what reports, presentation states and key objects say about a study's images.

    Without PATHS those of the study itself are read. What is kept already stays as it is.

    Example: noctis annotations load 1.2.840.113 report.dcm
    """
    from noctis_tui.reading.annotation_saving import load_from_objects

    with _study(site, target) as (archive, uid):
        done = load_from_objects(archive, uid, paths)
    _tell(done, "read", as_json=as_json)


@contextmanager
def _study(site: Site, target: str) -> Iterator[tuple[LocalArchive, str]]:
    from archive.index.targets import resolve, study_uid_of
    from archive.reindexing import open_archive
    from noctis_tui.commands.target_frames import require_archive

    require_archive(site.archive, target)
    with open_archive(site.archive) as archive:
        yield archive, study_uid_of(archive.index, resolve(archive.index, target))


def _tell(done: Exchanged, what: str, *, as_json: bool) -> None:
    if as_json:
        from dataclasses import asdict

        click.echo(json.dumps(asdict(done)))
    else:
        counted = f"{done.annotations} annotations, {done.key_images} key images"
        click.echo(f"{done.objects} objects {what}: {counted}")
