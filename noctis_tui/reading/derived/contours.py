"""RT structure sets over images (PS3.3 A.19, C.8.8.5, C.8.8.6): contours in planes of the patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from archive.dicom import keywords as kw
from archive.errors import CannotDecode, NotAnImage
from archive.progress import CancelToken
from noctis_tui.reading.derived.cielab import distinct
from noctis_tui.reading.derived.opening import Words, opened_object
from noctis_tui.reading.derived.part import Part, names_of
from noctis_tui.reading.derived.planes import SAME_PLANE_MM
from noctis_tui.reading.derived.references import referenced_series
from noctis_tui.reading.marks import Stroke

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet
    from noctis_tui.imaging.patient_space import ImagePlane
    from noctis_tui.reading.derived.cielab import Rgb
    from noctis_tui.reading.derived.part import Appearance
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.stack import FrameRef

STRUCTURES_LIMIT = 4096
CONTOURS_LIMIT = 200_000
POINTS_LIMIT = 8_000_000
CONTOUR_POINTS_LIMIT = 100_000
"""Numbers are read in one go for each contour, in which no other thread gets on."""
CONTOURS_ON_IMAGE_LIMIT = 2_000
POINTS_ON_IMAGE_LIMIT = 200_000
_POINT_BYTES = 3 * 17
"""Three decimal strings of sixteen bytes, and what separates them."""
_FLAT_MM = 0.5
"""A planar contour may leave the image's plane by so much: writers round."""
_UNKNOWN_REACH_MM = 1.0

_STRUCTURE_SETS, _SET_LABEL, _SET_NAME = 0x30060020, 0x30060002, 0x30060004
_ROI_NUMBER, _ROI_FRAME_OF_REFERENCE, _ROI_NAME = 0x30060022, 0x30060024, 0x30060026
_ROI_CONTOURS, _REFERENCED_ROI_NUMBER, _ROI_COLOR = 0x30060039, 0x30060084, 0x3006002A
_CONTOURS, _CONTOUR_IMAGES, _GEOMETRIC_TYPE, _CONTOUR_DATA = 0x30060040, 0x30060016, 0x30060042, 0x30060050
_OBSERVATIONS, _INTERPRETED_TYPE = 0x30060080, 0x300600A4
_REFERENCED_SOP_INSTANCE_UID, _REFERENCED_FRAME_NUMBER = 0x00081155, 0x00081160


@dataclass(frozen=True, slots=True)
class _Contour:
    """One contour; its points are `first` to `end` of the object's."""

    structure: int
    first: int
    end: int
    closed: bool
    image_uid: str
    image_frame: int
    """From 1; 0 where the image has but one, or the contour does not say."""


class StructureSet:
    """Contours drawn over the images in whose planes they lie.

    A contour belongs to an image when it lies flat in its plane, as far as half a slice reaches, in one Frame
    of Reference. In a series that the object refers to, a contour that names its image belongs to that one
    alone: slices that overlap have several within reach.
    """

    def __init__(
        self,
        name: str,
        parts: tuple[Part, ...],
        frames_of_reference: dict[int, str],
        contours: list[_Contour],
        points: NDArray[np.float64],
        series_instance_uids: frozenset[str],
    ) -> None:
        self.kind = "RTSTRUCT"
        self.name = name
        self.parts = parts
        self._frames_of_reference = frames_of_reference
        self._contours = contours
        self._points = points
        self._series_instance_uids = series_instance_uids
        self._starts = np.array([contour.first for contour in contours], np.intp)

    @classmethod
    def open(cls, path: Path, token: CancelToken | None = None) -> Self:
        """Read every contour.

        Raises
        ------
        NoctisError
            The file has no structures, is damaged, or passes `CONTOURS_LIMIT` or `POINTS_LIMIT`.
        Cancelled
            The token was set.
        """
        with opened_object(path) as ds:
            if _STRUCTURE_SETS not in ds:
                raise NotAnImage("The file holds no structures.")
            words = Words(ds)
            reading = _Reading(ds, token or CancelToken())
            reading.read()
            parts, frames_of_reference = _parts(ds, words, reading.colors)
            name = words.text(ds, _SET_LABEL) or words.text(ds, _SET_NAME) or "Structure set"
            points, series = reading.all_points(), frozenset(referenced_series(ds))
            return cls(name, parts, frames_of_reference, reading.contours, points, series)

    def marks_on(self, frame: LoadedFrame, _ref: FrameRef, appearance: Appearance) -> tuple[Mark, ...]:
        """Return the contours on a frame as lines, and the structures' names as long as they are few."""
        parts = {part.number: part for part in self.parts}
        strokes: list[Mark] = []
        highest: dict[int, tuple[float, float]] = {}
        for contour, points in self._contours_on(frame, appearance.hidden):
            part = parts.get(contour.structure)
            rgb = part.rgb if part else distinct(contour.structure)
            strokes.append(Stroke(points, closed=contour.closed, width=1.5, rgb=rgb))
            top = min(points, key=lambda point: point[1])
            if contour.structure not in highest or top[1] < highest[contour.structure][1]:
                highest[contour.structure] = top
        return *strokes, *names_of(self.parts, highest)

    def _contours_on(
        self, frame: LoadedFrame, hidden: frozenset[int]
    ) -> Iterator[tuple[_Contour, tuple[tuple[float, float], ...]]]:
        plane = frame.plane
        if plane is None or not self._contours:
            return
        shown = points = 0
        for place in self._near(plane, _reach_mm(frame)):
            contour = self._contours[place]
            if contour.structure in hidden or not self._belongs(contour, frame):
                continue
            shown, points = shown + 1, points + contour.end - contour.first
            if shown > CONTOURS_ON_IMAGE_LIMIT or points > POINTS_ON_IMAGE_LIMIT:
                return
            yield contour, _image_points(plane, self._points[contour.first : contour.end])

    def _near(self, plane: ImagePlane, reach_mm: float) -> NDArray[np.intp]:
        """Return which contours lie flat within reach of a plane."""
        away = self._points @ np.array(plane.normal) - plane.position_along_normal_mm
        lowest, highest = (ufunc.reduceat(away, self._starts) for ufunc in (np.minimum, np.maximum))
        flat = highest - lowest <= _FLAT_MM
        return np.flatnonzero(flat & (np.abs(highest + lowest) / 2 <= reach_mm))

    def _belongs(self, contour: _Contour, frame: LoadedFrame) -> bool:
        attributes = frame.attributes
        if contour.image_uid and contour.image_uid == attributes.sop_instance_uid:
            return contour.image_frame in {0, attributes.frame_index + 1}
        if contour.image_uid and frame.image.series_instance_uid in self._series_instance_uids:
            return False
        reference = self._frames_of_reference.get(contour.structure, "")
        return bool(reference) and reference == attributes.frame_of_reference_uid


