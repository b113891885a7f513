"""A series to volumes: headers to plans, plans to arrays of voxels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from archive.progress import CancelToken, Progress, unheard
from noctis_tui.imaging.stacking.stack_frame import Refusal
from noctis_tui.imaging.stacking.stacking import stack_volumes
from noctis_tui.reading.series_headers import SeriesHeaders
from noctis_tui.reading.stack import Stack
from noctis_tui.reading.volume_filling import Filling, SliceUnreadable
from noctis_tui.reading.volume_layout import MODALITY_DTYPE, keeps_stored_values, unfilled_volume
from noctis_tui.reading.volume_memory import DEFAULT_LIMIT_BYTES, allocate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archive.progress import ProgressListener
    from noctis_tui.imaging.stacking.planned_volume import PlannedVolume
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.volume_filling import Publisher
    from noctis_tui.reading.volume_sources import SourceFrame


@dataclass(frozen=True, slots=True)
class LoadingOptions:
    """How volumes are loaded.

    Attributes
    ----------
    resample_uneven
        Whether slices that are not evenly apart are resampled instead of refused.
    memory_limit_bytes
        A larger volume is mapped from a file on the disk.
    temporary_folder
        Where that file is; None for the system's.
    """

    resample_uneven: bool = False
    memory_limit_bytes: int = DEFAULT_LIMIT_BYTES
    temporary_folder: Path | None = None


DEFAULT_OPTIONS = LoadingOptions()


@dataclass(frozen=True, slots=True, eq=False)
class SeriesPlan:
    """What a series can be loaded as: headers have been read, pixels have not.

    Attributes
    ----------
    volumes
        What `load_volume` takes.
    sources
        Of each volume, its frames in the order of `PlannedVolume.frames`.
    refusals
        What is no volume, and why.
    """

    volumes: tuple[PlannedVolume, ...]
    sources: tuple[tuple[SourceFrame, ...], ...]
    refusals: tuple[Refusal, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What tells the volumes apart; an empty name for the only one."""
        return tuple(volume.name for volume in self.volumes)


@dataclass(frozen=True, slots=True, eq=False)
class VolumeSeries:
    """The volumes of a series, what tells them apart, and what is none.

    Several volumes of one grid are the phases, echoes or times of a 4-D series, in their order.
    """

    volumes: tuple[Volume, ...]
    names: tuple[str, ...]
    refusals: tuple[Refusal, ...]


def load_volumes(
    frames: Stack | Iterable[Path],
    *,
    listener: ProgressListener = unheard,
    token: CancelToken | None = None,
    publish: Publisher | None = None,
    options: LoadingOptions = DEFAULT_OPTIONS,
) -> VolumeSeries:
    """Load every volume of a series.

    Parameters
    ----------
    frames
        The series: its stack, or its files in any order.
    listener
        Hears of headers, then of slices.
    token
        Checked at every header and slice.
    publish
        Given volumes while they fill, from the middle slice outwards.

    Raises
    ------
    Cancelled
        Somebody asked to stop.
    OutOfResources
        There is no room for a volume.
    """
    token = token or CancelToken()
    plan = plan_volumes(frames, listener=listener, token=token, options=options)
    loaded: list[tuple[str, Volume]] = []
    refusals = list(plan.refusals)
    for number, planned in enumerate(plan.volumes):
        try:
            volume = load_volume(
                plan, number, listener=listener, token=token, publish=publish, options=options
            )
        except NoctisError as error:
            refusals.append(refused_while_loading(planned, error))
        else:
            loaded.append((planned.name, volume))
    return VolumeSeries(
        tuple(volume for _, volume in loaded), tuple(name for name, _ in loaded), tuple(refusals)
    )


def refused_while_loading(planned: PlannedVolume, error: NoctisError) -> Refusal:
    """Say why a planned volume could not be loaded, and which of its instances is the reason, or all."""
    if isinstance(error, SliceUnreadable):
        return Refusal(str(error), (error.sop_instance_uid,), planned.name)
    return Refusal(str(error), tuple(dict.fromkeys(planned.sop_instance_uids)), planned.name)


def plan_volumes(
    frames: Stack | Iterable[Path],
    *,
    listener: ProgressListener = unheard,
    token: CancelToken | None = None,
    options: LoadingOptions = DEFAULT_OPTIONS,
) -> SeriesPlan:
    """Read the headers of a series and plan its volumes; raises `Cancelled` when asked to stop."""
    token = token or CancelToken()
    paths = _paths(frames)
    sources: dict[tuple[str, int], SourceFrame] = {}
    unread: defaultdict[str, list[str]] = defaultdict(list)
    headers = SeriesHeaders()
    for number, path in enumerate(paths):
        token.check()
        listener(Progress(number, len(paths), "headers"))
        found = headers.read(path, token)
        if isinstance(found, Refusal):
            unread[found.reason].extend(uid for uid in found.sop_instance_uids if uid)
            continue
        for source in found:
            sources.setdefault((source.stacked.sop_instance_uid, source.frame_index), source)
    stacking = stack_volumes(
        (source.stacked for source in sources.values()), resample_uneven=options.resample_uneven
    )
    return SeriesPlan(
        stacking.volumes,
        tuple(
            tuple(sources[frame.sop_instance_uid, frame.frame_index] for frame in volume.frames)
            for volume in stacking.volumes
        ),
        (*(Refusal(reason, tuple(uids)) for reason, uids in unread.items()), *stacking.refusals),
    )


def load_volume(
    plan: SeriesPlan,
    number: int = 0,
    *,
    listener: ProgressListener = unheard,
    token: CancelToken | None = None,
    publish: Publisher | None = None,
    options: LoadingOptions = DEFAULT_OPTIONS,
) -> Volume:
    """Load one of the volumes of a plan.

    Raises
    ------
    CannotDecode
        A slice cannot be decoded.
    BadInput, OutOfResources
        There is no room for it.
    Cancelled
        Somebody asked to stop.
    """
    planned, sources = plan.volumes[number], plan.sources[number]
    values = [source.values for source in sources]
    as_stored = keeps_stored_values(planned, values)
    limit, folder = options.memory_limit_bytes, options.temporary_folder
    voxels = allocate(planned.shape, values[0].dtype if as_stored else MODALITY_DTYPE, limit, folder)
    volume = unfilled_volume(planned, values, voxels, as_stored=as_stored)
    Filling(volume, planned, sources, listener, token or CancelToken(), publish, as_stored=as_stored).run()
    return volume


def _paths(frames: Stack | Iterable[Path]) -> list[Path]:
    if isinstance(frames, Stack):
        return list(dict.fromkeys(frame.path for frame in frames.frames))
    return list(dict.fromkeys(frames))
