"""Values as NPY, float32, with their geometry as JSON beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.format import write_array_header_1_0

from archive.errors import BadInput
from noctis_tui.reading.reconstruction_output.sidecar import Sidecar

if TYPE_CHECKING:
    from pathlib import Path

    from noctis_tui.reading.export.request import Watch
    from noctis_tui.reading.reconstruction_output.images import OutputSeries


def save_npy(path: Path, sidecar_path: Path, series: OutputSeries, watch: Watch) -> None:
    """Write [images, rows, columns], or [rows, columns] of one image; never more than one in memory.

    Raises
    ------
    BadInput
        The images have different sizes.
    Cancelled
        Somebody asked to stop.
    OSError
        The disk refuses.
    """
    sidecar = Sidecar(series)
    shape: tuple[int, ...] | None = None
    with path.open("wb") as file:
        for image in series.images:
            if shape is None:
                shape = image.values.shape
                write_array_header_1_0(file, _header((series.count, *shape) if series.count > 1 else shape))
            if image.values.shape != shape:
                raise BadInput("The images have different sizes: one array cannot hold them.")
            file.write(np.ascontiguousarray(image.values, "<f4").data)
            sidecar.add(image)
            watch.step("writing")
    sidecar.write(sidecar_path)


def _header(shape: tuple[int, ...]) -> dict[str, Any]:
    return {"descr": "<f4", "fortran_order": False, "shape": shape}
