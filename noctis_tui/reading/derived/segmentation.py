"""Segmentations over the images they were made of (PS3.3 A.51, C.8.20): binary, fractional, labelmap."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from archive.dicom import keywords as kw
from archive.errors import CannotDecode, NotAnImage
from archive.pixels.frames import ImageFile
from archive.pixels.functional_groups import FunctionalGroups
from archive.pixels.refusal import refusing
from archive.progress import CancelToken
from noctis_tui.reading.derived.cielab import distinct, rgb_of
from noctis_tui.reading.derived.opening import Words
from noctis_tui.reading.derived.part import Part, names_of
from noctis_tui.reading.derived.planes import SAME_PLANE_MM, GridMap, distance_mm, plane_of
from noctis_tui.reading.derived.recent import Recent
from noctis_tui.reading.derived.wash import Area, WashPainter, area_of
from noctis_tui.reading.marks import Wash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import Self

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet
    from archive.pixels.attributes import FrameAttributes
    from noctis_tui.imaging.patient_space import ImagePlane
    from noctis_tui.reading.derived.cielab import Rgb
    from noctis_tui.reading.derived.part import Appearance
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.stack import FrameRef

SEGMENTS_LIMIT = 4096
FRAMES_LIMIT = 50_000
AREAS_LIMIT = 256
"""More segments than this on one image are not told apart by anybody."""
KEPT_FRAMES = 24

_SEGMENTATION_TYPE, _SEGMENT_SEQUENCE = 0x00620001, 0x00620002
_SEGMENT_NUMBER, _SEGMENT_LABEL, _ALGORITHM_TYPE = 0x00620004, 0x00620005, 0x00620008
_SEGMENT_IDENTIFICATION, _REFERENCED_SEGMENT_NUMBER = 0x0062000A, 0x0062000B
_RECOMMENDED_CIELAB, _MAXIMUM_FRACTIONAL_VALUE = 0x0062000D, 0x0062000E
_PROPERTY_TYPE = 0x0062000F
_DERIVATION_IMAGE, _SOURCE_IMAGE = 0x00089124, 0x00082112
_REFERENCED_SOP_INSTANCE_UID, _REFERENCED_FRAME_NUMBER = 0x00081155, 0x00081160
_SPACING_BETWEEN_SLICES = 0x00180088
_GROUPS = frozenset({0x0008, 0x0020, 0x0028, 0x0062, 0x5200})


@dataclass(frozen=True, slots=True)
class _SegmentFrame:
    """One frame of the object: what it holds, and where it lies."""

    index: int
    segment: int
    """0 in a labelmap, whose frames hold every segment."""
    plane: ImagePlane | None
    reach_mm: float
    """Half the distance to the next frame: as far as it speaks for what it did not see."""
    sources: frozenset[tuple[str, int]]
    """SOP Instance UIDs and frame numbers; 0 is the whole instance."""


class Segmentation:
    """Segments drawn over images: those they refer to, and others that lie in the same planes.

    An image and a frame of the object belong together when their planes coincide in one Frame of Reference,
    as far as the object's slices reach; without geometry, when the frame names the image as its source and
    is as large.
    """

    def __init__(self, image: ImageFile, frames: tuple[_SegmentFrame, ...], ds: DataSet) -> None:
        words = Words(ds)
        self.kind = ds.text(_SEGMENTATION_TYPE).upper() or "BINARY"
        self.name = words.text(ds, kw.SERIES_DESCRIPTION) or "Segmentation"
        self._image = image
        self._frames = frames
        self._maximum = max(ds.integer(_MAXIMUM_FRACTIONAL_VALUE, 255), 1)
        self._frame_of_reference_uid = ds.text(kw.FRAME_OF_REFERENCE_UID)
        self.parts: tuple[Part, ...] = tuple(_parts(ds, words, _palette(image, ds)))
        self._areas: Recent[FrameRef, tuple[Area, ...]] = Recent(KEPT_FRAMES)
        self._washes: Recent[tuple[FrameRef, Appearance], Wash] = Recent(KEPT_FRAMES)

    @classmethod
    def open(cls, path: Path, token: CancelToken | None = None) -> Self:
        """Read what the object says about its segments and frames, none of its pixels.

        Raises
        ------
        NoctisError
            The file is no segmentation, is damaged, or has more frames than `FRAMES_LIMIT`.
        Cancelled
            The token was set.
        """
        image = ImageFile.open(path)
        if image.attributes.is_color and image.attributes.samples_per_pixel > 1:
            raise NotAnImage("The segmentation holds colours, not segments.")
        if image.frame_count > FRAMES_LIMIT:
            raise CannotDecode(f"The segmentation has more than {FRAMES_LIMIT:,} frames.")
        with refusing():
            ds = image.data_set(_GROUPS)
            return cls(image, tuple(_frames(image, ds, token or CancelToken())), ds)

    def marks_on(self, frame: LoadedFrame, ref: FrameRef, appearance: Appearance) -> tuple[Mark, ...]:
        """Return the colours over a frame, and the names of the segments as long as they are few."""
        areas = [area for area in self.areas_on(frame, ref) if area.number not in appearance.hidden]
        if not areas:
            return ()
        parts = {part.number: part for part in self.parts}
        opacity = appearance.opacity
        wash = self._washes.get((ref, appearance), lambda: _painted(frame, areas, parts, opacity))
        points = {area.number: area.name_point for area in areas}
        return wash, *names_of(self.parts, points)

    def areas_on(self, frame: LoadedFrame, ref: FrameRef) -> tuple[Area, ...]:
        """Return what the segments cover of a frame, the lowest segment first.

        Raises
        ------
        NoctisError
            The object's pixels cannot be decoded.
        """
        return self._areas.get(ref, lambda: tuple(self._read_areas(frame)))

    def _read_areas(self, frame: LoadedFrame) -> Iterator[Area]:
        count = 0
        for segment_frame in sorted(self._on(frame), key=lambda found: found.segment):
            values = self._image.label_values(segment_frame.index)
            under = _under(values, segment_frame.plane, frame)
            if under is None:
                continue
            for number, coverage in self._told_apart(under, segment_frame.segment):
                area = area_of(number, coverage)
                if area is not None and count < AREAS_LIMIT:
                    count += 1
                    yield area

    def _told_apart(
        self, values: NDArray[np.generic], segment: int
    ) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        if self.kind == "LABELMAP":
            labels = [int(label) for label in np.unique(values) if label]
            for label in labels[:AREAS_LIMIT]:
                yield label, (values == label).astype(np.uint8) * 255
        elif self.kind == "FRACTIONAL":
            share = values.astype(np.float32) * np.float32(255 / self._maximum)
            yield segment, np.clip(share + 0.5, 0, 255).astype(np.uint8)
        else:
            yield segment, (values != 0).astype(np.uint8) * 255

    def _on(self, frame: LoadedFrame) -> Iterable[_SegmentFrame]:
        """Return the frames of the object that belong to an image: for each segment the nearest one."""
        nearest: dict[int, tuple[float, _SegmentFrame]] = {}
        for candidate in self._frames:
            away = self._distance(candidate, frame)
            best = nearest.get(candidate.segment)
            if away is not None and (best is None or away < best[0]):
                nearest[candidate.segment] = away, candidate
        return [found for _, found in nearest.values()]

    def _distance(self, candidate: _SegmentFrame, frame: LoadedFrame) -> float | None:
        attributes = frame.attributes
        named = bool(candidate.sources & _identities(attributes))
        reference = attributes.frame_of_reference_uid
        if candidate.plane is None or frame.plane is None:
            return 0.0 if named else None
        if not named and (not reference or reference != self._frame_of_reference_uid):
            return None
        away = distance_mm(frame.plane, candidate.plane)
        return away if away is not None and away <= candidate.reach_mm else None


def _identities(attributes: FrameAttributes) -> frozenset[tuple[str, int]]:
    uid = attributes.sop_instance_uid
    return frozenset({(uid, 0), (uid, attributes.frame_index + 1)})


def _under(
    values: NDArray[np.generic], plane: ImagePlane | None, frame: LoadedFrame
) -> NDArray[np.generic] | None:
    """Return the object's values under each pixel of an image; None when that cannot be said."""
    rows, columns = frame.shape.rows, frame.shape.columns
    if plane is not None and frame.plane is not None:
        return GridMap.between(frame.plane, plane).nearest(values, rows, columns)
    return values if values.shape == (rows, columns) else None


