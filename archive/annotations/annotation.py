"""One annotation: a shape on one frame, and who drew it when, in which layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from archive.annotations.space_curve import SpaceCurve

Point: TypeAlias = tuple[float, float]
"""(column, row) of an image, the centre of the first pixel at (0, 0)."""


class Kind(StrEnum):
    """What a shape is, and how its points are read."""

    LENGTH = "length"
    """Two ends."""
    POLYLINE = "polyline"
    """Two points or more."""
    ANGLE = "angle"
    """One end, the vertex, the other end."""
    COBB = "cobb"
    """The ends of one line, the ends of the other: four points."""
    ELLIPSE = "ellipse"
    """Two opposite corners of the box around it, whose sides run along rows and columns."""
    RECTANGLE = "rectangle"
    """Two opposite corners; sides along rows and columns."""
    POLYGON = "polygon"
    """Three points or more, closed."""
    FREEHAND = "freehand"
    """A polygon of many points, drawn in one go."""
    PROBE = "probe"
    """One point."""
    TEXT = "text"
    """One point, where the words stand."""
    ARROW = "arrow"
    """The tip, then the tail."""


MAXIMUM_POINTS = 4096
"""How many points a shape may have."""

_POINTS: Final[dict[Kind, tuple[int, int]]] = {
    Kind.LENGTH: (2, 2),
    Kind.POLYLINE: (2, MAXIMUM_POINTS),
    Kind.ANGLE: (3, 3),
    Kind.COBB: (4, 4),
    Kind.ELLIPSE: (2, 2),
    Kind.RECTANGLE: (2, 2),
    Kind.POLYGON: (3, MAXIMUM_POINTS),
    Kind.FREEHAND: (3, MAXIMUM_POINTS),
    Kind.PROBE: (1, 1),
    Kind.TEXT: (1, 1),
    Kind.ARROW: (2, 2),
}


def point_range(kind: Kind) -> tuple[int, int]:
    """Return the least and the most points that a shape of this kind has."""
    return _POINTS[kind]


@dataclass(frozen=True, slots=True)
class FrameKey:
    """Which frame of which instance; `frame_number` counts from 1, as the standard does."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    frame_number: int = 1


@dataclass(frozen=True, slots=True)
class Annotation:
    """A shape that a reader left on a frame.

    Attributes
    ----------
    uid
        Its own public identity, a UUID; DICOM objects carry it as a 2.25 UID.
    frame
        Where it lies.
    kind, points
        What it is, in image points.
    text
        Words beside it: the text of a TEXT or an ARROW, a comment on anything else.
    layer
        Name of the layer that it belongs to.
    author
        Who drew it, as the person is known to the system.
    created_at, modified_at
        Unix seconds.
    """

    uid: str
    frame: FrameKey
    kind: Kind
    points: tuple[Point, ...]
    text: str = ""
    layer: str = "Measurements"
    author: str = ""
    created_at: float = 0.0
    modified_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Layer:
    """Annotations that are shown, hidden and coloured together; a study has its own."""

    name: str
    color_index: int = 3
    """Index into the overlay colours of pictures, from 1."""
    dashed: bool = False
    visible: bool = True


@dataclass(frozen=True, slots=True)
class KeyImage:
    """A frame that a reader marked as worth showing."""

    frame: FrameKey
    author: str = ""
    created_at: float = 0.0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Annotations:
    """Everything that is kept about a study."""

    annotations: tuple[Annotation, ...] = ()
    layers: tuple[Layer, ...] = field(default=(Layer("Measurements"),))
    key_images: tuple[KeyImage, ...] = ()
    curves: tuple[SpaceCurve, ...] = ()
