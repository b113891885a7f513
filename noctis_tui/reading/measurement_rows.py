"""The marks of a study as a list: where each is, what it measures, as text to take along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.annotations.annotation import Annotation
from archive.dicom.text import visible
from noctis_tui.reading.edit_history import key_of
from noctis_tui.reading.loaded_frame import LoadedFrame
from noctis_tui.reading.measurement_text import NAMES, measurement_text
from noctis_tui.reading.viewed_measurement import as_viewed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archive.annotations.annotation import KeyImage
    from archive.annotations.measurement import Measurement
    from noctis_tui.reading.edit_history import ItemKey
    from noctis_tui.reading.frame_reading import FrameReader
    from noctis_tui.reading.measurement_cache import MeasurementCache
    from noctis_tui.reading.stack import FrameRef, Stack
    from noctis_tui.reading.viewport import ViewState


@dataclass(frozen=True, slots=True)
class SeriesStack:
    """A series as the list names it."""

    series_number: int | None
    stack: Stack


@dataclass(frozen=True, slots=True)
class MeasurementRow:
    """One annotation, or one key image, and where it is.

    Attributes
    ----------
    series_number
        None where the series has none, or is gone.
    place
        Of its frame in the stack, from 0; None when the frame is gone.
    ref
        Its frame.
    measurement
        None while it is not known, and where there is none.
    """

    item: Annotation | KeyImage
    series_number: int | None = None
    place: int | None = None
    ref: FrameRef | None = None
    measurement: Measurement | None = None

    @property
    def image_text(self) -> str:
        """Series and image as the pictures name them."""
        image = "gone" if self.place is None else f"Im {self.place + 1}"
        return image if self.series_number is None else f"Se {self.series_number} {image}"

    @property
    def key(self) -> ItemKey:
        """What it is known by."""
        return key_of(self.item)

    @property
    def kind_text(self) -> str:
        """What it is."""
        return NAMES[self.item.kind] if isinstance(self.item, Annotation) else "Key image"

    @property
    def value_text(self) -> str:
        """What it measures, empty for words."""
        return measurement_text(self.measurement) if self.measurement is not None else ""

    @property
    def words(self) -> str:
        """Its words, made visible."""
        return visible(self.item.text, 200)


def located(
    items: Iterable[Annotation | KeyImage], stacks: Mapping[str, SeriesStack]
) -> tuple[MeasurementRow, ...]:
    """Find the frames of marks, in the order in which the series and their images are read."""
    order = {uid: place for place, uid in enumerate(stacks)}
    places = {
        (uid, ref.sop_instance_uid, ref.frame_index + 1): place
        for uid, series in stacks.items()
        for place, ref in enumerate(series.stack.frames)
    }
    rows = []
    for item in items:
        frame = item.frame
        series = stacks.get(frame.series_instance_uid)
        place = places.get((frame.series_instance_uid, frame.sop_instance_uid, frame.frame_number))
        ref = series.stack.frames[place] if series is not None and place is not None else None
        number = series.series_number if series is not None else None
        rows.append(MeasurementRow(item, number, place, ref))
    last = len(order)
    return tuple(
        sorted(
            rows,
            key=lambda row: (
                order.get(row.item.frame.series_instance_uid, last),
                row.place is None,
                row.place or 0,
                isinstance(row.item, Annotation),
                row.item.created_at,
            ),
        )
    )


def measured(
    row: MeasurementRow, reader: FrameReader, cache: MeasurementCache, view: ViewState
) -> Measurement | None:
    """Read the frame of a row and measure, PET in the view's SUV; to be called off the event loop."""
    if row.ref is None or not isinstance(row.item, Annotation):
        return None
    frame = reader.read(row.ref)
    if not isinstance(frame, LoadedFrame):
        return None
    return as_viewed(cache.measured(row.item.kind, row.item.points, frame), frame, view)


def clipboard_text(rows: Iterable[MeasurementRow]) -> str:
    """Return rows as lines of columns between tabs: where, what, its value, its words."""
    return "".join(
        f"{row.image_text}\t{row.kind_text}\t{row.value_text}\t{row.words}".rstrip("\t") + "\n"
        for row in rows
    )
