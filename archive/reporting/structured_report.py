"""Measurements as a Comprehensive SR by TID 1500 "Measurement Report" (PS3.16), through highdicom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from highdicom.sr import (
    ComprehensiveSR,
    CoordinatesForMeasurement,
    ImageRegion,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    SourceImageForRegion,
    TrackingIdentifier,
)
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from archive.annotations.measuring import REGIONS
from archive.errors import BadInput
from archive.reporting import vocabulary
from archive.reporting.document import REPORT_SERIES, completed, new_object, uid_of
from archive.reporting.geometry import graphic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

    from archive.reporting.document import Document
    from archive.reporting.measured import Material, Measured

    Group = MeasurementsAndQualitativeEvaluations | PlanarROIMeasurementsAndQualitativeEvaluations

_TRACKING_LENGTH = 1024


def measurement_report(material: Material, document: Document) -> Dataset:
    """Return a Comprehensive SR of everything that measures something.

    The tracking UID of each group is the annotation's own, its tracking identifier the words beside it, and
    its method says in a private code what was drawn.

    Raises
    ------
    BadInput
        Nothing measures anything, or an image is not there any more.
    """
    measured = [each for each in material.measured if measures(each)]
    if not measured:
        raise BadInput("There is no measurement to report.")
    images = completed(material.referenced([each.annotation.frame for each in measured]))
    report = MeasurementReport(
        observation_context=_observer(document),
        procedure_reported=Code("363679005", "SCT", "Imaging procedure"),
        imaging_measurements=[_group(each, material) for each in measured],
    )
    sr = ComprehensiveSR(
        evidence=images,
        content=report[0],
        is_complete=True,
        **new_object(REPORT_SERIES),
    )
    document.finish(sr)
    sr.SeriesDescription = "Measurements"
    return sr


def measures(measured: Measured) -> bool:
    """Tell whether there is a value to report."""
    return measured.measurement is not None and measured.measurement.value is not None


def _observer(document: Document) -> ObservationContext:
    person = PersonObserverIdentifyingAttributes(name=document.person_name)
    return ObservationContext(ObserverContext(codes.DCM.Person, person))


def _group(measured: Measured, material: Material) -> Group:
    annotation = measured.annotation
    tracking, method = _tracking(measured), vocabulary.method(annotation.kind)
    source = _source(measured, material)
    if annotation.kind in REGIONS:
        return PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking,
            referenced_region=_region(measured, source),
            method=method,
            measurements=list(_statistics(measured)),
        )
    return MeasurementsAndQualitativeEvaluations(
        tracking, method=method, measurements=list(_values(measured, source))
    )


def _tracking(measured: Measured) -> TrackingIdentifier:
    annotation = measured.annotation
    words = annotation.text.strip() or annotation.kind.value
    return TrackingIdentifier(uid=uid_of(annotation.uid), identifier=words[:_TRACKING_LENGTH])


def _source(measured: Measured, material: Material) -> SourceImageForRegion:
    frame = measured.annotation.frame
    header = material.image(frame)
    frames = [frame.frame_number] if int(header.get("NumberOfFrames") or 1) > 1 else None
    return SourceImageForRegion(str(header.SOPClassUID), str(header.SOPInstanceUID), frames)


def _region(measured: Measured, source: SourceImageForRegion) -> ImageRegion:
    graphic_type, points = graphic(measured.annotation.kind, measured.annotation.points)[0]
    return ImageRegion(graphic_type, points, source)


def _values(measured: Measured, source: SourceImageForRegion) -> Iterator[Measurement]:
    """Yield what a shape that is no region measures: one value, or one along each axis of a spectrum."""
    annotation, measurement = measured.annotation, measured.measurement
    assert measurement is not None
    assert measurement.value is not None
    lines = graphic(annotation.kind, annotation.points)
    where = [CoordinatesForMeasurement(kind, points, source) for kind, points in lines]
    values = [
        (vocabulary.extent(each.unit), each.value, each.unit)
        for each in measurement.extents or ()
        if each is not None
    ] or [(vocabulary.quantity(annotation.kind, measurement.unit), measurement.value, measurement.unit)]
    for name, value, unit in values:
        yield Measurement(name, float(value), vocabulary.unit(unit), referenced_coordinates=where)


def _statistics(measured: Measured) -> Iterator[Measurement]:
    measurement = measured.measurement
    assert measurement is not None
    if measurement.area_mm2 is not None:
        yield Measurement(vocabulary.area(), measurement.area_mm2, vocabulary.unit("mm2"))
    name, unit = vocabulary.intensity(measurement.value_unit), vocabulary.unit(measurement.value_unit)
    for field, derivation in vocabulary.derivations().items():
        value = getattr(measurement, field)
        if value is not None:
            yield Measurement(name, float(value), unit, derivation=derivation)
