"""Softcopy presentation states: how someone wanted images to be seen (PS3.3 A.33, C.10, C.11; PS3.4 N)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archive.dicom import keywords as kw
from archive.errors import NotAnImage
from archive.pixels.lookup_table import KnownTables
from archive.pixels.modality_lut import map_stored, read_modality_lut, read_rescale
from archive.pixels.presentation_lut import read_presentation_lut, read_presentation_lut_shape
from archive.pixels.shutter import read_shutter
from archive.pixels.voi_lut import Window, read_voi_luts, read_windows
from noctis_tui.reading.derived.displayed_area import DisplayedArea, read_displayed_area
from noctis_tui.reading.derived.graphics import Annotations, read_annotations
from noctis_tui.reading.derived.opening import Words, opened_object

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from archive.dicom.data_set import DataSet
    from archive.pixels.attributes import FrameAttributes
    from archive.pixels.modality_lut import ModalityLut, Rescale
    from archive.pixels.presentation_lut import PresentationLut, PresentationLutShape
    from archive.pixels.shutter import Shutter
    from archive.pixels.voi_lut import VoiLut
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.viewport import ViewState

GRAYSCALE, COLOR, PSEUDO_COLOR = (f"1.2.840.10008.5.1.4.1.1.11.{number}" for number in (1, 2, 3))
STATE_CLASSES = frozenset({GRAYSCALE, COLOR, PSEUDO_COLOR})
SELECTIONS_LIMIT = 256
_REFERENCES_LIMIT = 20_000
_LABEL, _DESCRIPTION, _CREATOR = 0x00700080, 0x00700081, 0x00700084
_SERIES, _IMAGES, _SOP_INSTANCE, _FRAME = 0x00081115, 0x00081140, 0x00081155, 0x00081160
_SOFTCOPY_VOI, _AREAS = 0x00283110, 0x0070005A
_FLIP, _ROTATION = 0x00700041, 0x00700042

References = frozenset[tuple[str, int]]
"""SOP Instance UIDs and frame numbers from 1; 0 stands for every frame."""


@dataclass(frozen=True, slots=True)
class _Voi:
    references: References
    windows: tuple[Window, ...]
    luts: tuple[VoiLut, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PresentationState:
    """What a state asks for; text is safe to show.

    Attributes
    ----------
    name
        Its label, and its description where it has one.
    references
        The images that it is about.
    quarter_turns, mirrored
        As `ViewState` has them.
    """

    path: Path
    name: str
    references: References
    quarter_turns: int = 0
    mirrored: bool = False
    is_grayscale: bool = True
    rescale: Rescale | None = None
    modality_lut: ModalityLut | None = None
    vois: tuple[_Voi, ...] = ()
    presentation_lut: PresentationLut | None = None
    presentation_lut_shape: PresentationLutShape = ""
    shutter: Shutter | None = None
    areas: tuple[tuple[References, DisplayedArea], ...] = ()
    annotations: Annotations = field(default_factory=Annotations)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read a state.

        Raises
        ------
        NoctisError
            It is none, or it is damaged.
        """
        with opened_object(path) as ds:
            sop_class = ds.text(kw.SOP_CLASS_UID)
            if sop_class not in STATE_CLASSES:
                raise NotAnImage("This is no presentation state that can be applied.")
            words, tables = Words(ds), KnownTables()
            flipped = ds.text(_FLIP).upper() == "Y"
            turns = round(ds.integer(_ROTATION, 0) / 90) % 4
            shape = read_presentation_lut_shape(ds)
            return cls(
                path=path,
                name=_name(ds, words),
                references=frozenset(_references(ds)),
                # A state turns first and mirrors then; a view mirrors first.
                quarter_turns=-turns % 4 if flipped else turns,
                mirrored=flipped,
                is_grayscale=sop_class == GRAYSCALE,
                rescale=read_rescale(ds),
                modality_lut=read_modality_lut(ds, tables, signed=False),
                vois=tuple(_vois(ds, tables)),
                presentation_lut=read_presentation_lut(ds),
                presentation_lut_shape=shape or "IDENTITY",
                shutter=_supported(read_shutter(ds)),
                areas=tuple(_areas(ds)),
                annotations=read_annotations(ds, words, _images_of),
            )

    def applies_to(self, attributes: FrameAttributes) -> bool:
        """Tell whether it is about a frame."""
        return bool(self.references & identities_of(attributes))

    def presented(self, frame: LoadedFrame) -> LoadedFrame:
        """Return a frame as the state wants it: its greys and shutter; the same frame if it is not about it.

        The grayscale transformations of a state stand in the place of all of the image's, also where the
        state has none (PS3.4 N.2): without a Modality LUT stored values are shown, without a VOI LUT their
        whole range.
        """
        attributes = frame.attributes
        if not self.applies_to(attributes):
            return frame
        shown = replace(attributes, shutter=None if frame.is_made else self.shutter)
        if self.is_grayscale and not frame.is_color:
            shown = self._with_greys(shown, frame)
        return replace(frame, attributes=shown, shutter_bitmap=None, before_presentation=frame.own_attributes)

    def _with_greys(self, attributes: FrameAttributes, frame: LoadedFrame) -> FrameAttributes:
        voi = next((voi for voi in self.vois if _about(voi.references, attributes)), None)
        same = self.rescale == attributes.rescale and self.modality_lut is None
        shown = replace(
            attributes,
            rescale=self.rescale,
            modality_lut=self.modality_lut,
            units=attributes.units if same else None,
            presentation_lut=self.presentation_lut,
            presentation_lut_shape=self.presentation_lut_shape,
            supplemental_palette=None,
            windows=voi.windows if voi else (),
            voi_luts=voi.luts if voi else (),
        )
        return (
            shown
            if shown.windows or shown.voi_luts
            else replace(shown, windows=(_whole_range(shown, frame),))
        )

    def area_of(self, attributes: FrameAttributes) -> DisplayedArea | None:
        """Return the part of an image to be seen, None where all of it is."""
        return next((area for references, area in self.areas if _about(references, attributes)), None)

    def view_of(self, frame: LoadedFrame, view: ViewState, size_px: tuple[int, int]) -> ViewState:
        """Return how a frame is looked at through the state, in a pane of a size."""
        laid_down = replace(
            view.with_own_window(), quarter_turns=self.quarter_turns, mirrored=self.mirrored, inverted=False
        ).fitted()
        area = None if frame.is_made else self.area_of(frame.attributes)
        return area.view_of(frame.shape, laid_down, size_px) if area else laid_down

    def marks_on(self, frame: LoadedFrame) -> tuple[Mark, ...]:
        """Return the state's graphics and texts on a frame of the file, the lowest layer first."""
        attributes = frame.attributes
        if frame.is_made or not self.applies_to(attributes):
            return ()
        area = self.area_of(attributes) or DisplayedArea((1, 1), (frame.shape.columns, frame.shape.rows))
        about = identities_of(attributes)
        return self.annotations.marks_on(about, area.corners(self.quarter_turns, mirrored=self.mirrored))


