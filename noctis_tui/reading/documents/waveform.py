"""Waveforms: channels, and the samples of one page of them (PS3.3 A.34, C.10.9)."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from archive.errors import CannotDecode
from noctis_tui.reading.derived.opening import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from archive.dicom.data_set import DataSet

PAGE_SECONDS = 10.0
CHANNELS_LIMIT = 64
GROUPS_LIMIT = 16
PAGES_LIMIT = 2_000
PAGE_SAMPLES_LIMIT = 4 << 20
"""Samples of all channels of a page; what is faster than sound has shorter pages."""

_SEQUENCE = 0x54000100
_CHANNELS, _SAMPLES, _FREQUENCY, _GROUP_LABEL = 0x003A0005, 0x003A0010, 0x003A001A, 0x003A0020
_DEFINITIONS, _CHANNEL_LABEL, _CHANNEL_SOURCE = 0x003A0200, 0x003A0203, 0x003A0208
_SENSITIVITY, _SENSITIVITY_UNITS, _CORRECTION, _BASELINE = 0x003A0210, 0x003A0211, 0x003A0212, 0x003A0213
_INTERPRETATION, _DATA = 0x54001006, 0x54001010
_CODE_VALUE = 0x00080100
_DTYPES = {"SB": "i1", "UB": "u1", "SS": "i2", "US": "u2", "SL": "i4", "UL": "u4"}
_TO_MILLIVOLT = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "v": 1e3}


@dataclass(frozen=True, slots=True)
class Channel:
    """One lead: its name, its unit, and its values on a page."""

    label: str
    unit: str
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WaveformPage:
    """What is seen at once of a multiplex group.

    Attributes
    ----------
    group, first_sample
        Which multiplex group, and where the page begins in it.
    label
        Of the group, safe to show.
    seconds
        When the page begins.
    """

    group: int
    first_sample: int
    label: str
    seconds: float
    frequency: float


def pages_of(ds: DataSet) -> tuple[WaveformPage, ...]:
    """Return the pages of every multiplex group, `PAGE_SECONDS` each.

    Raises
    ------
    CannotDecode
        There is none.
    """
    words = Words(ds)
    pages = tuple(
        page
        for group, item in enumerate(ds.items(_SEQUENCE, GROUPS_LIMIT))
        for page in _pages_of_group(item, group, words)
    )[:PAGES_LIMIT]
    if not pages:
        raise CannotDecode("The waveform has no samples.")
    return pages


def _pages_of_group(item: DataSet, group: int, words: Words) -> Iterator[WaveformPage]:
    frequency = next(iter(item.numbers(_FREQUENCY)), 0.0)
    samples = _sample_count(item)
    if not (isfinite(frequency) and 1e-3 < frequency < 1e7) or samples <= 0:
        return
    label = words.text(item, _GROUP_LABEL)
    step = _page_samples(frequency, item.integer(_CHANNELS, 0))
    for first in range(0, min(samples, step * PAGES_LIMIT), step):
        yield WaveformPage(group, first, label, first / frequency, frequency)


def _page_samples(frequency: float, channels: int) -> int:
    """Return how many samples of each channel a page has."""
    return max(min(int(PAGE_SECONDS * frequency), PAGE_SAMPLES_LIMIT // max(channels, 1)), 1)


def _sample_count(item: DataSet) -> int:
    """Return how many samples of every channel there really are."""
    data, channels = item.element(_DATA), item.integer(_CHANNELS, 0)
    dtype = _DTYPES.get(item.text(_INTERPRETATION).upper(), "i2")
    if data is None or not 1 <= channels <= CHANNELS_LIMIT:
        return 0
    there = data.length // (channels * np.dtype(dtype).itemsize)
    return min(item.integer(_SAMPLES, 0, b"UL"), there)


def channels_of(ds: DataSet, page: WaveformPage) -> tuple[Channel, ...]:
    """Return the values of a page, in the units that the channels name; millivolts where these are volts.

    Raises
    ------
    CannotDecode
        The samples are companded or the group is not there.
    """
    items = ds.items(_SEQUENCE, GROUPS_LIMIT)
    item = items[page.group]
    interpretation = item.text(_INTERPRETATION).upper()
    if interpretation not in _DTYPES:
        raise CannotDecode("The samples of the waveform are written in a way that is not known here.")
    count = item.integer(_CHANNELS, 0)
    dtype = np.dtype(_DTYPES[interpretation]).newbyteorder(">" if ds.encoding.byte_order == ">" else "<")
    there = min(_sample_count(item) - page.first_sample, _page_samples(page.frequency, count))
    start = page.first_sample * count * dtype.itemsize
    raw = item.raw(_DATA)[start : start + there * count * dtype.itemsize]
    stored = np.frombuffer(raw[: len(raw) // (count * dtype.itemsize) * count * dtype.itemsize], dtype)
    values = stored.reshape(-1, count)
    words = Words(ds)
    definitions = item.items(_DEFINITIONS, count)
    return tuple(
        _channel(definitions[place] if place < len(definitions) else None, values[:, place], place, words)
        for place in range(count)
    )


def _channel(definition: DataSet | None, stored: NDArray[np.generic], place: int, words: Words) -> Channel:
    if definition is None:
        return Channel(f"Channel {place + 1}", "", stored.astype(np.float64))
    label = words.text(definition, _CHANNEL_LABEL, 24) or words.meaning(definition, _CHANNEL_SOURCE)
    sensitivity, correction = _finite(definition, _SENSITIVITY, 1.0), _finite(definition, _CORRECTION, 1.0)
    values = stored.astype(np.float64) * sensitivity * correction + _finite(definition, _BASELINE, 0.0)
    units = definition.first_item(_SENSITIVITY_UNITS)
    unit = words.text(units, _CODE_VALUE, 16) if units is not None else ""
    factor = _TO_MILLIVOLT.get(unit.casefold())
    if factor is not None:
        values, unit = values * factor, "mV"
    return Channel(lead_name(label) or f"Channel {place + 1}", unit, values)


def lead_name(label: str) -> str:
    """Return the short name of an ECG lead.

    >>> lead_name("Lead aVR (Einthoven)")
    'aVR'
    """
    return label.removeprefix("Lead ").partition(" (")[0].strip()[:12]


def _finite(ds: DataSet, tag: int, default: float) -> float:
    value = next(iter(ds.numbers(tag)), default)
    return value if isfinite(value) and abs(value) < 1e12 else default
