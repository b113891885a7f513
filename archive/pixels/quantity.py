"""Pixel values as a person reads them, with their unit.

Modality values, whose unit a CT, a PET or a Rescale Type tells. Where nothing tells it, as in most maps and
enhanced MR, and the file maps stored values to real world values, those of its first mapping with units are
read. Windows, VOI LUTs and `--raw` are always over modality values: a mapping changes no picture.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from archive.pixels.modality_lut import modality_values
from archive.pixels.real_world_value import real_world_values

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.pixels.attributes import FrameAttributes
    from archive.pixels.real_world_value import RealWorldValueMapping

_ANNOTATION = re.compile(r"\{([^{}]*)\}")


class Quantity(NamedTuple):
    """Values of the shape of what they were read from, and their unit; None when it is not known."""

    values: NDArray[np.float32]
    unit: str | None


def quantity(stored: NDArray[Any], frame_attributes: FrameAttributes) -> Quantity:
    """Return what stored values of a grey frame measure.

    Parameters
    ----------
    stored
        Stored values of any shape, as `ImageFile.stored_values` gives them.
    frame_attributes
        Of the same frame.

    Returns
    -------
    Quantity
        float32, rounded once from float64; NaN where the mapping says nothing of a stored value.
    """
    mapping = chosen_mapping(frame_attributes)
    if mapping is None:
        return Quantity(modality_values(stored, frame_attributes), frame_attributes.units)
    with np.errstate(over="ignore"):
        values = real_world_values(stored, mapping).astype(np.float32)
    return Quantity(values, unit_text(mapping.unit) or None)


def chosen_mapping(frame_attributes: FrameAttributes) -> RealWorldValueMapping | None:
    """Return the mapping that values are read through; None where modality values are read."""
    if frame_attributes.units is not None:
        return None
    mappings = frame_attributes.real_world_value_mappings
    return next((mapping for mapping in mappings if mapping.unit), None)


def unit_text(ucum: str) -> str:
    """Return a UCUM code as it is read: its annotation behind it, and nothing for the number one."""
    annotations = " ".join(_ANNOTATION.findall(ucum))
    unit = _ANNOTATION.sub("", ucum)
    return f"{'' if unit == '1' else unit} {annotations}".strip()
