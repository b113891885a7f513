"""Display shutters: parts of a picture that are hidden (PS3.3 C.7.6.11; by a bitmap, C.7.6.15)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from archive.dicom import keywords as kw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet

VERTICES_LIMIT = 1024
_FARTHEST = 1 << 15


@dataclass(frozen=True, slots=True)
class Shutter:
    """What stays visible; coordinates are rows and columns of the image, the first of each 0.

    With several shapes only what lies within all of them stays visible.
    """

    rectangle: tuple[int, int, int, int] | None = None
    """First row, first column, last row, last column."""
    circle: tuple[float, float, float] | None = None
    """Row and column of the centre, radius in columns."""
    polygon: tuple[tuple[float, float], ...] = ()
    """(row, column) of the vertices; closed by itself."""
    overlay_group: int | None = None
    """The overlay plane whose bits hide (a bitmap shutter)."""
    presentation_value: int = 0
    """What stands in place of what is hidden: a P-Value, 0 black to 65535 white."""

    @property
    def display_value(self) -> int:
        """The presentation value as a display value, 0 to 255."""
        return self.presentation_value >> 8

    def visible(
        self,
        shape: tuple[int, int],
        pixel_aspect_ratio: tuple[float, float] = (1.0, 1.0),
        bitmap: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.bool_]:
        """Return what stays visible.

        Parameters
        ----------
        shape
            Rows and columns of the image.
        pixel_aspect_ratio
            Height : width of a pixel; a circle is one in the patient, not in the matrix.
        bitmap
            The overlay plane [rows, columns] of a bitmap shutter.

        Returns
        -------
        NDArray[np.bool_]
            [rows, columns], false where the shutter hides.
        """
        shown = np.ones(shape, np.bool_)
        if self.rectangle is not None:
            top, left, bottom, right = self.rectangle
            shown[: max(top, 0)] = shown[max(bottom + 1, 0) :] = False
            shown[:, : max(left, 0)] = shown[:, max(right + 1, 0) :] = False
        if self.circle is not None:
            shown &= _disc(shape, self.circle, pixel_aspect_ratio[0] / pixel_aspect_ratio[1])
        if self.polygon:
            shown &= _filled(shape, self.polygon)
        if bitmap is not None and bitmap.shape == shape:
            shown &= ~bitmap
        return shown


def _disc(
    shape: tuple[int, int], circle: tuple[float, float, float], rows_per_column: float
) -> NDArray[np.bool_]:
    row, column, radius = circle
    down = (np.arange(shape[0]) - row) * rows_per_column
    across = np.arange(shape[1]) - column
    inside: NDArray[np.bool_] = down[:, None] ** 2 + across[None, :] ** 2 <= radius**2
    return inside


def _filled(shape: tuple[int, int], polygon: tuple[tuple[float, float], ...]) -> NDArray[np.bool_]:
    from PIL import Image, ImageDraw  # noqa: PLC0415 - few shutters are polygons

    canvas = Image.new("L", (shape[1], shape[0]))
    ImageDraw.Draw(canvas).polygon([(column, row) for row, column in polygon], fill=1, outline=1)
    return np.asarray(canvas).astype(np.bool_)


def read_shutter(ds: DataSet, frame_shutter: DataSet | None = None) -> Shutter | None:
    """Return the shutter of a frame: its functional group's, else the data set's; None when there is none.

    A shape that is named without its numbers hides nothing.
    """
    place = ds if frame_shutter is None else frame_shutter
    shapes = set(place.texts(kw.SHUTTER_SHAPE))
    shutter = Shutter(
        rectangle=_rectangle(place) if "RECTANGULAR" in shapes else None,
        circle=_circle(place) if "CIRCULAR" in shapes else None,
        polygon=_polygon(place) if "POLYGONAL" in shapes else (),
        overlay_group=place.integer(kw.SHUTTER_OVERLAY_GROUP, 0) if "BITMAP" in shapes else None,
        presentation_value=place.integer(kw.SHUTTER_PRESENTATION_VALUE, 0) & 0xFFFF,
    )
    return shutter if shutter != Shutter(presentation_value=shutter.presentation_value) else None


def _rectangle(place: DataSet) -> tuple[int, int, int, int] | None:
    tags = (
        kw.SHUTTER_UPPER_HORIZONTAL_EDGE,
        kw.SHUTTER_LEFT_VERTICAL_EDGE,
        kw.SHUTTER_LOWER_HORIZONTAL_EDGE,
        kw.SHUTTER_RIGHT_VERTICAL_EDGE,
    )
    if any(place.vector(tag, 1) is None for tag in tags):
        return None
    top, left, bottom, right = (_near(place.integer(tag, 0, b"IS")) - 1 for tag in tags)
    return (int(top), int(left), int(bottom), int(right)) if top <= bottom and left <= right else None


def _circle(place: DataSet) -> tuple[float, float, float] | None:
    center = place.vector(kw.CENTER_OF_CIRCULAR_SHUTTER, 2)
    radius = place.vector(kw.RADIUS_OF_CIRCULAR_SHUTTER, 1)
    if center is None or radius is None or radius[0] <= 0:
        return None
    return _near(center[0]) - 1, _near(center[1]) - 1, _near(radius[0])


def _polygon(place: DataSet) -> tuple[tuple[float, float], ...]:
    values = place.numbers(kw.VERTICES_OF_THE_POLYGONAL_SHUTTER)[: 2 * VERTICES_LIMIT]
    if not all(map(math.isfinite, values)):
        return ()
    pairs = zip(values[::2], values[1::2], strict=False)
    vertices = tuple((_near(row) - 1, _near(column) - 1) for row, column in pairs)
    return vertices if len(vertices) >= 3 else ()


def _near(value: float) -> float:
    """Bring what lies far beside any image nearer: it hides the same, and drawing it stays cheap."""
    return min(max(value, -_FARTHEST), _FARTHEST)
