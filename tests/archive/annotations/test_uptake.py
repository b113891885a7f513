"""Measurements of PET as standardized uptake values."""

from __future__ import annotations

import numpy as np
import pytest
from measured_frames import frame, read

from archive.annotations.annotation import Kind
from archive.annotations.measuring import measure
from archive.annotations.uptake import in_uptake
from archive.errors import BadInput
from archive.pixels.modality_lut import Rescale
from archive.pixels.real_world_value import RealWorldValueMapping
from archive.pixels.suv import StandardizedUptake
from archive.pixels.suv_type import SuvType

UPTAKE = StandardizedUptake((0.001, None, 0.5), ("", "SUVlbm cannot be calculated: no size.", ""))
PET = frame(rescale=Rescale(10.0, 0.0), units="BQML", pixel_spacing=(2.0, 2.0), standardized_uptake=UPTAKE)
PIXELS = np.arange(100, dtype=np.uint16).reshape(10, 10)


def test_values_are_scaled_and_sizes_are_not():
    activity = measure(Kind.RECTANGLE, [(0, 0), (9, 9)], PIXELS, PET, histogram_classes=10)
    found = in_uptake(activity, PET, SuvType.BODY_WEIGHT)
    scaled = measure(
        Kind.RECTANGLE, [(0, 0), (9, 9)], PIXELS, frame(rescale=Rescale(0.01, 0.0)), histogram_classes=10
    )
    assert (found.mean, found.sd, found.min, found.max) == pytest.approx(
        (scaled.mean, scaled.sd, scaled.min, scaled.max)
    )
    assert found.histogram.counts == scaled.histogram.counts
    assert found.histogram.width == pytest.approx(scaled.histogram.width)
    assert (found.value, found.unit, found.area_mm2) == (activity.value, "mm2", 81 * 4)
    assert (found.value_unit, found.count) == ("g/ml SUVbw", 100)


def test_a_probe_and_a_length():
    probe = in_uptake(measure(Kind.PROBE, [(5, 5)], PIXELS, PET), PET, SuvType.BODY_SURFACE_AREA)
    assert (probe.value, probe.unit) == (275, "cm²/ml SUVbsa")
    line = measure(Kind.LENGTH, [(0, 0), (5, 5)], PIXELS, PET)
    assert in_uptake(line, PET, SuvType.BODY_WEIGHT) == line


def test_what_is_missing_is_named():
    probe = measure(Kind.PROBE, [(5, 5)], PIXELS, PET)
    with pytest.raises(BadInput, match="no size"):
        in_uptake(probe, PET, SuvType.LEAN_BODY_MASS)
    with pytest.raises(BadInput, match="Only PET"):
        in_uptake(probe, frame(), SuvType.BODY_WEIGHT)


def test_real_world_values_are_no_activity():
    mapping = RealWorldValueMapping(0, 100, 1.0, 0.0, None, "mm2/s", "", "")
    mapped = frame(real_world_value_mappings=(mapping,), standardized_uptake=UPTAKE)
    with pytest.raises(BadInput):
        in_uptake(measure(Kind.PROBE, [(5, 5)], PIXELS, mapped), mapped, SuvType.BODY_WEIGHT)


def test_a_real_pet(shared_data):
    stored, attributes = read(shared_data / "single" / "pt_acrin_flt_029.dcm")
    rows, columns = stored.shape
    whole = [(-0.5, -0.5), (columns - 0.5, rows - 0.5)]
    found = measure(Kind.RECTANGLE, whole, stored, attributes)
    assert found.count == stored.size
    factor = attributes.standardized_uptake.factor(SuvType.BODY_WEIGHT)
    if factor is not None:
        assert in_uptake(found, attributes, SuvType.BODY_WEIGHT).max == pytest.approx(found.max * factor)
