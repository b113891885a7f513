"""Where the planes of an RT dose lie, and what their values are (PS3.3 C.8.8.3.2).

The frames of a dose have one Image Position (Patient); Grid Frame Offset Vector says how far each is from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from archive.dicom.text import visible
from archive.errors import CannotDecode
from archive.pixels.modality_lut import Rescale
from noctis_tui.reading.loaded_frame import plane_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet
    from archive.pixels.attributes import FrameAttributes
    from archive.pixels.frames import ImageFile
    from noctis_tui.imaging.patient_space import ImagePlane

GROUPS = frozenset({0x3004})
UNITS, OFFSETS, SCALING = 0x30040002, 0x3004000C, 0x3004000E


@dataclass(frozen=True, slots=True, eq=False)
class DoseGrid:
    """The planes of a dose.

    Attributes
    ----------
    plane
        The first one.
    offsets_mm
        Distance of each from the first along its normal, rising or falling, float64 [frames].
    scaling
        Dose Grid Scaling: stored value to dose.
    units
        "GY" or "RELATIVE".
    """

    plane: ImagePlane
    offsets_mm: NDArray[np.float64]
    scaling: float
    units: str

    def placed(self, frame: FrameAttributes, number: int) -> FrameAttributes:
        """Return the attributes of a frame, counted from 0, with its own position and its dose."""
        x, y, z = (
            at + part * float(self.offsets_mm[number])
            for at, part in zip(self.plane.position_mm, self.plane.normal, strict=True)
        )
        return replace(
            frame, image_position_patient=(x, y, z), rescale=Rescale(self.scaling, 0.0), units=self.units
        )


def dose_grid(image: ImageFile) -> DoseGrid | None:
    """Return the planes of a dose; None of what is none, or does not say where it lies.

    Raises
    ------
    CannotDecode
        It does not say where its planes lie, or how it is scaled.
    """
    plane = plane_of(image.frame_attributes(0)) if image.attributes.modality == "RTDOSE" else None
    if plane is None:
        return None
    ds = image.data_set(GROUPS)
    scaling = ds.vector(SCALING, 1)
    if scaling is None:
        raise CannotDecode("The dose does not say how its grid is scaled.")
    units = visible(ds.text(UNITS), 16).upper()
    return DoseGrid(plane, offsets_mm(ds, image.frame_count, plane), scaling[0], units)


def offsets_mm(ds: DataSet, count: int, plane: ImagePlane) -> NDArray[np.float64]:
    """Return the distance of each plane from the first, along its normal.

    Raises
    ------
    CannotDecode
        They are not said for every plane, or neither rise nor fall.
    """
    offsets = np.array(ds.numbers(OFFSETS)[:count], np.float64)
    if count == 1 and not len(offsets):
        return np.zeros(1)
    steps = np.diff(offsets)
    if (
        len(offsets) != count
        or not np.isfinite(offsets).all()
        or not ((steps > 0).all() or (steps < 0).all())
    ):
        raise CannotDecode("The dose does not say where the planes of its grid lie.")
    relative: NDArray[np.float64] = offsets - offsets[0]
    # Absolute offsets are z positions; those along the normal of a grid whose normal points to the feet fall.
    if offsets[0] != 0 and plane.normal[2] < 0:
        return -relative
    return relative
