"""`noctis reindex`: the index again from the files."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from archive.commands.progress_bar import progress_bar

if TYPE_CHECKING:
    from archive.commands.site import Site
    from archive.reindexing import Left, Reindexed

_SHOWN = 20
_TEXT_LIMIT = 400


@click.command("reindex")
@click.option("--list", "list_all", is_flag=True, help=f"Name all that was left out, not only {_SHOWN}.")
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON.")
@click.pass_obj
def reindex_command(site: Site, *, list_all: bool, as_json: bool) -> None:
    """Make the index again from the files, and keep the old one under a name with the date.

    Ends with exit code 75 while another process holds the archive. Interrupted or killed at any time, it
    leaves the old index or the new one.

    Example: noctis --archive /srv/images reindex
    """
    from archive.local_archive import LocalArchive
    from archive.reindexing import rebuild

    left: list[Left] = []
    with (
        LocalArchive.open(site.archive) as archive,
        archive.hold("reindex") as lease,
        progress_bar() as listener,
    ):
        result = rebuild(archive, lease, listener=listener, tell=left.append)
    if as_json:
        set_aside = str(result.set_aside) if result.set_aside else None
        click.echo(json.dumps(asdict(result) | {"set_aside": set_aside}))
    else:
        _print(result, left, None if list_all else _SHOWN)


def _print(result: Reindexed, left: list[Left], limit: int | None) -> None:
    from archive.dicom.text import visible

    for each in left[:limit]:
        click.echo(f"left out: {visible(each.what, _TEXT_LIMIT)}: {each.reason}")
    if limit is not None and len(left) > limit:
        click.echo(f"... and {len(left) - limit:,} more; --list names them all.")
    counts = {name: value for name, value in asdict(result).items() if isinstance(value, int)}
    shown = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
    click.echo(f"{shown} in {result.seconds:.1f} s")
    if result.set_aside:
        click.echo(f"The old index is kept as {visible(str(result.set_aside), _TEXT_LIMIT)}")
