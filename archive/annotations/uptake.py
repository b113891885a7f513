"""Measurements of PET in standardized uptake values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archive.annotations.annotation import Kind
from archive.errors import BadInput
from archive.pixels.quantity import chosen_mapping

if TYPE_CHECKING:
    from archive.annotations.measurement import Measurement
    from archive.pixels.attributes import FrameAttributes
    from archive.pixels.suv_type import SuvType


def in_uptake(measurement: Measurement, frame_attributes: FrameAttributes, kind: SuvType) -> Measurement:
    """Return a measurement with its values as standardized uptake values; sizes and angles stay.

    SUV is a multiple of the modality value (`archive.pixels.suv`), so what was measured needs only a factor.

    Raises
    ------
    BadInput
        The frame has no such SUV; the sentence says why.
    """
    uptake = frame_attributes.standardized_uptake
    factor = uptake.factor(kind) if uptake is not None else None
    if factor is None or chosen_mapping(frame_attributes) is not None:
        reason = uptake.refusal(kind) if uptake is not None else ""
        raise BadInput(reason or "Only PET images have standardized uptake values.")
    return _scaled(measurement, factor, f"{kind.unit} {kind}")


def _scaled(measurement: Measurement, factor: float, unit: str) -> Measurement:
    is_probe, histogram = measurement.kind is Kind.PROBE, measurement.histogram
    if histogram is not None:
        histogram = replace(histogram, lowest=histogram.lowest * factor, width=histogram.width * factor)
    return replace(
        measurement,
        value=_times(measurement.value, factor) if is_probe else measurement.value,
        unit=unit if is_probe and measurement.value is not None else measurement.unit,
        mean=_times(measurement.mean, factor),
        sd=_times(measurement.sd, factor),
        min=_times(measurement.min, factor),
        max=_times(measurement.max, factor),
        value_unit=unit if is_probe or measurement.count is not None else measurement.value_unit,
        histogram=histogram,
    )


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
