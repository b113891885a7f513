"""`noctis verify`: files against the index by hash."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from archive.commands.progress_bar import progress_bar

if TYPE_CHECKING:
    from archive.commands.site import Site
    from archive.verifying import Finding, Verification

_SHOWN = 20
_PATH_LIMIT = 400


@click.command("verify")
@click.option("--list", "list_all", is_flag=True, help=f"Name every file, not only the first {_SHOWN}.")
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line for each file, no counts.")
@click.pass_obj
def verify_command(site: Site, *, list_all: bool, as_json: bool, as_jsonl: bool) -> None:
    """Read every file of the archive and compare it with the index; exit code 1 when anything is wrong.

    Missing: the index names a file that is not there. Corrupt: its bytes are not those that were recorded.
    Unindexed: a file in the archive that the index does not name. A receiver may be at work meanwhile.

    Example: noctis verify --list
    """
    from archive.reindexing import open_archive
    from archive.verifying import verify_archive

    found: list[Finding] = []
    began = time.monotonic()
    with open_archive(site.archive) as archive, progress_bar() as listener:
        result = verify_archive(archive, listener=listener, tell=found.append)
    if as_jsonl:
        for finding in found:
            click.echo(json.dumps(_fields(finding)))
    elif as_json:
        click.echo(json.dumps(asdict(result)))
    else:
        _print(result, found, None if list_all else _SHOWN, time.monotonic() - began)
    sys.exit(0 if result.is_clean else 1)


def _print(result: Verification, found: list[Finding], limit: int | None, seconds: float) -> None:
    for finding in found[:limit]:
        click.echo(_line(finding))
    if limit is not None and len(found) > limit:
        click.echo(f"... and {len(found) - limit:,} more; --list names them all.")
    counts = ", ".join(f"{count:,} {name}" for name, count in asdict(result).items())
    click.echo(f"{counts} in {seconds:.1f} s")


def _line(finding: Finding) -> str:
    from archive.dicom.text import visible

    named = finding.named
    which = "" if named is None else f" ({named.sop_instance_uid}{', a variant' if named.is_variant else ''})"
    return f"{finding.problem}: {visible(str(finding.path), _PATH_LIMIT)}{which}: {finding.reason}"


def _fields(finding: Finding) -> dict[str, object]:
    named = finding.named
    return {
        "problem": finding.problem.value,
        "path": str(finding.path),
        "reason": finding.reason,
        "study_instance_uid": named.series.study_instance_uid if named else None,
        "series_instance_uid": named.series.series_instance_uid if named else None,
        "sop_instance_uid": named.sop_instance_uid if named else None,
        "variant": named.is_variant if named else None,
    }
