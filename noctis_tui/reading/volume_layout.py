"""What the voxels of a volume are: stored values where one rescale holds for all, else modality values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from noctis_tui.imaging.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from noctis_tui.imaging.stacking.planned_volume import PlannedVolume
    from noctis_tui.reading.volume_sources import FrameValues

MODALITY_DTYPE = np.dtype(np.float32)
_KEPT_DTYPES = frozenset(map(np.dtype, (np.int16, np.uint16, np.uint8, np.float32)))
_AIR_HU = -1024.0


def keeps_stored_values(planned: PlannedVolume, values: Sequence[FrameValues]) -> bool:
    """Tell whether voxels are the stored values themselves; interpolated ones would be no whole numbers."""
    first = values[0]
    return (
        planned.is_as_stored
        and first.dtype in _KEPT_DTYPES
        and all(
            each.dtype == first.dtype and each.rescale == first.rescale and each.modality_lut is None
            for each in values
        )
    )


def unfilled_volume(
    planned: PlannedVolume, values: Sequence[FrameValues], voxels: NDArray[Any], *, as_stored: bool
) -> Volume:
    """Return the volume whose voxels will be written into `voxels`."""
    first = values[0]
    rescale = first.rescale if as_stored else None
    place = planned.frames[0].place
    assert place is not None
    outside_value = _AIR_HU if first.units == "HU" else 0.0
    has_gaps = not as_stored and _may_have_gaps(planned, values)
    gap = gap_value(outside_value)
    return Volume(
        stored_values=voxels,
        index_to_patient=planned.index_to_patient,
        rescale_slope=rescale.slope if rescale is not None else 1.0,
        rescale_intercept=rescale.intercept if rescale is not None else 0.0,
        units=first.units if len({each.units for each in values}) == 1 else "",
        rescale_type=first.rescale_type if len({each.rescale_type for each in values}) == 1 else "",
        frame_of_reference_uid=place.frame_of_reference_uid,
        source_sop_instance_uids=planned.sop_instance_uids,
        outside_value=outside_value,
        padding_range=_padding(values) if as_stored else (gap, gap) if has_gaps else None,
        has_gaps=has_gaps,
    )


def gap_value(outside_value: float) -> float:
    """Return what voxels hold that no pixel gives a value: next to what is outside, but measured nowhere."""
    below = np.nextafter(np.float32(outside_value), np.float32(-np.inf))
    return float(min(below, np.float32(outside_value) - np.finfo(np.float32).tiny))


def _may_have_gaps(planned: PlannedVolume, values: Sequence[FrameValues]) -> bool:
    return planned.row_shifts is not None or any(each.padding_range is not None for each in values)


def _padding(values: Sequence[FrameValues]) -> tuple[float, float] | None:
    """Return the modality values that are padding in all frames; where they differ nobody can ask a voxel."""
    first = values[0]
    if first.padding_range is None or any(each.padding_range != first.padding_range for each in values):
        return None
    slope, intercept = (first.rescale.slope, first.rescale.intercept) if first.rescale else (1.0, 0.0)
    low, high = sorted(value * slope + intercept for value in first.padding_range)
    return low, high
