"""Where a tile lies in its slide (PS3.3 C.8.12.6.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom import keywords as kw

if TYPE_CHECKING:
    from archive.dicom.data_set import DataSet


def read_tile_origin(plane_position_slide: DataSet | None) -> tuple[int, int] | None:
    """Return row and column of a tile's first pixel in the total pixel matrix, counted from 0."""
    if plane_position_slide is None:
        return None
    row = plane_position_slide.integer(kw.ROW_POSITION_IN_TOTAL_IMAGE_PIXEL_MATRIX, 0, b"SL")
    column = plane_position_slide.integer(kw.COLUMN_POSITION_IN_TOTAL_IMAGE_PIXEL_MATRIX, 0, b"SL")
    return row - 1, column - 1
