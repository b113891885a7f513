"""`noctis export`: studies, series and images as files."""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from archive.dicom.text import visible
from noctis_tui.commands.picture_target import picture_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from archive.commands.site import Site
    from archive.deidentification import Dates, Profile
    from archive.progress import ProgressListener
    from noctis_tui.imaging.enhancing.enhancement import Enhancement
    from noctis_tui.reading.export.deidentified import Deidentified
    from noctis_tui.reading.export.formats import Format
    from noctis_tui.reading.export.instances import Rewrite
    from noctis_tui.reading.export.request import Look
    from noctis_tui.reading.export.run import Table
    from noctis_tui.reading.export.target import ExportTarget
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.stack import FrameRef


class Kept(NamedTuple):
    """What the archive keeps about a target: who draws over its frames, who makes a table, its key."""

    marks: Callable[[LoadedFrame, FrameRef], Sequence[Mark]]
    table: Table
    key: bytes


class _Job(NamedTuple):
    target: ExportTarget
    what: Format
    look: Look
    table: Table


FORMATS = ("dicom", "png", "png16", "jpeg", "gif", "mp4", "nifti", "csv", "zip")


@click.command("export")
@picture_options
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A file; a folder for several.")
@click.option("--format", "what", type=click.Choice(FORMATS), help="Else what the name of --out says; dicom.")
@click.option("--burn-in", is_flag=True, help="Write patient, image and what was drawn into the pictures.")
@click.option("--fps", type=click.FloatRange(0.1, 120), help="Frames per second of clips; else the file's.")
@click.option("--quality", type=click.IntRange(1, 95), default=92, help="Of JPEG.")
@click.option("--deidentify", is_flag=True, help="Copies by PS3.15 Annex E; what cannot be is left out.")
@click.option("--pseudonym", default="", metavar="NAME", help="With --deidentify; else one by the key.")
@click.option("--shift-dates", is_flag=True, help="With --deidentify: move dates instead of removing them.")
@click.option("--keep-characteristics", is_flag=True, help="With --deidentify: sex, age, weight stay.")
@click.option("--pixels-checked", is_flag=True, help="With --deidentify: you saw that no pixels show text.")
@click.option("--json", "as_json", is_flag=True, help="What was written, as JSON.")
@click.pass_obj
def export_command(
    site: Site,
    target: str,
    frame_number: int | None,
    window: tuple[float, float] | None,
    preset: str | None,
    enhance: Enhancement | None,
    size: tuple[int, int] | None,
    out: Path,
    what: str | None,
    burn_in: bool,
    fps: float | None,
    quality: int,
    deidentify: bool,
    pseudonym: str,
    shift_dates: bool,
    keep_characteristics: bool,
    pixels_checked: bool,
    as_json: bool,
) -> None:
    """Write TARGET (a path, a UID, or the unique beginning of one) as files for others.

    Pictures hold nothing about the patient unless --burn-in is given. Nothing is written over.

    Example: noctis export 1.2.840.113 --format png --preset lung --out pictures/
    """
    from archive.commands.progress_bar import progress_bar
    from noctis_tui.commands.picture_target import view_of
    from noctis_tui.reading.export.formats import format_for
    from noctis_tui.reading.export.request import Look

    view = view_of(window, preset, site.config).with_enhancement(enhance)
    look = Look(view, size, burn_in, frames_per_second=fps, quality=quality)
    chosen = format_for(out, what)
    profile = _profile(pseudonym, shift_dates, keep_characteristics, pixels_checked, deidentify=deidentify)
    with _found(site.archive, target, frame_number, chosen, profile) as (found, kept):
        marked = replace(look, marks=kept.marks) if burn_in else look
        free = _freed(found, chosen, kept.key, profile, burn_in=burn_in) if profile is not None else None
        with progress_bar() as listener:
            job = _Job(found if free is None else free.target, chosen, marked, kept.table)
            written = _exported(job, out, free.rewrite if free is not None else None, listener)
    _tell(written, chosen, free.left_out if free is not None else {}, as_json=as_json)


