"""Whole slides: an overview put together from tiles (PS3.3 C.8.12.4, C.8.12.14, C.7.6.17.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from archive.dicom import keywords as kw
from archive.errors import BadInput, CannotDecode

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet
    from archive.pixels.attributes import FrameAttributes
    from archive.pixels.frames import ImageFile

OVERVIEW_SIDE = 2048
"""The longest side of an overview in pixels; a larger slide is reduced."""
TILES_LIMIT = 4096
"""A slide of more tiles has smaller pictures of itself in its series; decoding all would take minutes."""
_GROUPS = frozenset((0x0020, 0x0048))
_GLASS, _DARK = 255, 0


@dataclass(frozen=True, slots=True)
class SlideMatrix:
    """The total pixel matrix and how it is cut: with `full` (TILED_FULL) tiles do not say where they lie."""

    rows: int
    columns: int
    full: bool


class SlideOverview:
    """One picture of the whole slide; the tiles are the file's own frames."""

    count = 1

    def __init__(self, image: ImageFile, matrix: SlideMatrix) -> None:
        self._image = image
        self.matrix = matrix
        self.reduction = max(-(-max(matrix.rows, matrix.columns) // OVERVIEW_SIDE), 1)
        """How many pixels of the slide make one of the overview, along each side."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the overview."""
        return -(-self.matrix.rows // self.reduction), -(-self.matrix.columns // self.reduction)

    def stored_values(self, number: int = 0) -> NDArray[Any]:
        """Return the overview, [rows, columns] or RGB, at most `OVERVIEW_SIDE` long.

        Tiles of the first focal plane and optical path; where there are none it is glass.

        Raises
        ------
        BadInput
            When `number` is not 0.
        CannotDecode
            When there are too many tiles, or one of them cannot be decoded.
        """
        self._check(number)
        places = self._places()
        if len(places) > TILES_LIMIT:
            raise CannotDecode(
                f"The slide has {len(places)} tiles, too many for an overview; a smaller picture of it, or a "
                f"tile, can be shown."
            )
        canvas: NDArray[Any] | None = None
        for frame_index, row, column in places:
            tile = self._image.stored_values(frame_index)
            if canvas is None:
                canvas = self._canvas(tile)
            self._lay(canvas, tile, row, column)
        if canvas is None:
            raise CannotDecode("No tile of the slide says where it lies.")
        return canvas

    def attributes(self, number: int = 0) -> FrameAttributes:
        """Return what holds for the overview; its `frame_index` counts on from the file's own frames."""
        self._check(number)
        base = self._image.frame_attributes(0)
        spacing = base.pixel_spacing
        larger = (spacing[0] * self.reduction, spacing[1] * self.reduction) if spacing else None
        return replace(base, frame_index=self._image.frame_count, pixel_spacing=larger, shutter=None)

    def _check(self, number: int) -> None:
        if number != 0:
            raise BadInput("A slide has one overview.")

    def _places(self) -> list[tuple[int, int, int]]:
        """Return (frame index, row, column) of the tiles of the first plane, counted from 0."""
        image, matrix = self._image, self.matrix
        rows, columns = image.attributes.rows, image.attributes.columns
        if matrix.full:
            across, down = -(-matrix.columns // columns), -(-matrix.rows // rows)
            count = min(across * down, image.frame_count)
            return [(k, k // across * rows, k % across * columns) for k in range(count)]
        seen: dict[tuple[int, int], int] = {}
        for frame_index in range(min(image.frame_count, 4 * TILES_LIMIT)):
            place = image.frame_attributes(frame_index).tile_origin
            if place is not None and 0 <= place[0] < matrix.rows and 0 <= place[1] < matrix.columns:
                seen.setdefault(place, frame_index)
        return [(frame_index, *place) for place, frame_index in seen.items()]

    def _canvas(self, tile: NDArray[Any]) -> NDArray[Any]:
        return np.full((*self.shape, *tile.shape[2:]), _GLASS if tile.ndim == 3 else _DARK, tile.dtype)

    def _lay(self, canvas: NDArray[Any], tile: NDArray[Any], row: int, column: int) -> None:
        tile = tile[: self.matrix.rows - row, : self.matrix.columns - column]
        top, left = row // self.reduction, column // self.reduction
        bottom = -(-(row + tile.shape[0]) // self.reduction)
        right = -(-(column + tile.shape[1]) // self.reduction)
        canvas[top:bottom, left:right] = _reduced(tile, bottom - top, right - left)


def _reduced(tile: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    if tile.shape[:2] == (rows, columns):
        return tile
    if tile.dtype == np.uint8:
        return np.asarray(Image.fromarray(tile).resize((columns, rows), Image.Resampling.BOX))
    down = np.arange(rows) * tile.shape[0] // rows
    across = np.arange(columns) * tile.shape[1] // columns
    picked: NDArray[Any] = tile[down[:, None], across[None, :]]
    return picked


def open_slide(image: ImageFile) -> SlideOverview | None:
    """Return the overview of an image that is cut into tiles, None when it is not.

    Raises
    ------
    CannotDecode
        When its attributes nest deeper than any image needs.
    """
    if image.frame_count == 1 or not image.is_tiled:
        return None
    return SlideOverview(image, read_slide_matrix(image.data_set(_GROUPS)))


def read_slide_matrix(ds: DataSet) -> SlideMatrix:
    """Read the size of the slide; tiles that do not say where they lie are TILED_FULL."""
    organization = ds.text(kw.DIMENSION_ORGANIZATION_TYPE).upper()
    return SlideMatrix(
        rows=max(ds.integer(kw.TOTAL_PIXEL_MATRIX_ROWS, 0, b"UL"), 0),
        columns=max(ds.integer(kw.TOTAL_PIXEL_MATRIX_COLUMNS, 0, b"UL"), 0),
        full=organization == "TILED_FULL",
    )
