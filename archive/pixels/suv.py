"""Standardized uptake values of PET: how much more tracer is somewhere than if it were everywhere alike.

The method is QIBA's vendor-neutral one (RSNA QIBA FDG-PET/CT, "SUV calculation", happy path and robust
pseudo-code): values corrected for attenuation and decay, in Bq/ml, are divided by the dose at the moment that
decay is corrected to and multiplied by what stands for the body. Lean body mass is James's with 128 (DICOM's
LBMJAMES128), not with the 120 of a misprint that spread; the surface is Du Bois's. Philips writes counts with
a factor to SUV (7053,xx00) or to Bq/ml (7053,xx09). What stayed in the syringe is not known to the standard's
attributes; where GE says it and no Total Dose is given, it is taken off.

Nothing is guessed: what is missing, or cannot be, is named in one sentence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom import keywords as kw
from archive.dicom.private_elements import private_tag
from archive.pixels.suv_type import SuvType
from archive.pixels.uptake_time import GE, UptakeUnknownError, decay_seconds, parse_date_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.dicom.data_set import DataSet

PHILIPS = "Philips PET Private Group"
_GRAMS, _SQUARE_CENTIMETERS, _BECQUEREL = 1e3, 1e4, 1e6
_DOSE_BQ, _HALF_LIFE_S = (1e5, 1e11), (10.0, 1e8)
_WEIGHT_KG, _SIZE_M = (0.2, 700.0), (0.2, 2.8)
_HALF_LIVES_LIMIT = 10
"""A thousandth of the dose shows nothing: rather the injection came after the scan, by clocks that differ."""
_DECAY_TERMS = frozenset(("DECY", "DECAY"))


@dataclass(frozen=True, slots=True)
class StandardizedUptake:
    """What the modality values of a PET frame are multiplied by to be SUV, or why they cannot be.

    `factors` and `refusals` are in the order of `SuvType`; of each pair one is None or empty.
    """

    factors: tuple[float | None, ...]
    refusals: tuple[str, ...]

    def factor(self, kind: SuvType) -> float | None:
        """Return what modality values are multiplied by, None when there is no such SUV."""
        return self.factors[list(SuvType).index(kind)]

    def refusal(self, kind: SuvType) -> str:
        """Return in one sentence why there is no such SUV; empty when there is."""
        return self.refusals[list(SuvType).index(kind)]


def read_standardized_uptake(ds: DataSet, units: str) -> StandardizedUptake:
    """Read the factors of a PET frame whose Units (0054,1001) are given; never an exception."""
    factors: list[float | None] = []
    refusals: list[str] = []
    for kind in SuvType:
        try:
            factors.append(_factor(ds, units, kind))
            refusals.append("")
        except (UptakeUnknownError, OverflowError, ZeroDivisionError) as error:
            reason = str(error) if isinstance(error, UptakeUnknownError) else "its numbers are impossible"
            factors.append(None)
            refusals.append(f"{kind} cannot be calculated: {reason}.")
    return StandardizedUptake(tuple(factors), tuple(refusals))


def _factor(ds: DataSet, units: str, kind: SuvType) -> float:
    given = _given(ds, units)
    if given is None:
        return _concentration(ds, units) / _decayed_dose_bq(ds) * _body(ds, kind)
    of, scale = given
    return scale if of is kind else scale * _body(ds, kind) / _body(ds, of)


def _given(ds: DataSet, units: str) -> tuple[SuvType, float] | None:
    """Return which SUV the values are already, and by which factor; None when they are activities."""
    if units == "CNTS":
        scale = _positive(ds, private_tag(ds, 0x7053, PHILIPS, 0x00))
        return (SuvType.BODY_WEIGHT, scale) if scale else None
    if units == "CM2ML":
        return SuvType.BODY_SURFACE_AREA, 1.0
    if units != "GML":
        return None
    said = ds.text(kw.SUV_TYPE).upper()
    known = {"": SuvType.BODY_WEIGHT, "BW": SuvType.BODY_WEIGHT, "LBMJAMES128": SuvType.LEAN_BODY_MASS}
    if said not in known:
        raise UptakeUnknownError("the values are SUV of another kind")
    return known[said], 1.0


def _concentration(ds: DataSet, units: str) -> float:
    """Return how many Bq/ml one modality value is."""
    corrections = {text.upper() for text in ds.texts(kw.CORRECTED_IMAGE)}
    if "ATTN" not in corrections or not corrections & _DECAY_TERMS:
        raise UptakeUnknownError("the image is not corrected for attenuation and decay")
    if units == "BQML":
        return 1.0
    if units == "CNTS":
        scale = _positive(ds, private_tag(ds, 0x7053, PHILIPS, 0x09))
        if scale:
            return scale
        raise UptakeUnknownError("the values are counts, and their private scale factor is missing")
    raise UptakeUnknownError(f"Units are {units[:16]}" if units else "Units are missing")


def _decayed_dose_bq(ds: DataSet) -> float:
    tracer = ds.first_item(kw.RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE)
    if tracer is None:
        raise UptakeUnknownError("Radiopharmaceutical Information is missing")
    dose = _positive(tracer, kw.RADIONUCLIDE_TOTAL_DOSE) or _net_dose_of_ge(ds)
    half_life = _positive(tracer, kw.RADIONUCLIDE_HALF_LIFE)
    _demand((("Radionuclide Total Dose", dose), ("Radionuclide Half Life", half_life)))
    _check("Radionuclide Total Dose", dose, _DOSE_BQ, "Bq")
    _check("Radionuclide Half Life", half_life, _HALF_LIFE_S, "s")
    seconds = decay_seconds(ds, tracer, half_life)
    if not 0 <= seconds <= _HALF_LIVES_LIMIT * half_life:
        raise UptakeUnknownError(f"the scan is {seconds / 3600:.1f} h after the injection")
    return dose * math.exp2(-seconds / half_life)


def _net_dose_of_ge(ds: DataSet) -> float:
    """Return what GE measured before the injection less what was left afterwards; Bq, or 0."""

    def private(element: int) -> int:
        return private_tag(ds, 0x0009, GE, element)

    before, after, half_life = (_positive(ds, private(element), b"FL") for element in (0x38, 0x3C, 0x3F))
    measured, given, emptied = (parse_date_time(ds.text(private(element))) for element in (0x39, 0x3B, 0x3D))
    if not before or not half_life or measured is None or given is None:
        return 0.0
    dose = before * math.exp2(-(given - measured).total_seconds() / half_life)
    if after and emptied is not None:
        dose -= after * math.exp2((emptied - given).total_seconds() / half_life)
    return max(dose, 0.0) * _BECQUEREL


def _body(ds: DataSet, kind: SuvType) -> float:
    """Return what stands for the body: g, or cm² for the surface."""
    weight = _positive(ds, kw.PATIENT_WEIGHT)
    if kind is SuvType.BODY_WEIGHT:
        _demand((("Patient's Weight", weight),))
        _check("Patient's Weight", weight, _WEIGHT_KG, "kg")
        return weight * _GRAMS
    size = _positive(ds, kw.PATIENT_SIZE)
    _demand((("Patient's Weight", weight), ("Patient's Size", size)))
    _check("Patient's Weight", weight, _WEIGHT_KG, "kg")
    _check("Patient's Size", size, _SIZE_M, "m")
    if kind is SuvType.BODY_SURFACE_AREA:
        return float(0.007184 * weight**0.425 * (100 * size) ** 0.725 * _SQUARE_CENTIMETERS)
    return _lean_body_mass_kg(ds.text(kw.PATIENT_SEX).upper(), weight, 100 * size) * _GRAMS


def _lean_body_mass_kg(sex: str, weight_kg: float, size_cm: float) -> float:
    if sex not in {"M", "F"}:
        raise UptakeUnknownError("Patient's Sex is neither M nor F")
    linear, squared = (1.10, 128.0) if sex == "M" else (1.07, 148.0)
    lean = linear * weight_kg - squared * (weight_kg / size_cm) ** 2
    if lean <= 0:
        raise UptakeUnknownError("the formula of lean body mass does not hold for this weight and size")
    return lean


def _positive(ds: DataSet, tag: int, vr: bytes = b"DS") -> float:
    """Return the first value, 0 where there is none above 0."""
    number = next(iter(ds.numbers(tag, vr)), 0.0) if tag else 0.0
    return number if math.isfinite(number) and number > 0 else 0.0


def _demand(named: Sequence[tuple[str, float]]) -> None:
    missing = [name for name, value in named if not value]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise UptakeUnknownError(f"{' and '.join(missing)} {verb} missing")


def _check(name: str, value: float, limits: tuple[float, float], unit: str) -> None:
    if not limits[0] <= value <= limits[1]:
        raise UptakeUnknownError(f"{name} cannot be {value:.4g} {unit}")