def _profile(
    pseudonym: str, shift_dates: bool, keep_characteristics: bool, pixels_checked: bool, *, deidentify: bool
) -> Profile | None:
    if not deidentify:
        if pseudonym or shift_dates or keep_characteristics or pixels_checked:
            raise click.UsageError("Pseudonyms, dates and their like are said with --deidentify.")
        return None
    from archive.deidentification import Profile

    dates: Dates = "shifted" if shift_dates else "removed"
    return Profile(dates, keep_characteristics, pixels_checked=pixels_checked, patient_id=pseudonym)


def _freed(found: ExportTarget, what: Format, key: bytes, profile: Profile, *, burn_in: bool) -> Deidentified:
    from noctis_tui.reading.export.deidentified import deidentified

    return deidentified(found, what, key, profile, burn_in=burn_in)


def _tell(written: Path, what: Format, left_out: Mapping[str, int], *, as_json: bool) -> None:
    files = 1 if written.is_file() else sum(path.is_file() for path in written.rglob("*"))
    if as_json:
        reasons = [{"reason": reason, "instances": count} for reason, count in left_out.items()]
        said = {"out": str(written), "format": what.value, "files": files, "left_out": reasons}
        click.echo(json.dumps(said))
        return
    click.echo(f"{files} {'file' if files == 1 else 'files'} in {visible(str(written), 200)}")
    for reason, count in left_out.items():
        click.echo(f"{count} {'instance' if count == 1 else 'instances'} left out: {reason}", err=True)


def _exported(job: _Job, out: Path, rewrite: Rewrite | None, listener: ProgressListener) -> Path:
    from archive.errors import BadInput
    from noctis_tui.reading.export.run import export

    try:
        return export(
            job.target, out, job.what, job.look, rewrite=rewrite, table=job.table, listener=listener
        )
    except OSError as error:
        reason = error.strerror or "the disk refused"
        raise BadInput(f"{visible(str(out), 120)} cannot be written: {reason}.") from error


@contextmanager
def _found(
    archive: Path, target: str, frame_number: int | None, what: Format, profile: Profile | None
) -> Iterator[tuple[ExportTarget, Kept]]:
    """Give what TARGET names, and what is kept about it, while the archive is open; exports are audited."""
    from noctis_tui.commands.target_frames import exists, frames_of_target
    from noctis_tui.reading.export.request import unmarked
    from noctis_tui.reading.export.target import only_frame, target_of_stack

    def narrowed(whole: ExportTarget) -> ExportTarget:
        return only_frame(whole, frame_number) if frame_number else whole

    if exists(Path(target)):
        whole = narrowed(target_of_stack(frames_of_target(target, archive)))
        yield whole, Kept(unmarked, _no_table, secrets.token_bytes(32))
        return
    said = what.value if profile is None else f"{what.value}, de-identified"
    with _in_archive(archive, target, said, narrowed) as found:
        yield found


def _no_table() -> str:
    from archive.errors import BadInput

    raise BadInput("Measurements are kept in the archive: name a study by its UID.")


@contextmanager
def _in_archive(
    archive: Path, target: str, said: str, narrowed: Callable[[ExportTarget], ExportTarget]
) -> Iterator[tuple[ExportTarget, Kept]]:
    from archive.audit.access import record_export
    from archive.deidentification import site_key
    from archive.index.targets import resolve, study_uid_of
    from archive.reindexing import open_archive
    from noctis_tui.commands.target_frames import require_archive
    from noctis_tui.reading.export.annotated import marks_kept, table_kept
    from noctis_tui.reading.export.target import target_of_row

    require_archive(archive, target)
    with open_archive(archive) as opened:
        index = opened.index
        row = resolve(index, target)
        found = narrowed(target_of_row(index, row, study_uid_of(index, row)))
        record_export(opened, found.study_instance_uid, len(found.files), said)
        key = site_key(opened.layout) if "de-identified" in said else b""
        marks = marks_kept(index, found.study_instance_uid)
        yield found, Kept(marks, lambda: table_kept(index, found), key)
