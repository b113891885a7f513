"""Thresholds at which tissues of a CT have their surface."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SurfacePreset:
    """A tissue and where it begins.

    Attributes
    ----------
    name
        As a person chooses it.
    threshold_hu
        Hounsfield units: only where modality values are HU does it mean the tissue.
    is_air
        The tissue is what lies below the threshold, inside of the body.
    """

    name: str
    threshold_hu: float
    is_air: bool = False


BONE = SurfacePreset("bone", 300.0)
"""Cortical bone has 500 to 1,900 HU, spongy bone 100 to 400 (Kalender, W. A.: Computed Tomography). 226 HU, a
usual lower limit for printing bone, takes contrast agent in veins (100 to 250 HU) along; 300 leaves most of
that out and keeps vertebrae whole."""

SOFT_TISSUE = SurfacePreset("soft tissue", -300.0)
"""The skin: half way between air (-1000 HU) and tissue (fat -100, muscle 50) would be -500; -300 stays clear
of blankets, hair and foam, and moves the outline by a fifth of a voxel."""

LUNG = SurfacePreset("lung", -500.0, is_air=True)
"""Lung has -950 to -700 HU and its wall about 0: half way is near -500, about where optimal thresholding ends
in CT of the chest (Hu, S., Hoffman, E. A., Reinhardt, J. M., IEEE TMI 20(6), 2001)."""

CONTRAST = SurfacePreset("contrast", 180.0)
"""Vessels with contrast agent, 200 to 400 HU in arteries, above muscle and organs; bone is seen, too."""

SURFACE_PRESETS = {preset.name: preset for preset in (BONE, SOFT_TISSUE, LUNG, CONTRAST)}
"""For surfaces on the screen and in files alike."""
