"""A measurement as a view tells values: of PET in the standardized uptake value that the reader chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import BadInput

if TYPE_CHECKING:
    from archive.annotations.measurement import Measurement
    from archive.pixels.suv_type import SuvType
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.viewport import ViewState


def as_viewed(measurement: Measurement | None, frame: LoadedFrame, view: ViewState) -> Measurement | None:
    """Return the measurement in the view's SUV; as it is where there is none, or none is wanted."""
    return measurement if measurement is None else in_suv(measurement, frame, view.suv_type) or measurement


def in_suv(measurement: Measurement, frame: LoadedFrame, suv_type: SuvType | None) -> Measurement | None:
    """Return the measurement in a SUV; None where the frame has none, or none is wanted."""
    if suv_type is None or frame.attributes.standardized_uptake is None:
        return None
    from archive.annotations.uptake import in_uptake  # noqa: PLC0415 - only for PET

    try:
        return in_uptake(measurement, frame.own_attributes, suv_type)
    except BadInput:
        return None
