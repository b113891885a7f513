"""From injection to scan: the time that the dose of a PET decayed before what its values are corrected to."""

from __future__ import annotations

import math
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from archive.dicom import keywords as kw
from archive.dicom.private_elements import private_tag

if TYPE_CHECKING:
    from archive.dicom.data_set import DataSet

GE = "GEMS_PETD_01"
_DAY = timedelta(days=1)


class UptakeUnknownError(ValueError):
    """Why there is no SUV, as the end of a sentence."""


def decay_seconds(ds: DataSet, tracer: DataSet, half_life_s: float) -> float:
    """Return the seconds of decay that the dose needs: 0 where values are corrected to the injection.

    Raises
    ------
    UptakeUnknownError
        When times are missing or contradict each other.
    """
    correction = ds.text(kw.DECAY_CORRECTION).upper()
    if correction == "ADMIN":
        return 0.0
    if correction != "START":
        raise UptakeUnknownError("Decay Correction is neither START nor ADMIN")
    scan = scan_start(ds, half_life_s)
    return (scan - _injection(tracer, scan)).total_seconds()


def scan_start(ds: DataSet, half_life_s: float) -> datetime:
    """Return when the scan began, the moment that decay is corrected to.

    It is Series Date and Time, unless these come after the acquisition: then the series was made later from
    another, and GE's own scan time counts, else what Frame Reference Time says (QIBA's robust pseudo-code).

    Raises
    ------
    UptakeUnknownError
        When none of them is known.
    """
    series = date_time(ds, kw.SERIES_DATE, kw.SERIES_TIME)
    acquisition = date_time(ds, kw.ACQUISITION_DATE, kw.ACQUISITION_TIME)
    if series is None and acquisition is None:
        raise UptakeUnknownError("Series Time and Acquisition Time are missing")
    if series is not None and (acquisition is None or series <= acquisition):
        return series
    of_ge = parse_date_time(ds.text(private_tag(ds, 0x0009, GE, 0x0D)))
    if of_ge is not None:
        return of_ge
    if acquisition is None:
        raise UptakeUnknownError("Acquisition Time is missing")
    return acquisition - timedelta(seconds=_seconds_into_series(ds, half_life_s))


def _seconds_into_series(ds: DataSet, half_life_s: float) -> float:
    """Return how long after the scan's start the frame began.

    Frame Reference Time is the moment in the frame at which the tracer was as active as on average, counted
    from the scan's start; it lies ln(x / (1 - exp(-x))) mean lives into the frame, x mean lives long.
    """
    reference = next(iter(ds.numbers(kw.FRAME_REFERENCE_TIME)), math.nan) / 1000
    duration = next(iter(ds.numbers(kw.ACTUAL_FRAME_DURATION, b"IS")), math.nan) / 1000
    if not (math.isfinite(reference) and math.isfinite(duration) and 0 < duration < 1e6):
        raise UptakeUnknownError("Series Time is after the acquisition, and Frame Reference Time is missing")
    mean_life = half_life_s / math.log(2)
    lives = duration / mean_life
    return reference - mean_life * math.log(lives / -math.expm1(-lives))


def _injection(tracer: DataSet, scan: datetime) -> datetime:
    """Return when the tracer was given; a time without a date is the last such time before the scan."""
    dated = parse_date_time(tracer.text(kw.RADIOPHARMACEUTICAL_START_DATE_TIME))
    if dated is not None and dated <= scan:
        return dated
    if dated is not None and dated - scan < _DAY:  # a later day was moved by a de-identifier, this was not
        raise UptakeUnknownError("Radiopharmaceutical Start DateTime is after the scan")
    clock = _seconds_of_day(tracer.text(kw.RADIOPHARMACEUTICAL_START_TIME))
    if clock is None:
        problem = "is after the scan" if dated is not None else "is missing"
        raise UptakeUnknownError(f"Radiopharmaceutical Start Time {problem}")
    given = datetime.combine(scan.date(), time(tzinfo=UTC)) + timedelta(seconds=clock)
    return given if given <= scan else given - _DAY


def date_time(ds: DataSet, date_tag: int, time_tag: int) -> datetime | None:
    """Return a date and a time together, None when either is missing or no such moment."""
    return parse_date_time(f"{ds.text(date_tag):8.8}{ds.text(time_tag).replace(':', '')}")


def parse_date_time(text: str) -> datetime | None:
    """Return a DT, its offset from UTC left out (all times of one image are of one place)."""
    date, clock = text[:8], text[8:].partition("+")[0].partition("-")[0]
    seconds = _seconds_of_day(clock)
    if len(date) != 8 or not date.isascii() or not date.isdecimal() or seconds is None:
        return None
    try:
        day = datetime(int(date[:4]), int(date[4:6]), int(date[6:]), tzinfo=UTC)
        return day + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None


def _seconds_of_day(text: str) -> float | None:
    whole, _, fraction = text.strip().partition(".")
    digits = whole.ljust(6, "0")
    if not (2 <= len(whole) <= 6 and digits.isascii() and digits.isdecimal()) or len(whole) % 2:
        return None
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hours > 23 or minutes > 59 or seconds > 60:
        return None
    part = float(f"0.{fraction}") if fraction[:9].isascii() and fraction.isdecimal() else 0.0
    return hours * 3600 + minutes * 60 + seconds + part
