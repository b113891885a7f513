"""A measurement as a view tells values: of PET in the standardized uptake value that the reader chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import BadInput

if TYPE_CHECKING:
    from archive.annotations.measurement import Measurement
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.viewport import ViewState


def as_viewed(measurement: Measurement | None, frame: LoadedFrame, view: ViewState) -> Measurement | None:
    """Return the measurement in the view's SUV; as it is where there is none, or none is wanted."""
    if measurement is None or view.suv_type is None or frame.attributes.standardized_uptake is None:
        return measurement
    from archive.annotations.uptake import in_uptake  # noqa: PLC0415 - only for PET

    try:
        return in_uptake(measurement, frame.own_attributes, view.suv_type)
    except BadInput:
        return measurement
