"""What is stored about a study, with what it measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.errors import NoctisError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from archive.annotations.annotation import Annotation
    from archive.annotations.measurement import Measurement
    from archive.index.database import Index
    from noctis_tui.reading.loaded_frame import LoadedFrame

NUMBERS = ("value", "unit", "calibration", "mean", "sd", "min", "max", "area_mm2")
"""What every measurement may say, in this order."""


@dataclass(frozen=True, slots=True)
class StoredMeasurement:
    """An annotation and what it measures: None when its image cannot be read.

    Series Number and Instance Number are None where there is none, or the image is gone.
    """

    annotation: Annotation
    measurement: Measurement | None
    series_number: int | None
    instance_number: int | None


class _Image(NamedTuple):
    path: Path | None
    series_number: int | None
    instance_number: int | None


_GONE = _Image(None, None, None)


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
    for name in ("padding_count", "undefined_count"):
        if getattr(measurement, name):
            said[name] = getattr(measurement, name)
    return said


def stored_measurements(index: Index, study_instance_uid: str) -> Iterator[StoredMeasurement]:
    """Yield everything that is drawn in a study, frame by frame, with what it measures."""
    from archive.annotating import annotations_of  # noqa: PLC0415 - reading a picture needs none of it

    found = annotations_of(index, study_instance_uid).annotations
    images = _images(index, study_instance_uid) if found else {}
    loaded: LoadedFrame | None = None
    key, image = None, _GONE
    for annotation in sorted(found, key=_by_frame):
        frame = annotation.frame
        if frame != key:
            image = images.get((frame.series_instance_uid, frame.sop_instance_uid), _GONE)
            key, loaded = frame, _load(image.path, frame.frame_number)
        measurement = _measured(annotation, loaded)
        yield StoredMeasurement(annotation, measurement, image.series_number, image.instance_number)


def _by_frame(annotation: Annotation) -> tuple[str, str, int, float]:
    frame = annotation.frame
    return frame.series_instance_uid, frame.sop_instance_uid, frame.frame_number, annotation.created_at


def _images(index: Index, study_instance_uid: str) -> Mapping[tuple[str, str], _Image]:
    from archive.index.targets import find_study  # noqa: PLC0415 - the same
    from archive.index.worklist import instances_of, series_of  # noqa: PLC0415 - the same

    study = find_study(index, study_instance_uid)
    return {
        (series.series_instance_uid, row.sop_instance_uid): _Image(
            row.path, series.series_number, row.instance_number
        )
        for series in series_of(index, study.id)
        for row in instances_of(index, series.id)
    }


def _load(path: Path | None, frame_number: int) -> LoadedFrame | None:
    from noctis_tui.reading.frame_reading import read_frame  # noqa: PLC0415 - the same

    try:
        return read_frame(path, frame_number - 1) if path is not None else None
    except NoctisError:
        return None


def _measured(annotation: Annotation, loaded: LoadedFrame | None) -> Measurement | None:
    from archive.annotations.measuring import measure  # noqa: PLC0415 - the same

    if loaded is None:
        return None
    try:
        return measure(annotation.kind, annotation.points, loaded.stored_values, loaded.attributes)
    except NoctisError:
        return None
