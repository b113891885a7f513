"""`noctis reconstruct`: planes, projections and curves of a volume as files, by a job that can be stopped."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from archive.dicom.text import visible
from noctis_tui.commands.plane_options import OBLIQUE
from noctis_tui.commands.reconstruct_options import reconstruct_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.commands.site import Site
    from archive.local_archive import LocalArchive
    from archive.pixels.voi_lut import Window
    from archive.progress import CancelToken
    from noctis_tui.reading.reconstructing.order import Order
    from noctis_tui.reading.reconstructing.request import Reconstruction
    from noctis_tui.reading.reconstructing.subject import Subject
    from noctis_tui.reading.reconstructing.supervising import Outcome


class _Found(NamedTuple):
    archive: LocalArchive | None
    files: tuple[Path, ...]
    subject: Subject


@click.command("reconstruct")
@reconstruct_options
@click.pass_obj
def reconstruct_command(
    site: Site,
    /,
    target: str,
    out: Path,
    what: str | None,
    window: tuple[float, float] | None,
    preset: str | None,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - the options of every kind, as click gives them
) -> None:
    """Write planes, projections, curves and surfaces of the volume of TARGET as files.

    TARGET is a folder, an enhanced file, or a UID: of a study, its largest series. mpr cuts all planes, or
    those --from --to --every; mip, minip and mean look through the whole volume, through a --slab at a time,
    or with --rotate from all around the patient; surface writes triangles. The format is what the name of
    --out says; a folder gets a DICOM series. What is not done at the end leaves nothing.

    Example: noctis reconstruct 1.2.840.113 --kind mip --plane coronal --slab 20 --out thick/
    """
    from noctis_tui.preferences import read_preferences
    from noctis_tui.reading.reconstructing.order import Order
    from noctis_tui.reading.reconstruction_output.formats import output_format
    from noctis_tui.reading.reconstruction_output.target import Output

    is_surface = options["kind"] == "surface"
    if is_surface and window is not None:
        raise click.UsageError("--window does not go with --kind surface.")
    asked = _asked(options, preset if is_surface else None)
    output_as = output_format(out, what, surface=is_surface)
    most_bytes = read_preferences(site.config).volume_memory_mib << 20
    with _interruption_said(), _found(site, target, f"{asked.kind} as {output_as}") as found:
        chosen = _window(site, found.files, window, None if is_surface else preset)
        order = Order(found.files, asked, Output(out.absolute(), output_as, chosen, most_bytes))
        outcome = _done(found, order)
    _tell(outcome, as_json=as_json)


def _asked(options: dict[str, Any], surface_preset: str | None) -> Reconstruction:
    """Return the request; options that contradict each other are wrong usage."""
    from noctis_tui.commands.reconstruct_options import check
    from noctis_tui.reading.reconstructing.request import CurveView, Kind, Reconstruction, SlabProjection

    kind, points = Kind(options.pop("kind")), options.pop("points")
    check(kind, points, options | {"preset": surface_preset})
    plane, normal = options.pop("plane"), options["normal"]
    oblique = plane == OBLIQUE or (plane is None and normal is not None)
    said = {name: value for name, value in options.items() if value is not None}
    if "curve_view" in said:
        said["curve_view"] = CurveView(said["curve_view"])
    if "slab_projection" in said:
        said["slab_projection"] = SlabProjection(said["slab_projection"])
    if points is not None:
        from noctis_tui.reading.reconstructing.points_file import read_points

        said["points_mm"] = read_points(points)
    if kind in {Kind.CURVED, Kind.SURFACE}:
        return Reconstruction(kind, preset=surface_preset, **said)
    return Reconstruction(kind, plane=None if oblique else plane or "axial", **said)


def _window(
    site: Site, files: tuple[Path, ...], window: tuple[float, float] | None, preset: str | None
) -> Window | None:
    if window is None and preset is None:
        return None
    from noctis_tui.commands.picture_target import view_of
    from noctis_tui.reading.frame_reading import read_frame

    return view_of(window, preset, site.config, read_frame(files[len(files) // 2], 0)).window


def _done(found: _Found, order: Order) -> Outcome:
    from archive.commands.progress_bar import progress_bar
    from noctis_tui.reading.reconstructing.job import new_job, run_job

    def tell(sentence: str, /) -> None:
        click.echo(f"noctis: {visible(sentence, 1000)}", err=True)

    with _stopped_by_signals() as token, progress_bar(percent=True) as listener:
        job = new_job(order, found.subject)
        return run_job(found.archive, job, order, listener=listener, token=token, tell=tell)


@contextmanager
def _stopped_by_signals() -> Iterator[CancelToken]:
    """Give a token that Ctrl+C, and noctis jobs cancel, set."""
    from archive.progress import CancelToken

    token = CancelToken()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: token.cancel()) for number in numbers]
    try:
        yield token
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def _interruption_said() -> Iterator[None]:
    """Say so, too, when Ctrl+C comes before there is a job, or after it."""
    from archive.errors import Interrupted

    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted("It was stopped.") from None


def _tell(outcome: Outcome, *, as_json: bool) -> None:
    from archive.errors import Interrupted, NoctisError
    from archive.job import State

    if outcome.state is State.CANCELLED:
        raise Interrupted("It was stopped; nothing was written.")
    if outcome.state is not State.DONE:
        error = NoctisError(outcome.error)
        error.exit_code = outcome.exit_code  # type: ignore[misc]  # of this error alone: what the work ended with
        raise error
    if as_json:
        click.echo(json.dumps({"outputs": [str(path) for path in outcome.outputs]}))
        return
    out = outcome.outputs[0]
    files = len(outcome.outputs) if out.is_file() else sum(path.is_file() for path in out.iterdir())
    click.echo(f"{files} {'file' if files == 1 else 'files'} in {visible(str(out), 200)}")


@contextmanager
def _found(site: Site, target: str, said: str) -> Iterator[_Found]:
    """Give the files of the series, and its archive while that is open; what goes out is audited."""
    from noctis_tui.commands.target_frames import exists, frames_of_target
    from noctis_tui.reading.reconstructing.subject import Subject, subject_and_files

    if exists(Path(target)):
        stack = frames_of_target(target, site.archive, largest=True)
        yield _Found(
            None, tuple(dict.fromkeys(each.path for each in stack.frames)), Subject(Path(target).name)
        )
        return
    from archive.audit.access import record_export
    from archive.reindexing import open_archive
    from noctis_tui.commands.target_frames import require_archive

    require_archive(site.archive, target)
    with open_archive(site.archive) as archive:
        subject, files = subject_and_files(archive.index, target)
        record_export(archive, subject.study_instance_uid, len(files), said)
        yield _Found(archive, files, subject)
