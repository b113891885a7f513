"""Marks on a picture: strokes and handles into the overlay, washes into the pixels, notes as labels."""

from __future__ import annotations

from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from noctis_tui.graphics.picture import OUTLINE_INDEX, Label, Picture
from noctis_tui.reading.heading_places import placed_headings
from noctis_tui.reading.marks import Handle, Heading, Note, Stroke, Wash
from noctis_tui.reading.note_places import spread
from noctis_tui.reading.resampling import resample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from noctis_tui.reading.marks import Mark, Point
    from noctis_tui.reading.placement import Placement

_THIN_SHARE = 0.07
"""The thinnest line, of a line of text's height."""
_HANDLE_SHARE = 0.22
_DASH_SHARE = 0.4
_FARTHEST_PX = 1 << 14
"""Points beyond are brought nearer: Pillow draws every pixel of a line, also outside."""


def draw_marks(picture: Picture, marks: Sequence[Mark], placement: Placement, line_px: int) -> Picture:
    """Return the picture with marks on it.

    Parameters
    ----------
    picture
        The pane; its own overlay stays above the marks.
    marks
        What to draw, the lowest first.
    placement
        Where the image lies in the pane.
    line_px
        Height of a line of text, from which lines and handles take their sizes.
    """
    if not marks:
        return picture
    pixels = _washed(picture.pixels, [mark for mark in marks if isinstance(mark, Wash)], placement)
    colored = [mark for mark in marks if isinstance(mark, Stroke) and mark.rgb is not None]
    pixels = _colored(pixels, colored, placement, line_px) if colored else pixels
    lines = [mark for mark in marks if isinstance(mark, Handle | Stroke) and mark not in colored]
    overlay = _drawn(lines, picture, placement, line_px)
    notes = (mark for mark in marks if isinstance(mark, Note))
    labels = spread([_label(note, placement, line_px) for note in notes], line_px)
    headings = [mark for mark in marks if isinstance(mark, Heading)]
    above = placed_headings(headings, picture.labels, picture.size_px, line_px)
    native = picture.native if pixels is picture.pixels else None
    return Picture(pixels, overlay, (*picture.labels, *labels, *above), native)


def _washed(pixels: NDArray[np.uint8], washes: Iterable[Wash], placement: Placement) -> NDArray[np.uint8]:
    for wash in washes:
        height_px, width_px = pixels.shape[:2]
        laid = resample(
            wash.rgba, lambda part: part.astype(np.uint8, copy=False), placement, width_px, height_px
        )
        pixels = _blended(pixels, laid)
    return pixels


def _colored(
    pixels: NDArray[np.uint8], strokes: Sequence[Stroke], placement: Placement, line_px: int
) -> NDArray[np.uint8]:
    """Draw lines that bring their own colours into the pixels."""
    height_px, width_px = pixels.shape[:2]
    canvas = Image.new("RGBA", (width_px, height_px))
    pen = ImageDraw.Draw(canvas)
    thin = max(round(line_px * _THIN_SHARE), 1)
    for stroke in strokes:
        points = [_screen_point(point, placement) for point in stroke.points]
        red, green, blue = stroke.rgb or (255, 255, 255)
        if stroke.filled and len(points) > 2:
            pen.polygon(points, (red, green, blue, round(255 * stroke.filled)))
        _draw_stroke(pen, stroke, placement, line_px, round(stroke.width * thin), (red, green, blue, 255))
    return _blended(pixels, np.asarray(canvas))


def _blended(pixels: NDArray[np.uint8], rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if not rgba[..., 3].any():
        return pixels
    below = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    over = Image.fromarray(rgba, "RGBA")
    base = Image.fromarray(np.ascontiguousarray(below)).convert("RGBA")
    return np.asarray(Image.alpha_composite(base, over).convert("RGB"))


def _drawn(
    marks: Sequence[Stroke | Handle], picture: Picture, placement: Placement, line_px: int
) -> NDArray[np.uint8] | None:
    if not marks:
        return picture.overlay
    canvas = Image.new("L", picture.size_px)
    pen = ImageDraw.Draw(canvas)
    thin = max(round(line_px * _THIN_SHARE), 1)
    for grown in (2, 0):  # the outlines of all lie below the colours of all
        for mark in marks:
            color = OUTLINE_INDEX if grown else mark.color_index
            if isinstance(mark, Handle):
                _draw_handle(pen, mark, placement, line_px, thin, color, grown // 2)
            else:
                _draw_stroke(pen, mark, placement, line_px, round(mark.width * thin) + grown, color)
    drawn = np.array(canvas)
    if picture.overlay is not None:
        np.copyto(drawn, picture.overlay, where=picture.overlay != 0)
    return drawn


def _draw_stroke(
    pen: ImageDraw.ImageDraw,
    stroke: Stroke,
    placement: Placement,
    line_px: int,
    width_px: int,
    color: int | tuple[int, int, int, int],
) -> None:
    points = [_screen_point(point, placement) for point in stroke.points]
    if stroke.closed and points:
        points.append(points[0])
    if stroke.dashed:
        for a, b in _dashes(points, max(line_px * _DASH_SHARE, 3)):
            pen.line([a, b], color, width_px)
    elif len(points) > 1:
        pen.line(points, color, width_px, joint="curve" if width_px > 2 else None)
    elif points:
        pen.point(points, color)


def _dashes(points: Sequence[Point], dash_px: float) -> Iterator[tuple[Point, Point]]:
    drawn = 0.0
    for a, b in pairwise(points):
        length = hypot(b[0] - a[0], b[1] - a[1])
        at = 0.0
        while at < length:
            left = dash_px - drawn % dash_px
            end = min(at + left, length)
            if int(drawn / dash_px) % 2 == 0:
                yield _along(a, b, at / length), _along(a, b, end / length)
            drawn += end - at + 1e-9
            at = end + 1e-9


def _along(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _draw_handle(
    pen: ImageDraw.ImageDraw,
    handle: Handle,
    placement: Placement,
    line_px: int,
    thin: int,
    color: int,
    grown: int,
) -> None:
    x, y = (int(value) for value in _screen_point(handle.point, placement))
    half = max(round(line_px * _HANDLE_SHARE), 2) + grown
    box = (x - half, y - half, x + half, y + half)
    if handle.active:
        pen.rectangle(box, fill=color)
    else:
        pen.rectangle(box, outline=color, width=thin + 2 * grown)


def _label(note: Note, placement: Placement, line_px: int) -> Label:
    x, y = _screen_point(note.point, placement)
    return Label(note.text, "top-left", note.color_index, (round(x) + line_px // 2, round(y) + line_px // 4))


def _screen_point(point: Point, placement: Placement) -> Point:
    x, y = placement.screen_point(point[0] + 0.5, point[1] + 0.5)
    return _near(x), _near(y)


def _near(value: float) -> float:
    return min(max(value, -_FARTHEST_PX), _FARTHEST_PX)