def identities_of(attributes: FrameAttributes) -> References:
    """Return by what a state may name a frame: its instance as a whole, and itself."""
    uid = attributes.sop_instance_uid
    return frozenset({(uid, 0), (uid, attributes.frame_index + 1)})


def _about(references: References, attributes: FrameAttributes) -> bool:
    return not references or bool(references & identities_of(attributes))


def _name(ds: DataSet, words: Words) -> str:
    parts = (words.text(ds, tag) for tag in (_LABEL, _DESCRIPTION))
    said = " · ".join(part for part in parts if part)
    return said or words.text(ds, kw.SERIES_DESCRIPTION) or "Presentation state"


def _references(ds: DataSet) -> Iterator[tuple[str, int]]:
    for series in ds.items(_SERIES, SELECTIONS_LIMIT):
        yield from _images_of(series)


def _images_of(item: DataSet) -> Iterator[tuple[str, int]]:
    for image in item.items(_IMAGES, _REFERENCES_LIMIT):
        uid = image.text(_SOP_INSTANCE)
        frames = [int(number) for number in image.numbers(_FRAME, b"IS") if 0 < number < 1 << 31]
        yield from ((uid, frame) for frame in frames or [0] if uid)


def _vois(ds: DataSet, tables: KnownTables) -> Iterator[_Voi]:
    for item in ds.items(_SOFTCOPY_VOI, SELECTIONS_LIMIT):
        luts = read_voi_luts(item, tables, signed=False)
        yield _Voi(frozenset(_images_of(item)), read_windows(item), luts)


def _areas(ds: DataSet) -> Iterator[tuple[References, DisplayedArea]]:
    for item in ds.items(_AREAS, SELECTIONS_LIMIT):
        area = read_displayed_area(item)
        if area is not None:
            yield frozenset(_images_of(item)), area


def _supported(shutter: Shutter | None) -> Shutter | None:
    """Leave out a bitmap shutter: its overlay plane is the state's own, which is not read."""
    return None if shutter is None or shutter.overlay_group is not None else shutter


def _whole_range(attributes: FrameAttributes, frame: LoadedFrame) -> Window:
    """Return the window that changes nothing: over everything that the stored bits can say."""
    import numpy as np  # noqa: PLC0415 - with the pixels, which are there

    bits, signed = attributes.bits_stored, attributes.pixel_representation == 1
    lowest = -(1 << bits - 1) if signed else 0
    ends = np.array([lowest, lowest + (1 << bits) - 1]).astype(frame.stored_values.dtype)
    low, high = sorted(
        float(value) for value in map_stored(ends, attributes.rescale, attributes.modality_lut)
    )
    return Window((low + high) / 2, max(high - low, 1e-6), "LINEAR_EXACT", "Whole range")
