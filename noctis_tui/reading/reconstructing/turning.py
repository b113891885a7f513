"""Projections of a whole volume from all around the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noctis_tui.imaging.turning.rotating_projection import rotating_projection
from noctis_tui.imaging.turning.turned_view import centered_view, filled_view, turned_orientation
from noctis_tui.reading.reconstructing.planes import PROJECTIONS
from noctis_tui.reading.reconstruction.volume_box import VolumeBox
from noctis_tui.reading.reconstruction_output.images import OutputImage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.progress import CancelToken
    from noctis_tui.imaging.slices import Slice
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.reconstructing.request import Reconstruction


def turned_views(volume: Volume, asked: Reconstruction) -> list[Slice]:
    """Return where the views lie: all of one size, the first from the patient's front, then from the left."""
    count = asked.rotate or 1
    steps = count if asked.arc_degrees >= 360 else max(count - 1, 1)
    orientations = [turned_orientation(asked.arc_degrees * number / steps) for number in range(count)]
    pixel_mm = asked.spacing_mm or min(volume.spacing_mm)
    filled = [filled_view(volume, orientation, pixel_mm) for orientation in orientations]
    rows, columns = max(view.rows for view in filled), max(view.columns for view in filled)
    return [
        centered_view(volume, orientation, pixel_mm, rows=rows, columns=columns)
        for orientation in orientations
    ]


def turned_images(volume: Volume, asked: Reconstruction, token: CancelToken | None) -> Iterator[OutputImage]:
    """Project from one view after the other."""
    sources = tuple(dict.fromkeys(volume.source_sop_instance_uids))
    for view in turned_views(volume, asked):
        values = rotating_projection(
            volume,
            view,
            projection=PROJECTIONS[asked.kind],
            slab_thickness_mm=asked.slab_mm or 0.0,
            token=token,
        )
        depth = asked.slab_mm or VolumeBox.of(volume).extent_mm(view.plane.normal)
        plane = view.plane
        yield OutputImage(values, plane.row_spacing_mm, plane.column_spacing_mm, view, depth, sources)
