"""What is stored about a study, with what it measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.annotations.annotation import Kind
from archive.errors import NoctisError
from noctis_tui.reading.viewed_measurement import in_suv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.annotations.annotation import Annotation, FrameKey
    from archive.annotations.measurement import Measurement
    from archive.index.database import Index
    from archive.pixels.suv_type import SuvType
    from noctis_tui.reading.frame_reading import FrameReader
    from noctis_tui.reading.loaded_frame import LoadedFrame

NUMBERS = ("value", "unit", "calibration", "mean", "sd", "min", "max", "area_mm2")
"""What every measurement may say, in this order."""


@dataclass(frozen=True, slots=True)
class StoredMeasurement:
    """An annotation and what it measures: None when its image cannot be read.

    `uptake` is the same in a standardized uptake value; None where it was not asked for or there is none.
    Series Number and Instance Number are None where there is none, or the image is gone.
    """

    annotation: Annotation
    measurement: Measurement | None
    series_number: int | None
    instance_number: int | None
    uptake: Measurement | None = None
    suv_type: SuvType | None = None


def numbers_of(measurement: Measurement) -> dict[str, Any]:
    """Return what a measurement says, as far as it applies, for data: units as UCUM writes them."""
    said: dict[str, Any] = {
        "kind": measurement.kind.value,
        "value": measurement.value,
        "unit": measurement.unit or None,
        "calibration": measurement.calibration or None,
    }
    if measurement.count is not None:
        said |= {name: getattr(measurement, name) for name in ("mean", "sd", "min", "max")}
        said |= {"value_unit": measurement.value_unit or None, "count": measurement.count}
    for name in ("area_mm2", "area_px", "color"):
        if getattr(measurement, name) is not None:
            said[name] = getattr(measurement, name)
    for name, extent in zip(("delta_x", "delta_y"), measurement.extents or (), strict=False):
        if extent is not None:
            said |= {name: extent.value, f"{name}_unit": extent.unit}
    for name in ("padding_count", "undefined_count"):
        if getattr(measurement, name):
            said[name] = getattr(measurement, name)
    return said


def stored_measurements(
    index: Index, study_instance_uid: str, suv_type: SuvType | None = None
) -> Iterator[StoredMeasurement]:
    """Yield everything that is drawn in a study, frame by frame, with what it measures; PET in SUV, too."""
    from archive.annotating import annotations_of  # noqa: PLC0415 - reading a picture needs none of it
    from archive.index.study_images import images_of_study  # noqa: PLC0415 - the same
    from noctis_tui.reading.frame_reading import FrameReader  # noqa: PLC0415 - the same

    found = annotations_of(index, study_instance_uid).annotations
    images = images_of_study(index, study_instance_uid) if found else {}
    reader, loaded = FrameReader(), None
    key: FrameKey | None = None
    for annotation in sorted(found, key=_by_frame):
        frame = annotation.frame
        image = images.get(frame.sop_instance_uid)
        if frame != key:
            key, loaded = (
                frame,
                _load(reader, image.instance.path, frame.frame_number) if image is not None else None,
            )
        measurement = _measured(annotation, loaded)
        uptake = _uptake(measurement, loaded, suv_type)
        yield StoredMeasurement(
            annotation,
            measurement,
            image.series.series_number if image is not None else None,
            image.instance.instance_number if image is not None else None,
            uptake,
            suv_type if uptake is not None else None,
        )


def _by_frame(annotation: Annotation) -> tuple[str, str, int, float]:
    frame = annotation.frame
    return frame.series_instance_uid, frame.sop_instance_uid, frame.frame_number, annotation.created_at


def _load(reader: FrameReader, path: Path, frame_number: int) -> LoadedFrame | None:
    from noctis_tui.reading.loaded_frame import LoadedFrame  # noqa: PLC0415 - the same
    from noctis_tui.reading.stack import FrameRef  # noqa: PLC0415 - the same

    found = reader.read(FrameRef(path, frame_number - 1))
    return found if isinstance(found, LoadedFrame) else None


def _uptake(
    measurement: Measurement | None, loaded: LoadedFrame | None, suv_type: SuvType | None
) -> Measurement | None:
    """Return the values of a measurement in SUV, None when it has no values."""
    if measurement is None or loaded is None:
        return None
    if measurement.kind is not Kind.PROBE and measurement.count is None:
        return None
    return in_suv(measurement, loaded, suv_type)


def _measured(annotation: Annotation, loaded: LoadedFrame | None) -> Measurement | None:
    from archive.annotations.measuring import measure  # noqa: PLC0415 - the same

    if loaded is None:
        return None
    try:
        return measure(annotation.kind, annotation.points, loaded.stored_values, loaded.attributes)
    except NoctisError:
        return None
