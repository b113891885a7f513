"""The windows under the keys 1 to 9: a person's own, then what suits the modality.

CT has values with a meaning, and so fixed windows (`archive.pixels.presets`). PET has them once it is in SUV.
Nuclear medicine is read in shares of the highest count. The values of MR and of projections mean nothing
outside their image: their windows follow from it, by percentiles of its values or from the file's own window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from archive.dicom.text import visible
from archive.pixels.presets import ALL, Preset, presets_for
from archive.pixels.suv_type import SuvType
from archive.pixels.voi_lut import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from noctis_tui.imaging.enhancing.value_histogram import ValueHistogram
    from noctis_tui.preferences import PresetPreference
    from noctis_tui.reading.loaded_frame import LoadedFrame

MOST = 9
_AIR_SHARE = 0.08
"""What lies below this share of the bright end is taken for air around the patient (MR, nuclear medicine)."""
_PERCENTILES: Final = (
    ("Tissue", 2, 99),
    ("Strong contrast", 15, 95),
    ("Bright structures", 50, 99.9),
    ("Dark structures", 0, 60),
    ("Wide", 0, 100),
)
_SHARES_OF_PEAK: Final = (100, 75, 50, 25, 10)
_SUV_RANGES: Final = ((0, 5), (0, 10), (0, 2.5), (0, 15), (0, 20))
_WIDTHS_OF_OWN: Final = (("Harder", 0.7), ("Softer", 1.4), ("Much softer", 2.0))
_PROJECTIONS = frozenset({"CR", "DX", "RG", "MG", "PX", "IO", "RF", "XA"})


def presets_of(
    frame: LoadedFrame,
    where: str,
    own: Sequence[PresetPreference] = (),
    uptake: SuvType | None = SuvType.BODY_WEIGHT,
) -> tuple[Preset, ...]:
    """Return the presets for a frame, key 1 first; none for colour.

    Parameters
    ----------
    where
        What is known of the body part.
    own
        The person's, which come first and replace built-in ones of the same name.
    uptake
        The SUV that PET is read in; None reads the values of the file.
    """
    if frame.is_color:
        return ()
    modality = frame.image.modality.upper()
    first = [preset_of(preset) for preset in own if preset.fits(modality, where)]
    names = {preset.name.casefold() for preset in first}
    built_in = (*presets_for(modality, where), *_made_for(frame, modality, uptake))
    return (*first, *(preset for preset in built_in if preset.name.casefold() not in names))


def known_presets(
    own: Sequence[PresetPreference], frame: LoadedFrame | None = None, where: str = ""
) -> dict[str, Preset]:
    """Return every preset that has a name, those for the frame first, by its name without case."""
    here = presets_of(frame, where, own) if frame is not None else ()
    known: dict[str, Preset] = {}
    for preset in (*here, *map(preset_of, own), *ALL):
        known.setdefault(preset.name.casefold(), preset)
    return known


def preset_of(preference: PresetPreference) -> Preset:
    """Return a preset of a person as all others are."""
    name = preference.name
    return Preset(name, Window(preference.center, preference.width, preference.function, name))


def _made_for(frame: LoadedFrame, modality: str, uptake: SuvType | None) -> Iterable[Preset]:
    if modality in _PROJECTIONS:
        return _by_own_window(frame)
    match modality:
        case "MR":
            return _by_percentiles(frame)
        case "PT":
            return _by_uptake(frame, uptake)
        case "NM":
            return _by_peak(frame)
        case _:
            return ()


def _by_percentiles(frame: LoadedFrame) -> Iterable[Preset]:
    histogram = frame.histogram
    if histogram is None or histogram.high <= histogram.low:
        return
    for name, low, high in _PERCENTILES:
        floor, ceiling = _percentile(histogram, low), _percentile(histogram, high)
        if ceiling > floor:
            yield _between(name, floor, ceiling)


def _percentile(histogram: ValueHistogram, percent: float) -> float:
    """Return the value that so many of a hundred pixels of the patient do not exceed, to a bin."""
    counts = histogram.counts.copy()
    peak = int(np.searchsorted(np.cumsum(counts), 0.999 * counts.sum()))
    counts[: int(peak * _AIR_SHARE)] = 0
    summed = np.cumsum(counts)
    place = int(np.searchsorted(summed, summed[-1] * percent / 100))
    edge = place if percent < 50 else place + 1
    return histogram.low + (histogram.high - histogram.low) * min(edge, len(counts)) / len(counts)


def _by_uptake(frame: LoadedFrame, uptake: SuvType | None) -> Iterable[Preset]:
    known = frame.attributes.standardized_uptake
    factor = known.factor(uptake) if known is not None and uptake is not None else None
    if factor is None:
        yield from _by_peak(frame)
        return
    name = "SUV" if uptake is SuvType.BODY_WEIGHT else uptake
    for low, high in _SUV_RANGES:
        yield _between(f"{name} {low}-{high:g}", low / factor, high / factor)


def _by_peak(frame: LoadedFrame) -> Iterable[Preset]:
    histogram = frame.histogram
    if histogram is None or histogram.high <= 0:
        return
    for percent in _SHARES_OF_PEAK:
        yield _between(f"0-{percent} % of peak", 0, histogram.high * percent / 100)


def _by_own_window(frame: LoadedFrame) -> Iterable[Preset]:
    """Offer the file's windows by their names, and its first one with more and with less contrast."""
    named = (voi for voi in frame.own_vois if isinstance(voi, Window))
    windows = list(named)
    for number, window in enumerate(windows[:4], 1):
        yield Preset(visible(window.explanation.strip(), 24) or f"Window {number}", window)
    if windows:
        first = windows[0]
        for name, factor in _WIDTHS_OF_OWN:
            yield Preset(name, Window(first.center, first.width * factor, first.function, name))


def _between(name: str, low: float, high: float) -> Preset:
    return Preset(name, Window((low + high) / 2, high - low, "LINEAR_EXACT", name))
