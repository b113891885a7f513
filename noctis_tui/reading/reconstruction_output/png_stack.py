"""Images as PNG, under one window, a pixel a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from archive.pixels.voi_lut import VoiLut, Window, apply_voi_lut, apply_window
from noctis_tui.reading.reconstruction_output.sidecar import Sidecar

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from noctis_tui.reading.export.request import Watch
    from noctis_tui.reading.reconstruction_output.images import OutputSeries


def save_png_stack(
    folder: Path, series: OutputSeries, voi: Window | VoiLut, watch: Watch, *, inverted: bool = False
) -> None:
    """Write 00001.png and so on into a folder, and `geometry.json` beside them.

    Raises
    ------
    Cancelled
        Somebody asked to stop.
    OSError
        The disk refuses.
    """
    sidecar = Sidecar(series)
    for number, image in enumerate(series.images, 1):
        _save(folder / f"{number:05}.png", display(image.values, voi, inverted=inverted))
        sidecar.add(image)
        watch.step("writing")
    sidecar.write(folder / "geometry.json")


def save_png(
    path: Path, series: OutputSeries, voi: Window | VoiLut, watch: Watch, *, inverted: bool = False
) -> None:
    """Write the only image of a series as a file; raises as `save_png_stack`."""
    for image in series.images:
        _save(path, display(image.values, voi, inverted=inverted))
        watch.step("writing")


def display(
    values: NDArray[np.float32], voi: Window | VoiLut, *, inverted: bool = False
) -> NDArray[np.uint8]:
    """Return 0 to 255; what lies outside the volume is black, also in a negative."""
    applied = apply_window(values, voi) if isinstance(voi, Window) else apply_voi_lut(values, voi)
    shown = (applied * 255 + 0.5).astype(np.uint8)
    if inverted:
        np.bitwise_not(shown, out=shown)
    shown[np.isnan(values)] = 0
    return shown


def _save(path: Path, pixels: NDArray[np.uint8]) -> None:
    with path.open("wb") as file:
        Image.fromarray(pixels).save(file, "PNG")
