"""SUV against calculations by hand, and every trap that QIBA's pseudo-code knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import phantoms
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from archive.pixels.frames import ImageFile
from archive.pixels.modality_lut import modality_values
from archive.pixels.suv_type import SuvType

if TYPE_CHECKING:
    from pathlib import Path

    from archive.pixels.suv import StandardizedUptake

BW, LBM, BSA = SuvType

# 100 MBq at 10:00 of a nuclide that halves in two hours; the scan begins at 11:00: 70.7106781 MBq are left.
SCAN: dict[str, Any] = {
    "Modality": "PT",
    "Units": "BQML",
    "CorrectedImage": ["ATTN", "SCAT", "DECY"],
    "DecayCorrection": "START",
    "PatientWeight": "80",
    "PatientSize": "1.8",
    "PatientSex": "M",
    "SeriesDate": "20240305",
    "SeriesTime": "110000",
    "AcquisitionDate": "20240305",
    "AcquisitionTime": "110000",
}
TRACER: dict[str, Any] = {
    "RadiopharmaceuticalStartTime": "100000",
    "RadionuclideTotalDose": "100000000",
    "RadionuclideHalfLife": "7200",
}
BY_WEIGHT = 80_000 / 70_710_678.1186547


def uptake(tmp_path: Path, tracer: dict[str, Any] | None = None, private=None, **about) -> StandardizedUptake:
    ds = phantoms.image(np.ones((2, 2), np.int16))
    for keyword, value in (SCAN | about).items():
        if value is not None:
            setattr(ds, keyword, value)
    item = Dataset()
    for keyword, value in (TRACER | (tracer or {})).items():
        if value is not None:
            setattr(item, keyword, value)
    ds.RadiopharmaceuticalInformationSequence = Sequence([item])
    for group, creator, element, vr, value in private or ():
        ds.private_block(group, creator, create=True).add_new(element, vr, value)
    path = tmp_path / "pt.dcm"
    ds.save_as(path, enforce_file_format=True)
    with ImageFile.open(path) as image:
        found = image.frame_attributes(0).standardized_uptake
    assert found is not None
    return found


def test_a_scan_an_hour_after_the_injection(tmp_path: Path):
    found = uptake(tmp_path)
    assert found.factor(BW) == pytest.approx(BY_WEIGHT, rel=1e-9)
    # 1.10 * 80 - 128 * (80 / 180)^2 = 62.71605 kg
    assert found.factor(LBM) == pytest.approx(62_716.0494 / 70_710_678.1186547, rel=1e-8)
    # 0.007184 * 80^0.425 * 180^0.725 = 0.007184 * 6.43916 * 43.15541 = 1.99634 m2
    assert found.factor(BSA) == pytest.approx(19_963.4 / 70_710_678.1186547, rel=1e-4)
    assert found.refusals == ("", "", "")


def test_lean_mass_of_a_woman(tmp_path: Path):
    # 1.07 * 60 - 148 * (60 / 160)^2 = 43.3875 kg
    found = uptake(tmp_path, PatientSex="F", PatientWeight="60", PatientSize="1.6")
    assert found.factor(LBM) == pytest.approx(43_387.5 / 70_710_678.1186547, rel=1e-9)


def test_a_real_scan_by_hand(shared_data: Path):
    """69.7344 kg, 178.34 MBq of 18F (6586.2 s) at 14:17:00, scan at 15:23:16.921.

    3976.921 s are 0.60382633 half-lives: 178340011.6 * 0.65800647 = 117348881 Bq are left, so that one Bq/ml
    is 69734.4 / 117348881 = 5.9424853e-4 SUV. Pixel (84, 84) holds 154: 154 * 9.12329 = 1404.987 Bq/ml, and
    SUV 0.834911 (worked out with bc).
    """
    with ImageFile.open(shared_data / "single/pt_acrin_flt_029.dcm") as image:
        frame = image.frame_attributes(0)
        value = float(modality_values(image.stored_values(0), frame)[84, 84])
    found = frame.standardized_uptake
    assert value == pytest.approx(1404.987, abs=1e-3)
    assert found.factor(BW) * value == pytest.approx(0.834911, abs=1e-6)
    assert found.refusal(LBM) == "SUVlbm cannot be calculated: Patient's Size is missing."


def test_values_corrected_to_the_injection_need_no_decay(tmp_path: Path):
    found = uptake(tmp_path, DecayCorrection="ADMIN", SeriesTime=None, AcquisitionTime=None)
    assert found.factor(BW) == pytest.approx(80_000 / 1e8)


def test_a_later_bed_position_is_corrected_to_the_series(tmp_path: Path):
    assert uptake(tmp_path, AcquisitionTime="112500").factor(BW) == pytest.approx(BY_WEIGHT)


def test_a_series_made_later_is_not_believed(tmp_path: Path):
    """The frame began at 11:20; its activity was the mean 60 s less 9.627e-5 * 120^2 / 24 = 0.058 s later."""
    later = {"SeriesTime": "183000", "AcquisitionTime": "112000", "ActualFrameDuration": "120000"}
    exact = uptake(tmp_path, **later, FrameReferenceTime="1259942.24")
    assert exact.factor(BW) == pytest.approx(BY_WEIGHT, rel=1e-6)
    of_ge = uptake(tmp_path, None, [(0x0009, "GEMS_PETD_01", 0x0D, "DT", "20240305110000.00")], **later)
    assert of_ge.factor(BW) == pytest.approx(BY_WEIGHT)
    assert "Frame Reference Time is missing" in uptake(tmp_path, **later).refusal(BW)


def test_midnight_lies_between_injection_and_scan(tmp_path: Path):
    times = {"SeriesTime": "003000.5", "AcquisitionTime": "003000.5"}
    found = uptake(tmp_path, {"RadiopharmaceuticalStartTime": "233000.5"}, **times)
    assert found.factor(BW) == pytest.approx(BY_WEIGHT)


def test_a_dated_injection_goes_before_its_time_of_day(tmp_path: Path):
    dated = {
        "RadiopharmaceuticalStartDateTime": "20240305100000.000000+0100",
        "RadiopharmaceuticalStartTime": None,
    }
    assert uptake(tmp_path, dated).factor(BW) == pytest.approx(BY_WEIGHT)
    shifted = {"RadiopharmaceuticalStartDateTime": "20300101100000"}  # a de-identifier moved only this date
    assert uptake(tmp_path, shifted).factor(BW) == pytest.approx(BY_WEIGHT)


def test_counts_of_philips_have_factors_of_their_own(tmp_path: Path):
    group = "Philips PET Private Group"
    direct = uptake(tmp_path, None, [(0x7053, group, 0x00, "DS", "0.00042")], Units="CNTS")
    assert direct.factor(BW) == pytest.approx(0.00042)
    assert direct.factor(LBM) == pytest.approx(0.00042 * 62.7160494 / 80, rel=1e-8)
    to_becquerel = uptake(
        tmp_path,
        None,
        [(0x7053, group, 0x00, "DS", "0"), (0x7053, group, 0x09, "DS", "1.5")],
        Units="CNTS",
    )
    assert to_becquerel.factor(BW) == pytest.approx(1.5 * BY_WEIGHT)
    assert "private scale factor" in uptake(tmp_path, Units="CNTS").refusal(BW)


def test_values_that_are_suv_already_are_not_multiplied_again(tmp_path: Path):
    found = uptake(tmp_path, Units="GML", CorrectedImage=None)
    assert found.factor(BW) == 1
    assert found.factor(LBM) == pytest.approx(62.7160494 / 80, rel=1e-8)
    assert uptake(tmp_path, Units="GML", SUVType="LBMJAMES128").factor(LBM) == 1
    assert "another kind" in uptake(tmp_path, Units="GML", SUVType="IBW").refusal(BW)
    assert uptake(tmp_path, Units="CM2ML").factor(BSA) == 1


def test_the_residue_of_ge_is_taken_off(tmp_path: Path):
    """120 MBq measured at 08:00, an hour before 100.907 are injected, and 10 MBq left an hour after it."""
    ge = "GEMS_PETD_01"
    private = [
        (0x0009, ge, 0x38, "FL", 120.0),
        (0x0009, ge, 0x39, "DT", "20240305090000"),
        (0x0009, ge, 0x3B, "DT", "20240305100000"),
        (0x0009, ge, 0x3C, "FL", 10.0),
        (0x0009, ge, 0x3D, "DT", "20240305110000"),
        (0x0009, ge, 0x3F, "FL", 7200.0),
    ]
    found = uptake(tmp_path, {"RadionuclideTotalDose": None}, private)
    given_bq = 120e6 * 2**-0.5 - 10e6 * 2**0.5
    assert found.factor(BW) == pytest.approx(80_000 / (given_bq * 2**-0.5), rel=1e-6)


@pytest.mark.parametrize(
    ("tracer", "about", "sentence"),
    [
        ({"RadionuclideTotalDose": None}, {}, "Radionuclide Total Dose is missing"),
        (
            {"RadionuclideTotalDose": None, "RadionuclideHalfLife": None},
            {},
            "Radionuclide Total Dose and Radionuclide Half Life are missing",
        ),
        ({"RadionuclideTotalDose": "370"}, {}, "Radionuclide Total Dose cannot be 370 Bq"),
        ({"RadiopharmaceuticalStartTime": None}, {}, "Radiopharmaceutical Start Time is missing"),
        ({}, {"PatientWeight": None}, "Patient's Weight is missing"),
        ({}, {"PatientWeight": "0"}, "Patient's Weight is missing"),
        ({}, {"PatientWeight": "80000"}, "Patient's Weight cannot be 8e+04 kg"),
        ({}, {"DecayCorrection": "NONE"}, "Decay Correction is neither START nor ADMIN"),
        ({}, {"CorrectedImage": ["SCAT"]}, "not corrected for attenuation and decay"),
        ({}, {"Units": "PROPCNTS"}, "Units are PROPCNTS"),
        ({}, {"Units": None}, "Units are missing"),
        ({}, {"SeriesTime": None, "AcquisitionTime": None}, "Series Time and Acquisition Time are missing"),
        ({"RadionuclideHalfLife": "60"}, {}, "the scan is 1.0 h after the injection"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, tracer, about, sentence):
    found = uptake(tmp_path, tracer, **about)
    assert found.factors == (None, None, None)
    assert sentence in found.refusal(BW)


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        ({"PatientSize": None}, "Patient's Size is missing"),
        ({"PatientSize": "180"}, "Patient's Size cannot be 180 m"),
        ({"PatientSex": "O"}, "Patient's Sex is neither M nor F"),
        ({"PatientWeight": "600"}, "does not hold"),
    ],
)
def test_lean_mass_is_refused_alone(tmp_path: Path, about, sentence):
    found = uptake(tmp_path, **about)
    assert found.factor(BW) is not None
    assert sentence in found.refusal(LBM)


def test_other_modalities_have_none(tmp_path: Path):
    with ImageFile.open(phantoms.write_image(tmp_path / "ct.dcm", np.zeros((2, 2), np.int16))) as image:
        assert image.frame_attributes(0).standardized_uptake is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    clock=st.text("0123456789.:- ", max_size=14),
    date=st.text("0123456789.", max_size=10),
    reference=st.sampled_from(["", "nan", "1e308", "-5", "0"]),
)
def test_any_times_are_answered(tmp_path: Path, clock, date, reference):
    from pydicom import config

    config.settings.writing_validation_mode = config.IGNORE
    tracer = {"RadiopharmaceuticalStartTime": None, "RadiopharmaceuticalStartDateTime": None}
    ds = phantoms.image(np.ones((2, 2), np.int16), **SCAN)
    item = Dataset()
    for keyword, value in (TRACER | tracer).items():
        if value is not None:
            setattr(item, keyword, value)
    item.add_new("RadiopharmaceuticalStartDateTime", "LO", date + clock)
    item.add_new("RadiopharmaceuticalStartTime", "LO", clock)
    ds.RadiopharmaceuticalInformationSequence = Sequence([item])
    others = {"SeriesTime": clock, "AcquisitionDate": date, "FrameReferenceTime": reference}
    for keyword, value in others.items():
        ds.add_new(keyword, "LO", value)
    ds.save_as(tmp_path / "pt.dcm", enforce_file_format=True)
    with ImageFile.open(tmp_path / "pt.dcm") as image:
        found = image.frame_attributes(0).standardized_uptake
    assert all(
        (factor is None) == bool(why) for factor, why in zip(found.factors, found.refusals, strict=True)
    )


@pytest.mark.parametrize("dated", [False, True])
def test_an_injection_after_the_scan_is_not_taken_for_one_the_day_before(tmp_path: Path, dated):
    """Clocks differ, and dynamic scans begin first: SUV would be eight thousand times too large."""
    times = {"SeriesTime": "100000", "AcquisitionTime": "100000"}
    tracer = {"RadiopharmaceuticalStartTime": "100500", "RadionuclideHalfLife": "6586.2"}
    if dated:
        tracer |= {"RadiopharmaceuticalStartDateTime": "20240305100500"}
    found = uptake(tmp_path, tracer, **times)
    assert found.factors == (None, None, None)
    assert ("is after the scan" if dated else "23.9 h after the injection") in found.refusal(BW)
