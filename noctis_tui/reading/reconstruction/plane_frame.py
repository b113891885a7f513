"""A plane through a volume as a frame, so that everything that shows frames shows it too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.reading.loaded_frame import LoadedFrame

if TYPE_CHECKING:
    from archive.pixels.attributes import FrameAttributes
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.reconstruction.headless_plane import PlaneImage

_NAMES = {Projection.MAX: "MIP", Projection.MIN: "MinIP", Projection.MEAN: "mean"}


def frame_of_plane(image: PlaneImage, volume: Volume, like: LoadedFrame, name: str) -> LoadedFrame:
    """Return the plane as a frame of the series whose frame `like` is one of the volume's.

    It has that frame's patient, study, windows and presentation, and the plane's own values and geometry;
    `name` tells a reader what it is.
    """
    rows, columns = image.values.shape
    facts = replace(
        like.image,
        rows=rows,
        columns=columns,
        number_of_frames=1,
        samples_per_pixel=1,
        pixel_keyword="FloatPixelData",
        sop_instance_uid="",
        instance_number=None,
    )
    caption = replace(like.caption, instance_number="")
    title = " ".join(filter(None, (name, _NAMES.get(image.projection, ""))))
    return LoadedFrame(image.values, facts, _attributes(image, volume, like), caption, part_name=title)


def _attributes(image: PlaneImage, volume: Volume, like: LoadedFrame) -> FrameAttributes:
    plane, own = image.grid.plane, like.own_attributes
    spacing = plane.row_spacing_mm, plane.column_spacing_mm
    return replace(
        own,
        frame_index=0,
        sop_instance_uid="",
        image_position_patient=plane.position_mm,
        image_orientation_patient=plane.orientation,
        frame_of_reference_uid=volume.frame_of_reference_uid,
        pixel_spacing=spacing,
        spacing_calibration="patient",
        pixel_aspect_ratio=spacing,
        slice_thickness_mm=image.slab_thickness_mm or None,
        rescale=None,
        modality_lut=None,
        units=volume.units or None,
        rescale_type=volume.rescale_type or None,
        supplemental_palette=None,
        padding_range=own.modality_padding,
        stack_id="",
        in_stack_position_number=None,
        temporal_position_index=None,
        diffusion_b_value=None,
        regions=(),
        shutter=None,
        dimension_index_values=(),
    )
