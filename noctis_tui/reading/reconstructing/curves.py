"""Images along a curve: unrolled, or across it."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

from archive.errors import BadInput
from noctis_tui.imaging.curves.curve import curve_through
from noctis_tui.imaging.curves.curved import cross_section, curved_values, straightened, stretched
from noctis_tui.imaging.planes.projection import Projection
from noctis_tui.imaging.planes.reslicing import reslice
from noctis_tui.reading.reconstructing.planes import MOST_IMAGES
from noctis_tui.reading.reconstructing.request import CurveView
from noctis_tui.reading.reconstruction.headless_plane import sources_of
from noctis_tui.reading.reconstruction_output.images import OutputImage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.progress import CancelToken
    from noctis_tui.imaging.curves.curve import Curve
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.reconstructing.request import Reconstruction

_ROUNDING = 1e-6


class CurvedImages:
    """The images of a reconstruction along a curve.

    Raises
    ------
    BadInput
        The points make no curve, or there would be too many images.
    """

    def __init__(self, volume: Volume, asked: Reconstruction) -> None:
        self._volume, self._asked = volume, asked
        self.curve: Curve = curve_through(asked.points_mm)
        self._spacing_mm = asked.spacing_mm or min(volume.spacing_mm)
        if asked.curve_view is CurveView.SECTIONS:
            self.count = floor(self.curve.length_mm / self._every_mm + _ROUNDING) + 1
        else:
            self.count = asked.rotate or 1
        if self.count > MOST_IMAGES:
            raise BadInput(f"There would be {self.count:,} images: ask for a larger --every.")

    @property
    def is_placed(self) -> bool:
        """Whether each image lies in a plane."""
        return self._asked.curve_view is CurveView.SECTIONS

    @property
    def _projection(self) -> Projection:
        return Projection(self._asked.slab_projection.value)

    @property
    def _every_mm(self) -> float:
        return self._asked.every_mm or self._spacing_mm

    def images(self, token: CancelToken | None) -> Iterator[OutputImage]:
        """Make one after the other."""
        for number in range(self.count):
            yield self._section(number, token) if self.is_placed else self._unrolled(number, token)

    def _section(self, number: int, token: CancelToken | None) -> OutputImage:
        volume, asked = self._volume, self._asked
        grid = cross_section(
            self.curve,
            number * self._every_mm,
            width_mm=asked.width_mm,
            spacing_mm=self._spacing_mm,
            rotation_degrees=asked.begin_degrees,
            frame_of_reference_uid=volume.frame_of_reference_uid,
        )
        slab = asked.slab_mm or 0.0
        values = reslice(volume, grid, slab_thickness_mm=slab, projection=self._projection, token=token)
        sources = sources_of(volume, grid, values, slab)
        return OutputImage(values, self._spacing_mm, self._spacing_mm, grid, slab, sources)

    def _unrolled(self, number: int, token: CancelToken | None) -> OutputImage:
        volume, asked = self._volume, self._asked
        view = straightened if asked.curve_view is CurveView.STRAIGHTENED else stretched
        grid = view(
            self.curve,
            width_mm=asked.width_mm,
            spacing_mm=self._spacing_mm,
            rotation_degrees=asked.begin_degrees + min(asked.arc_degrees, 360.0) * number / self.count,
        )
        slab = asked.slab_mm or 0.0
        values = curved_values(volume, grid, slab_thickness_mm=slab, projection=self._projection, token=token)
        return OutputImage(
            values,
            grid.row_spacing_mm,
            grid.column_spacing_mm,
            None,
            slab,
            tuple(dict.fromkeys(volume.source_sop_instance_uids)),
        )
