"""What is said about an image and about each of its frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.pixels.ultrasound_regions import calibration_of

if TYPE_CHECKING:
    from archive.pixels.color import Palette
    from archive.pixels.modality_lut import ModalityLut, Rescale
    from archive.pixels.presentation_lut import PresentationLut, PresentationLutShape
    from archive.pixels.real_world_value import RealWorldValueMapping
    from archive.pixels.shutter import Shutter
    from archive.pixels.suv import StandardizedUptake
    from archive.pixels.ultrasound_regions import CalibrationRegion
    from archive.pixels.voi_lut import VoiLut, Window


@dataclass(frozen=True, slots=True)
class ImageAttributes:
    """Attributes that hold for every frame of an image (PS3.3 C.7.6.3), as they are decoded.

    `number_of_frames` is what the file says; `ImageFile.frame_count` is what it holds.
    """

    transfer_syntax_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    instance_number: int | None
    modality: str
    body_part_examined: str
    units: str
    """(0054,1001): BQML, GML... for PET; otherwise empty."""
    rows: int
    columns: int
    number_of_frames: int
    samples_per_pixel: int
    photometric_interpretation: str
    planar_configuration: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    pixel_representation: int
    """0 unsigned, 1 two's complement."""
    pixel_keyword: str
    """PixelData, FloatPixelData or DoubleFloatPixelData."""
    cine_frames_per_second: float | None
    frame_times_ms: tuple[float, ...] = ()
    """How long each frame is shown where they differ (Frame Time Vector); empty where they do not."""
    sweeps: bool = False
    """Whether it is to be played back and forth (Preferred Playback Sequencing 1, PS3.3 C.7.6.5.1.3)."""

    @property
    def is_color(self) -> bool:
        """Whether `stored_values` are RGB."""
        return self.samples_per_pixel > 1 or self.photometric_interpretation == "PALETTE COLOR"


@dataclass(frozen=True, slots=True)
class FrameAttributes:
    """Attributes of one frame: shared and per-frame functional groups over the data set's own.

    Positions and directions are LPS mm. What a file does not say, or says with NaN, is None or empty.
    """

    frame_index: int
    sop_instance_uid: str
    modality: str
    photometric_interpretation: str
    bits_stored: int
    pixel_representation: int
    image_position_patient: tuple[float, float, float] | None
    image_orientation_patient: tuple[float, float, float, float, float, float] | None
    frame_of_reference_uid: str
    pixel_spacing: tuple[float, float] | None
    """Row spacing, column spacing, mm."""
    spacing_calibration: str
    """Where `pixel_spacing` comes from: "patient", "detector", "scanned film", "ultrasound region",
    a PixelSpacingCalibrationType, or empty when there is none."""
    pixel_aspect_ratio: tuple[float, float]
    """Height : width of a pixel, from the spacing or (0028,0034); (1, 1) when nothing is said."""
    slice_thickness_mm: float | None
    rescale: Rescale | None
    modality_lut: ModalityLut | None
    rescale_type: str | None
    units: str | None
    """Unit of the modality values: "HU", "BQML"..., or None when it is not known."""
    windows: tuple[Window, ...]
    voi_luts: tuple[VoiLut, ...]
    presentation_lut_shape: PresentationLutShape
    presentation_lut: PresentationLut | None
    supplemental_palette: Palette | None
    """Colors of the stored values from its first entry on, in an image that is grey otherwise."""
    real_world_value_mappings: tuple[RealWorldValueMapping, ...]
    padding_range: tuple[float, float] | None
    """Lowest and highest stored value that is padding, both included."""
    frame_time_ms: float | None
    stack_id: str
    in_stack_position_number: int | None
    temporal_position_index: int | None
    regions: tuple[CalibrationRegion, ...] = ()
    """Ultrasound regions, each with a calibration of its own."""
    shutter: Shutter | None = None
    """What of the picture is hidden."""
    dimension_index_values: tuple[int, ...] = ()
    diffusion_b_value: float | None = None
    """s/mm²."""
    standardized_uptake: StandardizedUptake | None = None
    """What makes SUV of the modality values of a PET, or why nothing does; None for every other modality."""
    tile_origin: tuple[int, int] | None = None
    """Row and column of a tile's first pixel in the total pixel matrix of its slide, from 0."""
    estimated_radiographic_magnification_factor: float | None = None
    """Source to detector over source to patient, at least 1; `pixel_spacing` is not divided by it."""

    def calibration_at(self, column: float, row: float) -> CalibrationRegion | None:
        """Return the ultrasound region that holds at an image point, None outside of all."""
        return calibration_of(self.regions, ((column, row),))

    @property
    def is_inverse(self) -> bool:
        """Whether low values are bright.

        The Presentation LUT goes before the Photometric Interpretation, as in DCMTK and dcm4che: an image
        that is MONOCHROME1 and IDENTITY says that its values are P-Values already.
        """
        if self.presentation_lut is not None or self.presentation_lut_shape:
            return self.presentation_lut is None and self.presentation_lut_shape == "INVERSE"
        return self.photometric_interpretation == "MONOCHROME1"

    @property
    def modality_padding(self) -> tuple[float, float] | None:
        """Lowest and highest modality value that is padding, for a frame without Modality LUT."""
        if self.padding_range is None or self.modality_lut is not None:
            return None
        slope, intercept = (self.rescale.slope, self.rescale.intercept) if self.rescale else (1.0, 0.0)
        ends = sorted(slope * value + intercept for value in self.padding_range)
        return ends[0], ends[1]