def _painted(frame: LoadedFrame, areas: list[Area], parts: dict[int, Part], opacity: float) -> Wash:
    painter = WashPainter(frame.shape.rows, frame.shape.columns)
    for area in areas:
        part = parts.get(area.number)
        painter.add(area, part.rgb if part else distinct(area.number), opacity)
    return Wash(painter.rgba())


def _parts(ds: DataSet, words: Words, palette: Callable[[int], Rgb | None]) -> Iterator[Part]:
    for place, item in enumerate(ds.items(_SEGMENT_SEQUENCE, SEGMENTS_LIMIT)):
        number = item.integer(_SEGMENT_NUMBER, place + 1)
        if number <= 0:
            continue  # the background of a labelmap
        label = words.text(item, _SEGMENT_LABEL) or f"Segment {number}"
        cielab = rgb_of(item.numbers(_RECOMMENDED_CIELAB, b"US"))
        meaning = words.meaning(item, _PROPERTY_TYPE)
        about = ", ".join(
            filter(None, (meaning if meaning != label else "", words.text(item, _ALGORITHM_TYPE).lower()))
        )
        yield Part(number, label, cielab or palette(number) or distinct(place), about)


def _palette(image: ImageFile, ds: DataSet) -> Callable[[int], Rgb | None]:
    """Return what gives a label the colour of the object's own palette, where it has one."""
    if image.attributes.photometric_interpretation != "PALETTE COLOR":
        return lambda _: None
    from archive.pixels.color import Palette  # noqa: PLC0415 - few objects have one

    palette = Palette(ds, signed=False)

    def color(number: int) -> Rgb | None:
        red, green, blue = (int(part) for part in palette.apply(np.array([[number]], np.uint16))[0, 0])
        return red, green, blue

    return color


