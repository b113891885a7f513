"""The reconstruction itself: files to a volume, the volume to images or a surface, these to files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from archive.errors import BadInput
from archive.pixels.voi_lut import Window
from archive.progress import CancelToken, unheard, untold
from noctis_tui.reading.export.request import Watch
from noctis_tui.reading.placing import placed, require_new
from noctis_tui.reading.reconstructing.phases import share
from noctis_tui.reading.reconstructing.planes import PROJECTIONS, with_square_samples
from noctis_tui.reading.reconstructing.request import Kind
from noctis_tui.reading.reconstructing.series import output_series
from noctis_tui.reading.reconstruction.projected_window import projected_window
from noctis_tui.reading.reconstruction_output.dicom_series import save_dicom_series
from noctis_tui.reading.reconstruction_output.formats import OutputFormat, is_folder, output_paths
from noctis_tui.reading.reconstruction_output.nifti import save_nifti_stack
from noctis_tui.reading.reconstruction_output.npy import save_npy
from noctis_tui.reading.reconstruction_output.png_stack import save_png, save_png_stack
from noctis_tui.reading.viewport import ViewState
from noctis_tui.reading.volume_loading import LoadingOptions, load_volume, plan_volumes
from noctis_tui.reading.volume_refusals import others_told, refusal_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from archive.pixels.voi_lut import VoiLut
    from archive.progress import ProgressListener
    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.reconstructing.request import Reconstruction
    from noctis_tui.reading.reconstruction_output.images import OutputSeries
    from noctis_tui.reading.reconstruction_output.target import Output
    from noctis_tui.reading.volume_loading import SeriesPlan

_LOADED: Final = 400
"""Steps of the whole after which the volume is there."""
_ALONE: Final = frozenset({OutputFormat.PNG, OutputFormat.DICOM})
"""Formats that hold one image a file."""


def reconstruct(
    files: Iterable[Path],
    asked: Reconstruction,
    output: Output,
    *,
    listener: ProgressListener = unheard,
    token: CancelToken | None = None,
    tell: Callable[[str], None] = untold,
) -> tuple[Path, ...]:
    """Make what is asked for of a series' files; return what was written.

    What fails or is cancelled leaves nothing. `tell` hears, in sentences, what else the series holds
    and whether a surface has holes.

    Raises
    ------
    BadInput
        The series is no volume, the request cannot be, or there is something under that name already.
    Cancelled
        Somebody asked to stop.
    OutOfResources
        There is no room for the volume.
    OSError
        The disk refuses.
    """
    token = token or CancelToken()
    require_new(output_paths(output.out, output.format))
    options = LoadingOptions(asked.resample, output.memory_limit_bytes)
    plan = plan_volumes(files, listener=share(listener, 0, 100), token=token, options=options)
    number = _chosen(plan, asked.volume, tell)
    volume = load_volume(plan, number, listener=share(listener, 100, _LOADED), token=token, options=options)
    rest = share(listener, _LOADED, 1000)
    if asked.kind is Kind.SURFACE:
        return _surface(volume, asked, output, rest, token, tell)
    return _images(_Source(plan, number, volume), asked, output, rest, token)


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """The volume, and the files that it was made of."""

    plan: SeriesPlan
    number: int
    volume: Volume

    @property
    def files(self) -> dict[str, Path]:
        """Where each instance is, by SOP Instance UID."""
        return {each.stacked.sop_instance_uid: each.path for each in self.plan.sources[self.number]}

    def middle(self) -> LoadedFrame:
        """Return the frame in the middle, which tells how all are looked at."""
        from noctis_tui.reading.frame_reading import read_frame  # noqa: PLC0415 - decodes

        sources = self.plan.sources[self.number]
        middle = sources[len(sources) // 2]
        return read_frame(middle.path, middle.frame_index)


def _chosen(plan: SeriesPlan, number: int | None, tell: Callable[[str], None]) -> int:
    count = len(plan.volumes)
    if not count:
        raise BadInput(refusal_text(plan.refusals))
    if number is not None and not 1 <= number <= count:
        raise BadInput(f"There is no volume {number}: {count} is the last.")
    for sentence in others_told(plan.names, plan.refusals, chosen=number is not None):
        tell(sentence)
    return (number or 1) - 1


def _images(
    source: _Source, asked: Reconstruction, output: Output, listener: ProgressListener, token: CancelToken
) -> tuple[Path, ...]:
    if output.format is OutputFormat.PNG and asked.kind is not Kind.CURVED and asked.rotate is None:
        asked = with_square_samples(source.volume, asked)
    series = output_series(source.volume, asked, source.files, token)
    if series.count > 1 and output.format in _ALONE and not is_folder(output.out):
        raise BadInput(f"There are {series.count} images: name a folder.")
    with placed(output_paths(output.out, output.format), output.owner) as fresh:
        like = source.middle()
        voi = output.window or _first_window(source.volume, asked) or like.voi(ViewState())
        _write(fresh, series, like, voi, output, Watch(series.count, listener, token))
    return output_paths(output.out, output.format)


def _first_window(volume: Volume, asked: Reconstruction) -> Window | None:
    """Return what whole volumes are looked through at first, as on the screen; None for other images."""
    is_whole = asked.kind in {Kind.MIP, Kind.MINIP, Kind.MEAN} and not (
        asked.slab_mm and asked.rotate is None
    )
    return projected_window(volume, PROJECTIONS[asked.kind]) if is_whole else None


def _write(
    fresh: tuple[Path, ...],
    series: OutputSeries,
    like: LoadedFrame,
    voi: Window | VoiLut | None,
    output: Output,
    watch: Watch,
) -> None:
    if is_folder(output.out):
        fresh[0].mkdir()
    match output.format:
        case OutputFormat.NPY:
            save_npy(fresh[0], fresh[1], series, watch)
        case OutputFormat.NIFTI:
            save_nifti_stack(fresh[0], series, watch)
        case OutputFormat.PNG:
            assert voi is not None
            save = save_png_stack if is_folder(output.out) else save_png
            save(fresh[0], series, voi, watch, inverted=like.attributes.is_inverse)
        case _:
            window = voi if isinstance(voi, Window) else None
            save_dicom_series(fresh[0], series, window, watch, as_file=not is_folder(output.out))


def _surface(
    volume: Volume,
    asked: Reconstruction,
    output: Output,
    listener: ProgressListener,
    token: CancelToken,
    tell: Callable[[str], None],
) -> tuple[Path, ...]:
    from noctis_tui.reading.reconstructing.surfaces import save_surface  # noqa: PLC0415 - by the kind

    with placed((output.out,), output.owner) as (fresh,):
        save_surface(fresh, volume, asked, listener, token, tell)
    return (output.out,)
