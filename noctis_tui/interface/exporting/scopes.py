"""What can be exported from where a person is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from noctis_tui.reading.export.request import SeriesFrames
from noctis_tui.reading.export.target import ExportFile, ExportTarget, series_file, target_of_row
from noctis_tui.reading.stack import Stack
from noctis_tui.reading.viewport import ViewState

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.index.database import Index
    from archive.index.worklist import SeriesRow, StudyRow
    from noctis_tui.reading.stack import FrameRef


@dataclass(frozen=True, slots=True)
class Scope:
    """One thing that can be exported.

    Attributes
    ----------
    name
        As the dialog names it: "this image", "this series", "this study".
    study_instance_uid
        The study that it is of.
    find
        Reads what belongs to it from the index; not for the event loop.
    view
        How pictures of it are windowed.
    """

    name: str
    study_instance_uid: str
    find: Callable[[Index], ExportTarget]
    view: ViewState = field(default_factory=ViewState)


def scope_of_study(study: StudyRow) -> Scope:
    """Return everything of a study."""
    return Scope("this study", study.study_instance_uid, lambda index: target_of_row(index, study))


def scope_of_series(study: StudyRow, series: SeriesRow, view: ViewState | None = None) -> Scope:
    """Return one series, through the window of a view."""
    uid = study.study_instance_uid
    return Scope("this series", uid, lambda index: target_of_row(index, series, uid), view or ViewState())


def scope_of_frame(study: StudyRow, frame: FrameRef, view: ViewState) -> Scope:
    """Return one image, through the window of a view."""
    files = (ExportFile(frame.path, series_file(1)),)
    uid = study.study_instance_uid
    target = ExportTarget(files, (SeriesFrames("image", Stack((frame,))),), uid)
    return Scope("this image", uid, lambda _: target, view)