class _Reading:
    """Collects the contours of a structure set within limits."""

    def __init__(self, ds: DataSet, token: CancelToken) -> None:
        self._ds = ds
        self._token = token
        self._points: list[NDArray[np.float64]] = []
        self._count = 0
        self.contours: list[_Contour] = []
        self.colors: dict[int, Rgb] = {}

    def read(self) -> None:
        """Read the contours of every structure."""
        for place, item in enumerate(self._ds.items(_ROI_CONTOURS, STRUCTURES_LIMIT)):
            number = item.integer(_REFERENCED_ROI_NUMBER, place, b"IS")
            color = item.numbers(_ROI_COLOR, b"IS")
            if len(color) == 3 and all(0 <= part <= 255 for part in color):
                self.colors[number] = int(color[0]), int(color[1]), int(color[2])
            spans = item.item_spans(_CONTOURS)
            if len(self.contours) + len(spans) > CONTOURS_LIMIT:
                raise CannotDecode(f"The structure set has more than {CONTOURS_LIMIT:,} contours.")
            for span in spans:
                self._token.check()
                self._add(number, item.item_at(_CONTOURS, span))

    def all_points(self) -> NDArray[np.float64]:
        """Return every point, LPS mm [points, 3]."""
        return np.concatenate(self._points) if self._points else np.empty((0, 3))

    def _add(self, structure: int, contour: DataSet) -> None:
        data = contour.element(_CONTOUR_DATA)
        if data is None:
            return
        if data.length > CONTOUR_POINTS_LIMIT * _POINT_BYTES:
            raise CannotDecode(
                f"A contour of the structure set has more than {CONTOUR_POINTS_LIMIT:,} points."
            )
        points = _points(contour.raw(_CONTOUR_DATA))
        if not len(points):
            return
        first, self._count = self._count, self._count + len(points)
        if self._count > POINTS_LIMIT:
            raise CannotDecode(f"The structure set has more than {POINTS_LIMIT:,} points.")
        image = contour.first_item(_CONTOUR_IMAGES)
        uid = image.text(_REFERENCED_SOP_INSTANCE_UID) if image is not None else ""
        number = image.integer(_REFERENCED_FRAME_NUMBER, 0, b"IS") if image is not None else 0
        closed = contour.text(_GEOMETRIC_TYPE).upper().startswith("CLOSED")
        self.contours.append(_Contour(structure, first, self._count, closed, uid, max(number, 0)))
        self._points.append(points)


def _points(raw: bytes) -> NDArray[np.float64]:
    """Return the points of Contour Data, none where a number is none."""
    try:
        values = np.array(raw.strip(b" \0").split(b"\\"), dtype=np.float64)
    except ValueError:
        return np.empty((0, 3))
    whole = values[: len(values) // 3 * 3].reshape(-1, 3)
    return whole if np.isfinite(whole).all() and (np.abs(whole) < 1e6).all() else np.empty((0, 3))


def _image_points(plane: ImagePlane, points: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    away = points - np.array(plane.position_mm)
    columns = away @ np.array(plane.row_direction) / plane.column_spacing_mm
    rows = away @ np.array(plane.column_direction) / plane.row_spacing_mm
    return tuple(zip(columns.tolist(), rows.tolist(), strict=True))


def _reach_mm(frame: LoadedFrame) -> float:
    thickness = frame.attributes.slice_thickness_mm
    return max(thickness / 2 if thickness else _UNKNOWN_REACH_MM, SAME_PLANE_MM)


def _parts(ds: DataSet, words: Words, colors: dict[int, Rgb]) -> tuple[tuple[Part, ...], dict[int, str]]:
    types = {
        item.integer(_REFERENCED_ROI_NUMBER, -1, b"IS"): words.text(item, _INTERPRETED_TYPE)
        for item in ds.items(_OBSERVATIONS, STRUCTURES_LIMIT)
    }
    parts, frames_of_reference = [], {}
    for place, item in enumerate(ds.items(_STRUCTURE_SETS, STRUCTURES_LIMIT)):
        number = item.integer(_ROI_NUMBER, place, b"IS")
        frames_of_reference[number] = item.text(_ROI_FRAME_OF_REFERENCE) or ds.text(kw.FRAME_OF_REFERENCE_UID)
        name = words.text(item, _ROI_NAME) or f"Structure {number}"
        parts.append(Part(number, name, colors.get(number, distinct(place)), types.get(number, "").lower()))
    return tuple(parts), frames_of_reference
