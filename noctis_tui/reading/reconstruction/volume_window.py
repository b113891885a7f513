"""A window for a volume whose files name none: from voxels of all of it, not of the slice that came first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from archive.pixels.voi_lut import Window, automatic_window

if TYPE_CHECKING:
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.viewport import ViewState

_SLICES, _ROWS = 16, 64
"""So many of them are looked at: voxels that are not in memory are read slice by slice."""


def view_of_volume(view: ViewState, frame: LoadedFrame, volume: Volume) -> ViewState:
    """Return a view of a volume with a window of its own where neither the file nor the reader said one.

    `frame` is one of the volume's. What has eight bits and no rescale is shown as it is.
    """
    is_plain = volume.stored_values.dtype == np.uint8 and volume.rescale_slope == 1
    if frame.has_own_voi or is_plain:
        return view
    return replace(view, automatic_window=window_of_volume(volume))


def window_of_volume(volume: Volume) -> Window:
    """Return a window that shows the bulk of a volume's modality values."""
    slices, rows, _ = volume.shape
    some = volume.stored_values[:: max(1, slices // _SLICES), :: max(1, rows // _ROWS)]
    values = some.astype(np.float64) * volume.rescale_slope + volume.rescale_intercept
    return automatic_window(values, volume.padding_range)
