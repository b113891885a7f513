"""Draws annotations over their frames: lines, handles, values; and what is being drawn right now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.annotations.annotation import Annotation, FrameKey, Kind, Layer
from noctis_tui.reading.edit_history import key_of
from noctis_tui.reading.marks import Handle, Heading, Mark, Note, Point, Stroke
from noctis_tui.reading.measurement_cache import measured_now
from noctis_tui.reading.measurement_text import measurement_text, note_text
from noctis_tui.reading.shapes import handles_of, is_enough, lines_of, link_of_cobb
from noctis_tui.reading.tools import image_step
from noctis_tui.reading.viewed_measurement import as_viewed
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from noctis_tui.reading.annotating import Editing
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.measurement_cache import MeasurementCache
    from noctis_tui.reading.stack import FrameRef
    from noctis_tui.reading.viewport import ViewState

ACTIVE_INDEX = 2
WIDTH = 1.6
"""Twice the thinnest line: a slanting line of one pixel drowns in its own outline."""
KEY_IMAGE_TEXT = "★ Key image"
_HEAD_SHARE, _LONGEST_HEAD = 0.25, 12.0
_NO_LAYER = Layer("")


class AnnotationMarks:
    """The mark source of everything that readers draw.

    Attributes
    ----------
    studies
        What is drawn in the studies that are read; replaced as a whole, read by worker threads.
    """

    def __init__(self, cache: MeasurementCache) -> None:
        self.studies: tuple[Editing, ...] = ()
        self._cache = cache

    def marks(self, frame: LoadedFrame, ref: FrameRef, view: ViewState) -> tuple[Mark, ...]:
        """Return what to draw over a frame."""
        shown = _Shown(self._cache, frame, ref.frame_index + 1, view)
        return tuple(mark for editing in self.studies for mark in shown.of(editing))


class _Shown:
    """The marks of one frame in one view."""

    def __init__(
        self, cache: MeasurementCache, frame: LoadedFrame, frame_number: int, view: ViewState
    ) -> None:
        self._cache = cache
        self._frame = frame
        self._frame_number = frame_number
        self._view = view

    def of(self, editing: Editing) -> Iterator[Mark]:
        hidden = self._view.overlay is OverlayLevel.NONE
        layers = editing.layers
        for annotation in editing.kept.annotations:
            selected = annotation.uid == editing.selected
            layer = layers.get(annotation.layer, _NO_LAYER)
            if self._is_here(annotation.frame) and (selected or (layer.visible and not hidden)):
                yield from self._annotation(annotation, layer, editing, selected=selected)
        yield from self._drawing(editing)
        for mark in () if hidden else editing.kept.key_images:
            if self._is_here(mark.frame):
                unsaved = "  unsaved" if key_of(mark) in editing.refused else ""
                yield Heading(KEY_IMAGE_TEXT + unsaved, ACTIVE_INDEX)

    def _is_here(self, key: FrameKey | None) -> bool:
        return (
            key is not None
            and key.sop_instance_uid == self._frame.image.sop_instance_uid
            and key.frame_number == self._frame_number
        )

    def _annotation(
        self, annotation: Annotation, layer: Layer, editing: Editing, *, selected: bool
    ) -> Iterator[Mark]:
        kind, points = annotation.kind, annotation.points
        color = ACTIVE_INDEX if selected else layer.color_index
        unsaved = key_of(annotation) in editing.refused
        yield from _strokes(
            kind, points, color, dashed=layer.dashed, width=WIDTH * 1.5 if selected else WIDTH
        )
        if selected or kind is Kind.PROBE:
            active = editing.handle if selected else -1
            yield from _handles(kind, points, color, active)
        measured = as_viewed(self._cache.measured(kind, points, self._frame), self._frame, self._view)
        text = note_text(annotation, measured, unsaved=unsaved)
        if text:
            yield Note(text, self._beside(kind, points), color)

    def _drawing(self, editing: Editing) -> Iterator[Mark]:
        kind = editing.tool
        if editing.worded is not None and self._is_here(editing.worded.frame):
            yield from _strokes(editing.worded.kind, editing.worded.points, ACTIVE_INDEX)
            yield from (Handle(point, ACTIVE_INDEX) for point in editing.worded.points)
        if kind is None or not editing.points or not self._is_here(editing.frame):
            return
        points = editing.drawn
        yield from _strokes(kind, points, ACTIVE_INDEX, closing=False)
        if kind is not Kind.FREEHAND:
            yield from (Handle(point, ACTIVE_INDEX) for point in editing.points)
        measured = measured_now(kind, points, self._frame) if is_enough(kind, len(points)) else None
        measured = as_viewed(measured, self._frame, self._view)
        if measured is not None:
            yield Note(measurement_text(measured), self._beside(kind, points), ACTIVE_INDEX)

    def _beside(self, kind: Kind, points: Sequence[Point]) -> Point:
        """Return where the words stand: where a shape reaches furthest to the right on the screen."""
        if kind is Kind.ANGLE and len(points) > 1:
            return points[1]
        if kind is Kind.COBB:
            return link_of_cobb(points)[1] if len(points) > 3 else points[-1]
        if kind is Kind.ARROW:
            return points[-1]
        across, down = image_step(self._view, 1, 0)
        outline = [point for line, _ in lines_of(kind, points) for point in line] or list(points)
        return max(outline, key=lambda point: point[0] * across + point[1] * down)


def _strokes(
    kind: Kind,
    points: Sequence[Point],
    color: int,
    *,
    dashed: bool = False,
    width: float = WIDTH,
    closing: bool = True,
) -> Iterator[Mark]:
    for line, closed in lines_of(kind, points):
        box = kind in {Kind.ELLIPSE, Kind.RECTANGLE}
        yield Stroke(line, color, closed=closed and (closing or box), dashed=dashed, width=width)
    if kind is Kind.COBB and len(points) > 3:
        yield Stroke(link_of_cobb(points), color, dashed=True)
    if kind is Kind.ARROW and len(points) > 1:
        yield Stroke(_arrow_head(points[0], points[1]), color, width=width)


def _handles(kind: Kind, points: Sequence[Point], color: int, active: int | None) -> Iterator[Mark]:
    for place, point in enumerate(handles_of(kind, points)):
        yield Handle(point, color, active=active is None or place == active)


def _arrow_head(tip: Point, tail: Point) -> tuple[Point, ...]:
    across, down = tail[0] - tip[0], tail[1] - tip[1]
    length = (across * across + down * down) ** 0.5
    if not length:
        return (tip,)
    share = min(_HEAD_SHARE, _LONGEST_HEAD / length)
    along = tip[0] + across * share, tip[1] + down * share
    half = share / 2
    return (
        (along[0] - down * half, along[1] + across * half),
        tip,
        (along[0] + down * half, along[1] - across * half),
    )
