from __future__ import annotations

from dataclasses import replace

import pytest

from archive.annotations.annotation import Kind
from archive.annotations.measuring import measure
from archive.pixels.suv_type import SuvType
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.viewed_measurement import as_viewed
from noctis_tui.reading.viewport import ViewState


@pytest.fixture
def pet(shared_data):
    return read_frame(shared_data / "single" / "pt_acrin_flt_029.dcm")


def test_pet_is_told_in_the_suv_that_was_chosen(pet):
    probe = measure(Kind.PROBE, [(60, 60)], pet.stored_values, pet.attributes)
    told = as_viewed(probe, pet, ViewState().with_suv_type(SuvType.BODY_WEIGHT))
    factor = pet.attributes.standardized_uptake.factor(SuvType.BODY_WEIGHT)
    assert (told.value, told.value_unit) == (pytest.approx(probe.value * factor), "g/ml SUVbw")


def test_what_has_no_such_suv_is_told_as_it_is(pet):
    probe = measure(Kind.PROBE, [(60, 60)], pet.stored_values, pet.attributes)
    assert as_viewed(probe, pet, ViewState().with_suv_type(None)) is probe
    assert as_viewed(probe, pet, ViewState().with_suv_type(SuvType.LEAN_BODY_MASS)) is probe  # no size
    other = replace(pet, attributes=replace(pet.attributes, standardized_uptake=None))
    assert as_viewed(probe, other, ViewState()) is probe
    assert as_viewed(None, pet, ViewState()) is None
