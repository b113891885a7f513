"""What the values of reconstructed images are and where they lie: the keys of `noctis render --raw`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from noctis_tui.reading.reconstruction_output.images import step_between

if TYPE_CHECKING:
    from pathlib import Path

    from noctis_tui.imaging.slices import Slice
    from noctis_tui.reading.reconstruction_output.images import OutputImage, OutputSeries


class Sidecar:
    """Gathers the geometry of the images as they are written.

    The keys of the first image are those of `noctis render --raw` (LPS mm, None where there is nothing to
    say). Several images have `spacing_between_planes_mm` (None when they are no stack) and `images`, where
    each lies.
    """

    def __init__(self, series: OutputSeries) -> None:
        self._series = series
        self._images: list[dict[str, Any]] = []
        self._grids: list[Slice] = []
        self._sources: dict[str, None] = {}

    def add(self, image: OutputImage) -> None:
        """Take up an image."""
        grid = image.grid
        plane = grid.plane if grid is not None else None
        self._images.append(
            {
                "origin_mm": plane.position_mm if plane else None,
                "row_direction": plane.row_direction if plane else None,
                "column_direction": plane.column_direction if plane else None,
                "row_spacing_mm": image.row_spacing_mm,
                "column_spacing_mm": image.column_spacing_mm,
                "slab_thickness_mm": image.slab_thickness_mm,
            }
        )
        self._sources |= dict.fromkeys(image.source_sop_instance_uids)
        if grid is not None:
            self._grids.append(grid)

    def content(self) -> dict[str, Any]:
        """Return the JSON object."""
        volume = self._series.volume
        said = {
            "units": volume.units or None,
            "rescale_type": volume.rescale_type or None,
            **self._images[0],
            "frame_of_reference_uid": volume.frame_of_reference_uid or None,
            "source_sop_instance_uids": list(self._sources),
        }
        if len(self._images) > 1:
            said |= {"spacing_between_planes_mm": self._spacing_mm(), "images": self._images}
        return said

    def write(self, path: Path) -> None:
        """Write the JSON object."""
        path.write_text(json.dumps(self.content(), indent=1, allow_nan=False) + "\n", encoding="ascii")

    def _spacing_mm(self) -> float | None:
        step = step_between(self._grids) if len(self._grids) == len(self._images) else None
        return None if step is None else abs(float(step @ self._grids[0].plane.normal))
