"""From a data set to the attributes of an image and of its frames."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

from archive.dicom import keywords as kw
from archive.errors import CannotDecode, NotAnImage
from archive.pixels.attributes import FrameAttributes, ImageAttributes
from archive.pixels.modality_lut import Rescale, read_modality_lut, read_rescale
from archive.pixels.pixel_spacing import read_aspect_ratio, read_magnification_factor, read_pixel_spacing
from archive.pixels.presentation_lut import read_presentation_lut, read_presentation_lut_shape
from archive.pixels.real_world_value import (
    REAL_WORLD_VALUE_MAPPINGS_LIMIT,
    read_real_world_value_mappings,
)
from archive.pixels.shutter import read_shutter
from archive.pixels.tile_origin import read_tile_origin
from archive.pixels.ultrasound_regions import read_calibration_regions
from archive.pixels.voi_lut import read_voi_luts, read_windows

if TYPE_CHECKING:
    from archive.dicom.data_set import DataSet
    from archive.pixels.color import Palette
    from archive.pixels.functional_groups import FrameGroups
    from archive.pixels.lookup_table import KnownTables
    from archive.pixels.real_world_value import RealWorldValueMapping
    from archive.pixels.suv import StandardizedUptake
    from archive.pixels.voi_lut import VoiLut, Window

_PIXEL_KEYWORDS = {
    kw.PIXEL_DATA: "PixelData",
    kw.FLOAT_PIXEL_DATA: "FloatPixelData",
    kw.DOUBLE_FLOAT_PIXEL_DATA: "DoubleFloatPixelData",
}
_ELSCINT_COMPRESSION = 0x07A11011
_DIMENSIONS_LIMIT = 32
_LONGEST_FRAME_MS = 60_000.0
_FLOAT_BITS = {"FloatPixelData": 32, "DoubleFloatPixelData": 64}


def read_image_attributes(ds: DataSet, transfer_syntax_uid: str) -> ImageAttributes:
    """Read what holds for every frame.

    Raises
    ------
    NotAnImage
        When there are no pixels, or no size.
    CannotDecode
        When the Image Pixel module contradicts itself.
    """
    pixel_tag = next((tag for tag in _PIXEL_KEYWORDS if tag in ds), None)
    rows, columns = ds.integer(kw.ROWS, 0), ds.integer(kw.COLUMNS, 0)
    if pixel_tag is None:
        raise NotAnImage(_why_there_are_no_pixels(ds))
    if rows <= 0 or columns <= 0:
        raise CannotDecode("The image does not say how many rows and columns it has.")
    keyword = _PIXEL_KEYWORDS[pixel_tag]
    allocated, stored, high = _bits(ds, keyword)
    samples = ds.integer(kw.SAMPLES_PER_PIXEL, 1)
    if samples not in {1, 3, 4}:
        raise CannotDecode(f"The image says that it has {samples} samples a pixel.")
    return ImageAttributes(
        transfer_syntax_uid=transfer_syntax_uid,
        sop_class_uid=ds.text(kw.SOP_CLASS_UID),
        sop_instance_uid=ds.text(kw.SOP_INSTANCE_UID),
        series_instance_uid=ds.text(kw.SERIES_INSTANCE_UID),
        instance_number=_integer_or_none(ds, kw.INSTANCE_NUMBER, b"IS"),
        modality=ds.text(kw.MODALITY),
        body_part_examined=ds.text(kw.BODY_PART_EXAMINED),
        units=ds.text(kw.UNITS),
        rows=rows,
        columns=columns,
        number_of_frames=max(1, ds.integer(kw.NUMBER_OF_FRAMES, 1, b"IS")),
        samples_per_pixel=samples,
        photometric_interpretation=_photometric_interpretation(ds, samples),
        planar_configuration=ds.integer(kw.PLANAR_CONFIGURATION, 0),
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high,
        pixel_representation=ds.integer(kw.PIXEL_REPRESENTATION, 0) & 1,
        pixel_keyword=keyword,
        cine_frames_per_second=_frame_rate(ds),
        frame_times_ms=_frame_times(ds),
        sweeps=ds.integer(kw.PREFERRED_PLAYBACK_SEQUENCING, 0) == 1,
    )


def _why_there_are_no_pixels(ds: DataSet) -> str:
    if ds.text(_ELSCINT_COMPRESSION) == "PMSCT_RLE1":
        return "The pixels are in a private element of ELSCINT1's, compressed by a method of its own."
    if kw.SPECTROSCOPY_DATA in ds:
        return "The instance holds spectra, which are no pixels to show."
    if kw.PIXEL_DATA_PROVIDER_URL in ds:
        return "The pixels are not in the file, but on a JPIP server."
    return "The instance has no pixels to show."


def _bits(ds: DataSet, keyword: str) -> tuple[int, int, int]:
    """Return bits allocated, bits stored and high bit, the latter two made to fit the first."""
    if keyword in _FLOAT_BITS:
        bits = _FLOAT_BITS[keyword]
        return bits, bits, bits - 1
    allocated = ds.integer(kw.BITS_ALLOCATED, 0)
    if not (1 <= allocated <= 32 or allocated == 64):
        raise CannotDecode(f"The image says that it allocates {allocated} bits a sample.")
    stored = ds.integer(kw.BITS_STORED, allocated)
    stored = stored if 1 <= stored <= allocated else allocated
    high = ds.integer(kw.HIGH_BIT, stored - 1)
    return allocated, stored, high if stored - 1 <= high < allocated else stored - 1


def _photometric_interpretation(ds: DataSet, samples: int) -> str:
    text = ds.text(kw.PHOTOMETRIC_INTERPRETATION).upper()
    if samples == 3 and (not text or text.startswith("MONOCHROME")):
        return "RGB"
    return text or "MONOCHROME2"


def _integer_or_none(ds: DataSet, tag: int, vr: bytes) -> int | None:
    number = next(iter(ds.numbers(tag, vr)), math.nan)
    return int(number) if math.isfinite(number) else None


def _frame_rate(ds: DataSet) -> float | None:
    """Return frames a second for cine (PS3.3 C.7.6.5), or None when it is not said."""
    if (time := ds.vector(kw.FRAME_TIME, 1)) and time[0] > 0:
        return 1000 / time[0]
    steps = [step for step in ds.numbers(kw.FRAME_TIME_VECTOR)[1:] if math.isfinite(step) and step > 0]
    if steps:
        return 1000 * len(steps) / sum(steps)
    rates = (*ds.numbers(kw.CINE_RATE, b"IS"), *ds.numbers(kw.RECOMMENDED_DISPLAY_FRAME_RATE, b"IS"))
    return next((rate for rate in rates if math.isfinite(rate) and rate > 0), None)


def _frame_times(ds: DataSet) -> tuple[float, ...]:
    """Return how long each frame is shown; the vector holds the times between frames (PS3.3 C.7.6.5.1.2).

    What leads to the first frame is 0 in most files; then the last is shown as long as the mean. Values that
    are no times make the vector worthless.
    """
    steps = ds.numbers(kw.FRAME_TIME_VECTOR)
    frames = ds.integer(kw.NUMBER_OF_FRAMES, 1, b"IS")
    if ds.vector(kw.FRAME_TIME, 1) or len(steps) != frames or frames < 2 or len(set(steps[1:])) < 2:
        return ()
    if not all(math.isfinite(step) and 0 < step < _LONGEST_FRAME_MS for step in steps[1:]):
        return ()
    back = steps[0] if 0 < steps[0] < _LONGEST_FRAME_MS else sum(steps[1:]) / (frames - 1)
    return (*steps[1:], back)


def read_frame_attributes(
    ds: DataSet,
    groups: FrameGroups,
    image: ImageAttributes,
    frame_index: int,
    *,
    tables: KnownTables,
    supplemental_palette: Palette | None = None,
) -> FrameAttributes:
    """Read what holds for one frame: its functional groups first, then the data set's own attributes.

    `tables` are those that other frames of the image have read already.
    """
    measures = groups.macro(kw.PIXEL_MEASURES_SEQUENCE)
    content = groups.macro(kw.FRAME_CONTENT_SEQUENCE)
    regions = read_calibration_regions(ds)
    spacing, calibration = read_pixel_spacing(ds, measures, regions)
    signed = image.pixel_representation == 1 and image.pixel_keyword == "PixelData"
    rescale, rescale_type = _read_rescale(ds, groups)
    windows, voi_luts = _read_voi(ds, groups, tables, signed=signed)
    lut = read_modality_lut(ds, tables, signed=signed)
    return FrameAttributes(
        frame_index=frame_index,
        sop_instance_uid=image.sop_instance_uid,
        modality=image.modality,
        photometric_interpretation=image.photometric_interpretation,
        bits_stored=image.bits_stored,
        pixel_representation=image.pixel_representation,
        image_position_patient=_position(ds, groups),
        image_orientation_patient=_orientation(ds, groups),
        frame_of_reference_uid=ds.text(kw.FRAME_OF_REFERENCE_UID),
        pixel_spacing=spacing,
        spacing_calibration=calibration,
        pixel_aspect_ratio=read_aspect_ratio(ds, spacing),
        slice_thickness_mm=_first_number((measures, ds), kw.SLICE_THICKNESS),
        rescale=rescale,
        modality_lut=lut,
        rescale_type=rescale_type,
        units=_units(image, lut.type if lut else rescale_type, has_rescale=bool(rescale)),
        windows=windows,
        voi_luts=voi_luts,
        presentation_lut_shape=read_presentation_lut_shape(ds),
        presentation_lut=tables.get(ds, kw.PRESENTATION_LUT_SEQUENCE, read_presentation_lut),
        supplemental_palette=supplemental_palette,
        real_world_value_mappings=_real_world_values(ds, groups, tables, signed=signed),
        padding_range=_padding(ds, image),
        frame_time_ms=1000 / image.cine_frames_per_second if image.cine_frames_per_second else None,
        stack_id=content.text(kw.STACK_ID) if content else "",
        in_stack_position_number=_integer_or_none(content, kw.IN_STACK_POSITION_NUMBER, b"UL")
        if content
        else None,
        temporal_position_index=_integer_or_none(content, kw.TEMPORAL_POSITION_INDEX, b"UL")
        if content
        else None,
        regions=regions,
        shutter=read_shutter(ds, groups.macro(kw.FRAME_DISPLAY_SHUTTER_SEQUENCE)),
        standardized_uptake=_standardized_uptake(ds, image),
        tile_origin=read_tile_origin(groups.macro(kw.PLANE_POSITION_SLIDE_SEQUENCE)),
        dimension_index_values=_dimension_index_values(content),
        diffusion_b_value=_first_number((groups.macro(kw.MR_DIFFUSION_SEQUENCE),), kw.DIFFUSION_B_VALUE),
        estimated_radiographic_magnification_factor=read_magnification_factor(ds),
    )


def _standardized_uptake(ds: DataSet, image: ImageAttributes) -> StandardizedUptake | None:
    if image.modality != "PT":
        return None
    from archive.pixels.suv import read_standardized_uptake  # noqa: PLC0415 - few images are PET

    return read_standardized_uptake(ds, image.units)


def _dimension_index_values(content: DataSet | None) -> tuple[int, ...]:
    numbers = content.numbers(kw.DIMENSION_INDEX_VALUES, b"UL")[:_DIMENSIONS_LIMIT] if content else ()
    return tuple(int(number) for number in numbers if math.isfinite(number))


def _read_rescale(ds: DataSet, groups: FrameGroups) -> tuple[Rescale | None, str | None]:
    for place in (groups.macro(kw.PIXEL_VALUE_TRANSFORMATION_SEQUENCE), ds):
        if place is not None and (rescale := read_rescale(place)):
            return rescale, place.text(kw.RESCALE_TYPE) or None
    return None, ds.text(kw.RESCALE_TYPE) or None


def _read_voi(
    ds: DataSet, groups: FrameGroups, tables: KnownTables, *, signed: bool
) -> tuple[tuple[Window, ...], tuple[VoiLut, ...]]:
    macro = groups.macro(kw.FRAME_VOI_LUT_SEQUENCE)
    windows = (read_windows(macro) if macro else ()) or read_windows(ds)
    own = read_voi_luts(macro, tables, signed=signed) if macro else ()
    return windows, own or read_voi_luts(ds, tables, signed=signed)


def _real_world_values(
    ds: DataSet, groups: FrameGroups, tables: KnownTables, *, signed: bool
) -> tuple[RealWorldValueMapping, ...]:
    tag, limit = kw.REAL_WORLD_VALUE_MAPPING_SEQUENCE, REAL_WORLD_VALUE_MAPPINGS_LIMIT
    items = groups.items(tag, limit) or ds.items(tag, limit)
    return read_real_world_value_mappings(items, tables, signed=signed)


def _position(ds: DataSet, groups: FrameGroups) -> tuple[float, float, float] | None:
    vector = _first_vector((groups.macro(kw.PLANE_POSITION_SEQUENCE), ds), kw.IMAGE_POSITION_PATIENT, 3)
    return cast("tuple[float, float, float] | None", vector)


def _orientation(ds: DataSet, groups: FrameGroups) -> tuple[float, float, float, float, float, float] | None:
    vector = _first_vector((groups.macro(kw.PLANE_ORIENTATION_SEQUENCE), ds), kw.IMAGE_ORIENTATION_PATIENT, 6)
    return cast("tuple[float, float, float, float, float, float] | None", vector)


def _first_vector(places: tuple[DataSet | None, ...], tag: int, length: int) -> tuple[float, ...] | None:
    vectors = (place.vector(tag, length) for place in places if place is not None)
    return next((vector for vector in vectors if vector is not None), None)


def _first_number(places: tuple[DataSet | None, ...], tag: int) -> float | None:
    vector = _first_vector(places, tag, 1)
    return vector[0] if vector else None


def _padding(ds: DataSet, image: ImageAttributes) -> tuple[float, float] | None:
    """Return the padding range; a value written as US in a signed image is read as its bits say.

    One GE CT writes 63536 for -2000: the same sixteen bits.
    """
    vr = b"SS" if image.pixel_representation else b"US"
    values = (*ds.numbers(kw.PIXEL_PADDING_VALUE, vr)[:1], *ds.numbers(kw.PIXEL_PADDING_RANGE_LIMIT, vr)[:1])
    if not values or image.pixel_keyword != "PixelData":
        return None
    half = 1 << (image.bits_allocated - 1)
    if image.pixel_representation:
        values = tuple(value - 2 * half if value >= half else value for value in values)
    return min(values), max(values)


def _units(image: ImageAttributes, declared: str | None, *, has_rescale: bool) -> str | None:
    """Return the unit of modality values; a CT that rescales and names no type means HU (PS3.3 C.8.2.1)."""
    if image.units:
        return image.units
    if declared:
        return None if declared == "US" else declared  # US: unspecified
    return "HU" if image.modality == "CT" and has_rescale else None