def _frames(image: ImageFile, ds: DataSet, token: CancelToken) -> Iterator[_SegmentFrame]:
    groups = FunctionalGroups(ds)
    for index in range(image.frame_count):
        token.check()
        of_frame = groups.of_frame(index)
        identification = of_frame.macro(_SEGMENT_IDENTIFICATION)
        segment = identification.integer(_REFERENCED_SEGMENT_NUMBER, 0) if identification else 0
        attributes = image.frame_attributes(index)
        plane = plane_of(attributes)
        measures = of_frame.macro(kw.PIXEL_MEASURES_SEQUENCE)
        spacing = measures.vector(_SPACING_BETWEEN_SLICES, 1) if measures else None
        apart = abs(spacing[0]) if spacing else attributes.slice_thickness_mm or 0.0
        sources = frozenset(_sources(of_frame.macro(_DERIVATION_IMAGE)))
        yield _SegmentFrame(index, segment, plane, max(apart / 2, SAME_PLANE_MM), sources)


def _sources(derivation: DataSet | None) -> Iterator[tuple[str, int]]:
    if derivation is None:
        return
    for source in derivation.items(_SOURCE_IMAGE, 64):
        uid = source.text(_REFERENCED_SOP_INSTANCE_UID)
        numbers = source.numbers(_REFERENCED_FRAME_NUMBER, b"IS")[:256] or (0,)
        yield from ((uid, int(number)) for number in numbers if uid and isfinite(number))
