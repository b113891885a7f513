"""What makes the output of the VOI stage P-Values: a shape or a table (PS3.3 C.11.4, C.11.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from archive.dicom.keywords import LUT_EXPLANATION, PRESENTATION_LUT_SEQUENCE, PRESENTATION_LUT_SHAPE
from archive.pixels.lookup_table import read_descriptor, read_entries

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet

PresentationLutShape = Literal["IDENTITY", "INVERSE", ""]
"""Empty where nothing is said, or nothing that an image may say."""


@dataclass(frozen=True, slots=True, eq=False)
class PresentationLut:
    """A table from the range of the VOI stage's output, whatever its length, to P-Values of `bits`."""

    bits: int
    table: NDArray[np.uint16]
    explanation: str = ""


def read_presentation_lut_shape(ds: DataSet) -> PresentationLutShape:
    """Return the shape that an image or a presentation state asks for."""
    match ds.text(PRESENTATION_LUT_SHAPE).upper():
        case "IDENTITY":
            return "IDENTITY"
        case "INVERSE":
            return "INVERSE"
        case _:
            return ""


def read_presentation_lut(ds: DataSet) -> PresentationLut | None:
    """Return the Presentation LUT of a presentation state or image; None when none can be read."""
    item = ds.first_item(PRESENTATION_LUT_SEQUENCE)
    descriptor = read_descriptor(item) if item else None
    if item is None or descriptor is None:
        return None
    table = read_entries(item, descriptor.entries, descriptor.bits)
    if table is None:
        return None
    bits = max(descriptor.bits, int(table.max()).bit_length())
    return PresentationLut(bits, table, item.text(LUT_EXPLANATION))


def apply_presentation_lut(shown: NDArray[np.float64], lut: PresentationLut) -> NDArray[np.float64]:
    """Return P-Values 0..1 for the VOI stage's output 0..1: 0 meets the first entry, 1 the last."""
    index: NDArray[Any] = np.rint(shown * (len(lut.table) - 1)).astype(np.intp)
    return np.take(lut.table, index) / float((1 << lut.bits) - 1)
