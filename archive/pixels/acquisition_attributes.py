"""What tells one volume of a series from another: when, how and as what a frame was acquired.

Single-frame objects say it in their own elements, enhanced multi-frame ones in functional groups (PS3.3
C.7.6.16, C.8.13.5); both are read into one record. What is not said is None or empty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from archive.dicom import keywords as kw

_DIMENSIONS_LIMIT = 32
_TEXT_LIMIT = 64
_VALUES_LIMIT = 16

GROUPS = frozenset((0x0008, 0x0018, 0x0020, 0x0054, 0x5200))
"""The groups of a data set that these attributes are in."""


class Values(Protocol):
    """Whatever gives the values of a data set; `archive.dicom.data_set.DataSet` does."""

    def texts(self, tag: int, /) -> tuple[str, ...]:
        """Return the values of a text element."""

    def numbers(self, tag: int, vr: bytes = b"DS", /) -> tuple[float, ...]:
        """Return the values of a number element."""


class Macros(Protocol):
    """The functional groups of one frame; `archive.pixels.functional_groups.FrameGroups`."""

    def macro(self, sequence_tag: int, /) -> Values | None:
        """Return a macro's first item."""


class _NoMacros:
    def macro(self, _sequence_tag: int, /) -> Values | None:
        return None


NO_MACROS: Macros = _NoMacros()


@dataclass(frozen=True, slots=True)
class AcquisitionAttributes:
    """What one frame says of its acquisition.

    Attributes
    ----------
    image_type
        (0008,0008), or the Frame Type (0008,9007) of an enhanced image, with its complex component.
    acquisition_number
        (0020,0012), or the Frame Acquisition Number (0020,9156).
    temporal_position
        Temporal Position Identifier (0020,0100) or Index (0020,9128).
    echo_number, echo_time_ms
        (0018,0086), and (0018,0081) or the Effective Echo Time (0018,9082).
    diffusion_b_value
        s/mm².
    diffusion_gradient
        The Diffusion Gradient Orientation (0018,9089), as written.
    convolution_kernel
        (0018,1210), of CT: a series may be reconstructed with several.
    stack_id, dimension_index_values
        Of the Frame Content macro.
    """

    image_type: tuple[str, ...] = ()
    acquisition_number: int | None = None
    temporal_position: int | None = None
    echo_number: int | None = None
    echo_time_ms: float | None = None
    diffusion_b_value: float | None = None
    diffusion_gradient: tuple[float, ...] = ()
    convolution_kernel: tuple[str, ...] = ()
    stack_id: str = ""
    dimension_index_values: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AcquisitionTimes:
    """When a frame was acquired.

    Attributes
    ----------
    acquisition_time
        Acquisition DateTime or Date and Time, as written: it is compared, never computed with.
    trigger_time_ms
        Trigger Time (0018,1060), or the Nominal Cardiac Trigger Delay Time (0020,9153).
    frame_reference_time_ms
        (0054,1300), of PET.
    """

    acquisition_time: str = ""
    trigger_time_ms: float | None = None
    frame_reference_time_ms: float | None = None


def read_acquisition_attributes(ds: Values, groups: Macros = NO_MACROS) -> AcquisitionAttributes:
    """Read what a frame says of its acquisition: its functional groups first, then the data set's own."""
    content = groups.macro(kw.FRAME_CONTENT_SEQUENCE)
    diffusion = groups.macro(kw.MR_DIFFUSION_SEQUENCE)
    gradient = _macro_in(diffusion, kw.DIFFUSION_GRADIENT_DIRECTION_SEQUENCE)
    echo = groups.macro(kw.MR_ECHO_SEQUENCE)
    return AcquisitionAttributes(
        image_type=_image_type(ds, groups),
        acquisition_number=_whole(
            _number(content, kw.FRAME_ACQUISITION_NUMBER, b"US"), _number(ds, kw.ACQUISITION_NUMBER)
        ),
        temporal_position=_whole(
            _number(content, kw.TEMPORAL_POSITION_INDEX, b"UL"), _number(ds, kw.TEMPORAL_POSITION_IDENTIFIER)
        ),
        echo_number=_whole(_number(ds, kw.ECHO_NUMBERS)),
        echo_time_ms=_first(_number(echo, kw.EFFECTIVE_ECHO_TIME, b"FD"), _number(ds, kw.ECHO_TIME)),
        diffusion_b_value=_first(
            _number(diffusion, kw.DIFFUSION_B_VALUE, b"FD"), _number(ds, kw.DIFFUSION_B_VALUE, b"FD")
        ),
        diffusion_gradient=_gradient(gradient) or _gradient(ds),
        convolution_kernel=_texts(ds, kw.CONVOLUTION_KERNEL),
        stack_id=_text(content, kw.STACK_ID),
        dimension_index_values=_dimension_index_values(content),
    )


