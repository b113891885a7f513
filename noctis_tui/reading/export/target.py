"""What an export takes: the files of instances, and the frames of series, under names without patients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import BadInput
from archive.index.worklist import InstanceRow, SeriesRow, instances_of, series_of
from noctis_tui.reading.export.request import SeriesFrames
from noctis_tui.reading.stack import Stack, stack_of_instances

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.annotations.annotation import FrameKey
    from archive.index.database import Index
    from archive.index.worklist import StudyRow


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One instance: where it is, and the relative name that it gets."""

    path: Path
    name: Path


@dataclass(frozen=True, slots=True)
class ExportTarget:
    """Everything that a study, a series, an instance or a file gives."""

    files: tuple[ExportFile, ...] = ()
    series: tuple[SeriesFrames, ...] = ()
    study_instance_uid: str = ""

    def holds(self, frame: FrameKey) -> bool:
        """Tell whether a frame is part of it."""
        wanted = (frame.sop_instance_uid, frame.frame_number - 1)
        return any(wanted in series.frame_keys for series in self.series)


def target_of_row(index: Index, row: StudyRow | SeriesRow | InstanceRow, study_uid: str = "") -> ExportTarget:
    """Return what the index knows under a row; to be called off the event loop."""
    if isinstance(row, InstanceRow):
        return _target([("image", [row])], study_uid)
    if isinstance(row, SeriesRow):
        return _target([(series_name(row, 1), instances_of(index, row.id))], study_uid)
    numbered = enumerate(series_of(index, row.id), 1)
    found = [(series_name(series, place), instances_of(index, series.id)) for place, series in numbered]
    return _target(found, row.study_instance_uid)


def target_of_stack(stack: Stack) -> ExportTarget:
    """Return what the frames of files outside an archive give."""
    paths = dict.fromkeys(frame.path for frame in stack.frames)
    files = tuple(ExportFile(path, series_file(place)) for place, path in enumerate(paths, 1))
    return ExportTarget(files, (SeriesFrames("images", stack),) if len(stack) else ())


def only_frame(target: ExportTarget, number: int) -> ExportTarget:
    """Return a target with one frame, counted from 1 through all of its series.

    Raises
    ------
    BadInput
        There is no such frame.
    """
    frames = [(series, frame) for series in target.series for frame in series.stack.frames]
    if number > len(frames):
        raise BadInput(f"There is no frame {number}: {len(frames)} is the last.")
    series, frame = frames[number - 1]
    files = tuple(file for file in target.files if file.path == frame.path)
    return replace(target, files=files, series=(SeriesFrames(series.name, Stack((frame,))),))


def series_name(series: SeriesRow, place: int) -> str:
    """Return a folder's name for a series, such as 003_CT: its place in the study, and its modality."""
    letters = "".join(letter for letter in series.modality if letter.isascii() and letter.isalnum())
    return f"{place:03}_{letters[:8] or 'OT'}"


def _target(found: Sequence[tuple[str, Sequence[InstanceRow]]], study_uid: str) -> ExportTarget:
    several = len(found) > 1
    files = tuple(file for name, rows in found for file in _files(rows, Path(name) if several else Path()))
    stacks = ((name, stack_of_instances([row for row in rows if row.rows])) for name, rows in found)
    series = tuple(SeriesFrames(name, stack) for name, stack in stacks if len(stack))
    return ExportTarget(files, series, study_uid)


def series_file(place: int) -> Path:
    """Return the name of the file at a place, from 1, of its series."""
    return Path(f"{place:05}.dcm")


def _files(rows: Iterable[InstanceRow], folder: Path) -> Iterable[ExportFile]:
    for place, row in enumerate(rows, 1):
        yield ExportFile(row.path, folder / series_file(place))
