"""Graphics and texts of presentation states as marks (PS3.3 C.10.5, C.10.7)."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, isfinite, pi, sin
from typing import TYPE_CHECKING

from noctis_tui.graphics.picture import nearest_index
from noctis_tui.reading.derived.cielab import rgb_of
from noctis_tui.reading.marks import Note, Stroke

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from archive.dicom.data_set import DataSet
    from noctis_tui.reading.derived.cielab import Rgb
    from noctis_tui.reading.derived.opening import Words
    from noctis_tui.reading.marks import Mark, Point

ANNOTATIONS_LIMIT = 512
OBJECTS_LIMIT = 2_000
POINTS_LIMIT = 2_000
DRAWN_LIMIT = 5_000
"""Graphics and texts of all annotations together; more are left out."""
DRAWN_POINTS_LIMIT = 200_000
DEFAULT_RGB: Rgb = (64, 200, 255)
_FARTHEST = 1e6
_ROUND_PARTS = 72
_SPLINE_PARTS = 8
_CROSS_PX = 3.0
_TEXT_CHARACTERS, _TEXT_LINES = 400, 12

_ANNOTATIONS, _LAYER, _TEXTS, _GRAPHICS = 0x00700001, 0x00700002, 0x00700008, 0x00700009
_BOX_UNITS, _ANCHOR_UNITS, _GRAPHIC_UNITS = 0x00700003, 0x00700004, 0x00700005
_TEXT_VALUE, _BOX_TOP_LEFT, _BOX_BOTTOM_RIGHT = 0x00700006, 0x00700010, 0x00700011
_ANCHOR, _ANCHOR_VISIBLE = 0x00700014, 0x00700015
_GRAPHIC_DATA, _GRAPHIC_TYPE, _GRAPHIC_FILLED = 0x00700022, 0x00700023, 0x00700024
_LAYERS, _LAYER_ORDER, _LAYER_GRAY, _LAYER_CIELAB = 0x00700060, 0x00700062, 0x00700066, 0x00700401

References = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class _Placed:
    """Points, in image pixels or in fractions of the displayed area."""

    points: tuple[Point, ...]
    in_pixels: bool


@dataclass(frozen=True, slots=True)
class _Graphic:
    kind: str
    placed: _Placed
    filled: bool


@dataclass(frozen=True, slots=True)
class _Words:
    text: str
    place: _Placed
    anchor: _Placed | None


@dataclass(frozen=True, slots=True)
class _Annotation:
    references: References
    rgb: Rgb
    graphics: tuple[_Graphic, ...]
    texts: tuple[_Words, ...]


@dataclass(frozen=True, slots=True)
class Annotations:
    """Everything that is drawn, in the order of its layers."""

    annotations: tuple[_Annotation, ...] = ()

    def marks_on(self, about: References, corners: tuple[Point, Point, Point]) -> tuple[Mark, ...]:
        """Return the marks of an image.

        Parameters
        ----------
        about
            What names the image.
        corners
            Where the top left, the top right and the bottom left of the displayed area lie in the image.
        """
        return tuple(
            mark
            for annotation in self.annotations
            if not annotation.references or annotation.references & about
            for mark in _marks(annotation, corners)
        )


def read_annotations(
    ds: DataSet, words: Words, images_of: Callable[[DataSet], Iterator[tuple[str, int]]]
) -> Annotations:
    """Read the annotations of a state; `images_of` reads which images an item names."""
    layers = {
        words.text(layer, _LAYER): (layer.integer(_LAYER_ORDER, 0, b"IS"), _color(layer))
        for layer in ds.items(_LAYERS, ANNOTATIONS_LIMIT)
    }
    found, room = [], _Room()
    for item in ds.items(_ANNOTATIONS, ANNOTATIONS_LIMIT):
        order, rgb = layers.get(words.text(item, _LAYER), (0, DEFAULT_RGB))
        graphics = tuple(
            graphic
            for place in room.items(item, _GRAPHICS)
            if (graphic := _graphic(place)) is not None and room.takes(graphic.placed)
        )
        texts = tuple(
            text
            for place in room.items(item, _TEXTS)
            if (text := _text(place, words)) is not None and room.takes(text.place)
        )
        found.append((order, _Annotation(frozenset(images_of(item)), rgb, graphics, texts)))
    return Annotations(tuple(annotation for _, annotation in sorted(found, key=lambda pair: pair[0])))


class _Room:
    """How much all annotations together may still draw."""

    def __init__(self) -> None:
        self._drawn, self._points = DRAWN_LIMIT, DRAWN_POINTS_LIMIT

    def items(self, annotation: DataSet, tag: int) -> Iterator[DataSet]:
        """Yield the items of a sequence one by one, as long as there is room."""
        for span in annotation.item_spans(tag)[:OBJECTS_LIMIT]:
            if self._drawn <= 0 or self._points <= 0:
                return
            yield annotation.item_at(tag, span)

    def takes(self, placed: _Placed) -> bool:
        """Take the room that something needs; False when there is too little."""
        self._drawn -= 1
        self._points -= len(placed.points)
        return self._points >= 0


def _color(layer: DataSet) -> Rgb:
    color = rgb_of(layer.numbers(_LAYER_CIELAB, b"US"))
    grey = layer.integer(_LAYER_GRAY, -1)
    if color is None and grey >= 0:
        level = min(grey >> 8, 255)
        color = level, level, level
    # What nobody could see on black is no recommendation.
    return color if color is not None and max(color) >= 48 else DEFAULT_RGB


def _graphic(item: DataSet) -> _Graphic | None:
    placed = _placed(item, _GRAPHIC_DATA, item.text(_GRAPHIC_UNITS))
    if placed is None:
        return None
    return _Graphic(item.text(_GRAPHIC_TYPE).upper(), placed, item.text(_GRAPHIC_FILLED).upper() == "Y")


def _text(item: DataSet, words: Words) -> _Words | None:
    lines = words.whole(item, _TEXT_VALUE, _TEXT_CHARACTERS).split("\n")[:_TEXT_LINES]
    text = "\n".join(line.strip() for line in lines).strip("\n")
    box = _placed(item, _BOX_TOP_LEFT, item.text(_BOX_UNITS))
    anchor = _placed(item, _ANCHOR, item.text(_ANCHOR_UNITS))
    place = box or anchor
    if not text or place is None:
        return None
    pointed = box is not None and item.text(_ANCHOR_VISIBLE).upper() == "Y"
    return _Words(text, place, anchor if pointed else None)


def _placed(item: DataSet, tag: int, units: str) -> _Placed | None:
    values = item.numbers(tag, b"FL")[: 2 * POINTS_LIMIT]
    if len(values) < 2 or not all(isfinite(value) and abs(value) < _FARTHEST for value in values):
        return None
    points = tuple(zip(values[::2], values[1::2], strict=False))
    return _Placed(points, units.upper() != "DISPLAY")


def _marks(annotation: _Annotation, corners: tuple[Point, Point, Point]) -> Iterator[Mark]:
    rgb = annotation.rgb
    for graphic in annotation.graphics:
        points = _in_image(graphic.placed, corners)
        for line, closed in _lines(graphic.kind, points):
            yield Stroke(line, closed=closed, width=1.5, rgb=rgb, filled=0.3 if graphic.filled else 0.0)
    for text in annotation.texts:
        point = _in_image(text.place, corners)[0]
        if text.anchor is not None:
            yield Stroke((point, _in_image(text.anchor, corners)[0]), rgb=rgb)
        yield Note(text.text, point, nearest_index(rgb))


def _in_image(placed: _Placed, corners: tuple[Point, Point, Point]) -> tuple[Point, ...]:
    """Return image points whose first pixel's centre is (0, 0); the standard's corner of it is (0, 0)."""
    if placed.in_pixels:
        return tuple((column - 0.5, row - 0.5) for column, row in placed.points)
    (x, y), right, down = corners
    return tuple(
        (
            x + across * (right[0] - x) + along * (down[0] - x),
            y + across * (right[1] - y) + along * (down[1] - y),
        )
        for across, along in placed.points
    )


def _lines(kind: str, points: Sequence[Point]) -> Iterator[tuple[tuple[Point, ...], bool]]:
    if kind == "CIRCLE" and len(points) >= 2:
        radius = hypot(points[1][0] - points[0][0], points[1][1] - points[0][1])
        yield _ellipse(points[0], (radius, 0.0), (0.0, radius)), True
    elif kind == "ELLIPSE" and len(points) >= 4:
        a, b, c, d = points[:4]
        middle = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
        yield _ellipse(middle, _half(a, b), _half(c, d)), True
    elif kind == "POINT" or len(points) == 1:
        for x, y in points:
            yield ((x - _CROSS_PX, y), (x + _CROSS_PX, y)), False
            yield ((x, y - _CROSS_PX), (x, y + _CROSS_PX)), False
    elif kind == "INTERPOLATED" and len(points) > 2:
        yield tuple(_spline(points)), False
    else:
        yield tuple(points), False


def _half(a: Point, b: Point) -> Point:
    return (b[0] - a[0]) / 2, (b[1] - a[1]) / 2


def _ellipse(middle: Point, major: Point, minor: Point) -> tuple[Point, ...]:
    turns = (2 * pi * part / _ROUND_PARTS for part in range(_ROUND_PARTS))
    return tuple(
        (
            middle[0] + cos(turn) * major[0] + sin(turn) * minor[0],
            middle[1] + cos(turn) * major[1] + sin(turn) * minor[1],
        )
        for turn in turns
    )


def _spline(points: Sequence[Point]) -> Iterator[Point]:
    """Yield a curve through points (Catmull and Rom 1974), closed where the last is the first."""
    closed = points[0] == points[-1]
    before, after = (points[-2], points[1]) if closed else (points[0], points[-1])
    held = [before, *points, after]
    for place in range(1, len(held) - 2):
        a, b, c, d = held[place - 1 : place + 3]
        for part in range(_SPLINE_PARTS):
            t = part / _SPLINE_PARTS
            yield _between(a[0], b[0], c[0], d[0], t), _between(a[1], b[1], c[1], d[1], t)
    yield points[-1]


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
