"""What readers drew, for what leaves: burned into pictures, or as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.annotation_rows import annotations_of
from noctis_tui.reading.annotating import Editing
from noctis_tui.reading.annotation_marks import AnnotationMarks
from noctis_tui.reading.measurement_cache import MeasurementCache
from noctis_tui.reading.measurement_table import csv_of, row_of
from noctis_tui.reading.stored_measurements import stored_measurements
from noctis_tui.reading.viewport import ViewState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.index.database import Index
    from noctis_tui.reading.export.target import ExportTarget
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.stack import FrameRef


def marks_kept(index: Index, study_instance_uid: str) -> Callable[[LoadedFrame, FrameRef], Sequence[Mark]]:
    """Return who draws a study's annotations, in layers that are visible, over its frames."""
    source = AnnotationMarks(MeasurementCache())
    source.studies = (Editing(annotations_of(index, study_instance_uid)),)
    view = ViewState()
    return lambda frame, ref: source.marks(frame, ref, view)


def table_kept(index: Index, target: ExportTarget, view: ViewState | None = None) -> str:
    """Return the annotations on the frames of a target as CSV; reads their pixels.

    PET stands in SUV beside the file's unit: in the view's, else by body weight as pictures tell it at first.
    """
    suv_type = (view or ViewState()).suv_type
    found = stored_measurements(index, target.study_instance_uid, suv_type)
    return csv_of(row_of(each) for each in found if target.holds(each.annotation.frame))
