"""A frame that is ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from archive.pixels.display import default_voi
from archive.pixels.modality_lut import modality_values
from archive.pixels.voi_lut import Window
from noctis_tui.imaging.enhancing.value_histogram import ValueHistogram, histogram_of
from noctis_tui.imaging.patient_space import (
    EdgeLetters,
    ImagePlane,
    is_orientation,
    letters_of_orientation,
    letters_of_patient_orientation,
)
from noctis_tui.reading.caption import NO_CAPTION, Caption
from noctis_tui.reading.placement import ImageShape

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.pixels.attributes import FrameAttributes, ImageAttributes
    from archive.pixels.voi_lut import VoiLut
    from noctis_tui.reading.viewport import ViewState

_BESIDE_BYTES = 8 << 10
"""Attributes, caption, windows and histogram: 5 to 7 KB where it was measured."""


@dataclass(frozen=True)
class LoadedFrame:
    """The pixels of one frame and everything that showing them needs.

    Attributes
    ----------
    stored_values
        [rows, columns], or uint8 RGB [rows, columns, 3].
    image, attributes
        What the file says about the image, and about this frame of it.
    caption
        Text for the corners.
    overlay_plane
        [rows, columns], true where an overlay plane of the file has a bit; None when none has.
    shutter_bitmap
        [rows, columns], true where a bitmap shutter hides; None without one.
    part_name
        What it is of its file where that is no plain frame: "slice 4/50", "mosaic", "overview", "tile 3/25".
    before_presentation
        What the file says, where `attributes` are what a presentation state makes of it.
    """

    stored_values: NDArray[Any]
    image: ImageAttributes
    attributes: FrameAttributes
    caption: Caption = field(default=NO_CAPTION)
    overlay_plane: NDArray[np.bool_] | None = field(default=None)
    shutter_bitmap: NDArray[np.bool_] | None = field(default=None)
    part_name: str = field(default="")
    before_presentation: FrameAttributes | None = field(default=None)

    @property
    def own_attributes(self) -> FrameAttributes:
        """What the file says: by it values are told and measured, however they are presented."""
        return self.attributes if self.before_presentation is None else self.before_presentation

    @property
    def is_made(self) -> bool:
        """Whether it is made of the file's frames, so that nothing else has its image points."""
        return self.attributes.frame_index >= self.image.number_of_frames

    @property
    def size_bytes(self) -> int:
        """Memory that it holds at most: pixels, planes, tables, and what is learnt of them later."""
        rows, columns = self.stored_values.shape[:2]
        hidden = rows * columns if self.attributes.shutter is not None else 0
        planes = (self.overlay_plane, self.shutter_bitmap)
        over = sum(plane.nbytes for plane in planes if plane is not None)
        return self.stored_values.nbytes + hidden + over + table_bytes(self.attributes) + _BESIDE_BYTES

    @cached_property
    def shutter_visible(self) -> NDArray[np.bool_] | None:
        """[rows, columns], false where the shutter hides; None when nothing is hidden."""
        shutter, rows_columns = self.attributes.shutter, self.stored_values.shape[:2]
        if shutter is None:
            return None
        ratio = self.attributes.pixel_aspect_ratio
        visible = shutter.visible((rows_columns[0], rows_columns[1]), ratio, self.shutter_bitmap)
        return None if visible.all() else visible

    @property
    def is_color(self) -> bool:
        """Whether `stored_values` are RGB."""
        return self.stored_values.ndim == 3

    @cached_property
    def shape(self) -> ImageShape:
        """Size of the image and the shape of its pixels."""
        rows, columns = self.stored_values.shape[:2]
        return ImageShape(rows, columns, *self.attributes.pixel_aspect_ratio)

    @cached_property
    def plane(self) -> ImagePlane | None:
        """Where the frame lies in the patient, None when the file does not say so."""
        return plane_of(self.attributes)

    @cached_property
    def edge_letters(self) -> EdgeLetters:
        """What lies beyond the edges of the image as it is stored."""
        orientation = self.attributes.image_orientation_patient
        if orientation is not None and is_orientation(orientation):
            return letters_of_orientation(orientation)
        return letters_of_patient_orientation(*self.caption.patient_orientation)

    @cached_property
    def own_vois(self) -> tuple[Window | VoiLut, ...]:
        """The windows and VOI LUTs to choose from, the one to begin with first; empty for colour.

        A file without any has one that is computed from its values.
        """
        if self.is_color:
            return ()
        first = default_voi(self.stored_values, self.attributes)
        others: tuple[Window | VoiLut, ...] = (*self.attributes.windows, *self.attributes.voi_luts)
        return (first, *(voi for voi in others if voi is not first and voi != first))

    def voi(self, view: ViewState) -> Window | VoiLut | None:
        """Return what a view looks at this frame through."""
        if self.is_color:
            return None
        if view.window is None and view.automatic_window is not None and not self.has_own_voi:
            return view.automatic_window
        return view.window or self.own_vois[view.voi_index % len(self.own_vois)]

    @property
    def has_own_voi(self) -> bool:
        """Whether the file itself says how it wants to be windowed."""
        return bool(self.attributes.windows or self.attributes.voi_luts)

    @property
    def automatic_window(self) -> Window | None:
        """The window computed from the frame's values; None where the file has one, and for colour."""
        if self.is_color or self.has_own_voi:
            return None
        window = self.own_vois[0]
        return window if isinstance(window, Window) else None

    @cached_property
    def histogram(self) -> ValueHistogram | None:
        """How often which modality value, or luma, occurs in the frame; padding left out."""
        return histogram_of(self.stored_values, self.attributes)

    @cached_property
    def full_range(self) -> Window:
        """Return the window from the lowest to the highest modality value, padding left out."""
        values = modality_values(self.stored_values, self.attributes)
        padding = self.attributes.modality_padding
        counted = np.isfinite(values)
        if padding is not None:
            counted &= (values < padding[0]) | (values > padding[1])
        if not counted.any():
            return Window(0.5, 1.0, "LINEAR_EXACT")
        low, high = float(values[counted].min()), float(values[counted].max())
        return Window((low + high) / 2, max(high - low, 1e-6), "LINEAR_EXACT", "Full range")


def plane_of(attributes: FrameAttributes) -> ImagePlane | None:
    """Return where a frame lies in the patient, None when the file does not say so."""
    position, spacing = attributes.image_position_patient, attributes.pixel_spacing
    orientation = attributes.image_orientation_patient
    if position is None or spacing is None or orientation is None or not is_orientation(orientation):
        return None
    return ImagePlane(position, orientation, *spacing)


def table_bytes(attributes: FrameAttributes) -> int:
    """Return what the lookup tables of a frame hold, whether or not other frames share them."""
    luts = (attributes.modality_lut, attributes.presentation_lut, *attributes.voi_luts)
    mapped = (mapping.table for mapping in attributes.real_world_value_mappings)
    tables = (*(lut.table for lut in luts if lut is not None), *mapped)
    return sum(table.nbytes for table in tables if table is not None)
