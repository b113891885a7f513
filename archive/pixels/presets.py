"""Windows that readers expect under keys 1 to 9."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from archive.pixels.voi_lut import Window


@dataclass(frozen=True, slots=True)
class Preset:
    """A named window over modality values."""

    name: str
    window: Window


def _preset(name: str, center: float, width: float) -> Preset:
    return Preset(name, Window(center, width, "LINEAR", name))


SOFT_TISSUE: Final = _preset("Soft tissue", 40, 400)
LUNG: Final = _preset("Lung", -600, 1500)
BONE: Final = _preset("Bone", 400, 1800)
BRAIN: Final = _preset("Brain", 40, 80)
STROKE: Final = _preset("Stroke", 35, 35)
SUBDURAL: Final = _preset("Subdural", 75, 215)
MEDIASTINUM: Final = _preset("Mediastinum", 50, 350)
LIVER: Final = _preset("Liver", 70, 150)
ANGIOGRAPHY: Final = _preset("Angiography", 300, 600)
TEMPORAL_BONE: Final = _preset("Temporal bone", 600, 2800)
FULL_RANGE: Final = _preset("Full range", 1023, 4096)

_CT = (SOFT_TISSUE, LUNG, BONE, BRAIN, LIVER, MEDIASTINUM, ANGIOGRAPHY, SUBDURAL, FULL_RANGE)
_CT_HEAD = (BRAIN, SUBDURAL, STROKE, BONE, TEMPORAL_BONE, SOFT_TISSUE, ANGIOGRAPHY, FULL_RANGE)
_CT_CHEST = (MEDIASTINUM, LUNG, BONE, SOFT_TISSUE, ANGIOGRAPHY, LIVER, FULL_RANGE)
_CT_SPINE = (SOFT_TISSUE, BONE, ANGIOGRAPHY, LUNG, FULL_RANGE)
_CT_BY_WORD: Final = (
    (("HEAD", "BRAIN", "SKULL", "ORBIT", "EAR", "SINUS", "NECK", "FACE"), _CT_HEAD),
    (("CHEST", "THORAX", "LUNG", "HEART", "BREAST"), _CT_CHEST),
    (("SPINE", "EXTREMITY", "ARM", "LEG", "KNEE", "HIP", "SHOULDER", "FOOT", "HAND", "ANKLE"), _CT_SPINE),
)


def presets_for(modality: str, body_part: str = "") -> tuple[Preset, ...]:
    """Return at most nine presets, the likeliest first, for what is read.

    Only CT has values with the same meaning on every scanner; other modalities get none and are windowed by
    what their files say or by their values.
    """
    if modality.upper() != "CT":
        return ()
    words = body_part.upper()
    for names, presets in _CT_BY_WORD:
        if any(name in words for name in names):
            return presets
    return _CT


def find_preset(name: str) -> Preset | None:
    """Return the preset of that name, ignoring case; None when there is none."""
    wanted = name.strip().casefold()
    return next((preset for preset in ALL if preset.name.casefold() == wanted), None)


ALL: Final = tuple(dict.fromkeys((*_CT, *_CT_HEAD, *_CT_CHEST, *_CT_SPINE)))
"""Every preset, each once."""