def read_acquisition_times(ds: Values, groups: Macros = NO_MACROS) -> AcquisitionTimes:
    """Read when a frame was acquired: its functional groups first, then the data set's own elements."""
    cardiac = groups.macro(kw.CARDIAC_SYNCHRONIZATION_SEQUENCE)
    return AcquisitionTimes(
        _acquisition_time(ds, groups.macro(kw.FRAME_CONTENT_SEQUENCE)),
        _first(_number(cardiac, kw.NOMINAL_CARDIAC_TRIGGER_DELAY_TIME, b"FD"), _number(ds, kw.TRIGGER_TIME)),
        _number(ds, kw.FRAME_REFERENCE_TIME),
    )


def _macro_in(place: Values | None, tag: int) -> Values | None:
    first_item = getattr(place, "first_item", None)
    item: Values | None = first_item(tag) if first_item is not None else None
    return item


def _image_type(ds: Values, groups: Macros) -> tuple[str, ...]:
    for tag in (kw.MR_IMAGE_FRAME_TYPE_SEQUENCE, kw.CT_IMAGE_FRAME_TYPE_SEQUENCE):
        item = groups.macro(tag)
        if item is not None and (types := _texts(item, kw.FRAME_TYPE)):
            return (*types, *_texts(item, kw.COMPLEX_IMAGE_COMPONENT))
    return _texts(ds, kw.IMAGE_TYPE)


def _acquisition_time(ds: Values, content: Values | None) -> str:
    return (
        _text(content, kw.FRAME_ACQUISITION_DATE_TIME)
        or _text(ds, kw.ACQUISITION_DATE_TIME)
        or _text(ds, kw.ACQUISITION_DATE) + _text(ds, kw.ACQUISITION_TIME)
    )


def _texts(place: Values | None, tag: int) -> tuple[str, ...]:
    texts = place.texts(tag)[:_VALUES_LIMIT] if place is not None else ()
    return tuple(text[:_TEXT_LIMIT] for text in texts)


def _text(place: Values | None, tag: int) -> str:
    return next(iter(_texts(place, tag)), "")


def _number(place: Values | None, tag: int, vr: bytes = b"DS") -> float | None:
    numbers = place.numbers(tag, vr)[:1] if place is not None else ()
    return numbers[0] if numbers and math.isfinite(numbers[0]) else None


def _first(*numbers: float | None) -> float | None:
    return next((number for number in numbers if number is not None), None)


def _whole(*numbers: float | None) -> int | None:
    number = _first(*numbers)
    return None if number is None else int(number)


def _gradient(place: Values | None) -> tuple[float, ...]:
    numbers = place.numbers(kw.DIFFUSION_GRADIENT_ORIENTATION, b"FD")[:3] if place is not None else ()
    return numbers if len(numbers) == 3 and all(map(math.isfinite, numbers)) else ()


def _dimension_index_values(content: Values | None) -> tuple[int, ...]:
    numbers = content.numbers(kw.DIMENSION_INDEX_VALUES, b"UL")[:_DIMENSIONS_LIMIT] if content else ()
    return tuple(int(number) for number in numbers if math.isfinite(number))
