"""Surfaces of a volume as files of triangles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.errors import BadInput
from archive.progress import Progress, untold
from noctis_tui.imaging.surfaces.air_inside import air_inside
from noctis_tui.imaging.surfaces.mesh import MeshOptions, extract_mesh
from noctis_tui.imaging.surfaces.mesh_export import save_mesh
from noctis_tui.imaging.surfaces.surface_presets import SURFACE_PRESETS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archive.progress import CancelToken, ProgressListener
    from noctis_tui.imaging.surfaces.surface_presets import SurfacePreset
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.reconstructing.request import Reconstruction


def save_surface(
    path: Path,
    volume: Volume,
    asked: Reconstruction,
    listener: ProgressListener,
    token: CancelToken,
    tell: Callable[[str], None] = untold,
) -> None:
    """Write the surface that is asked for, as what the name ends in says.

    `tell` hears, in a sentence, when it is not watertight.

    Raises
    ------
    BadInput
        There is no such preset or threshold, or no surface at it; or the extra `surfaces` is missing.
    OutOfResources
        There is no memory for it, or the disk refuses.
    Cancelled
        Somebody asked to stop.
    """
    options = MeshOptions(asked.largest or 0, asked.smooth or 0, asked.reduction or 0.0)
    preset = _preset(asked, volume)
    threshold = asked.threshold if preset is None else preset.threshold_hu
    assert threshold is not None
    if preset is not None and preset.is_air:
        volume, threshold = air_inside(volume, threshold, token), -threshold
    mesh = extract_mesh(volume, threshold, options, listener=listener, token=token)
    listener(Progress(0, None, "Writing"))
    save_mesh(path, mesh)
    if not mesh.is_watertight:
        tell("The surface is not watertight: some of its edges do not belong to two triangles.")


def _preset(asked: Reconstruction, volume: Volume) -> SurfacePreset | None:
    """Return the preset that is meant, bone where nothing was said; None for a threshold.

    Raises
    ------
    BadInput
        There is no such preset, or values are no HU.
    """
    if asked.threshold is not None:
        return None
    if volume.units != "HU":
        raise BadInput("Presets of surfaces are for CT: say --threshold with a value of this series.")
    name = (asked.preset or "bone").strip().lower().replace("-", " ")
    if name not in SURFACE_PRESETS:
        raise BadInput(f"There is no surface {visible(name, 40)}: there are {', '.join(SURFACE_PRESETS)}.")
    return SURFACE_PRESETS[name]
