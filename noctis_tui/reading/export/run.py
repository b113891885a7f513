"""The export itself: whole files or none under each name, never over what is there already."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.errors import BadInput, NotAnImage
from archive.progress import CancelToken, unheard
from noctis_tui.reading.export.formats import A_FRAME, A_SERIES, SUFFIXES, Format, suffix_of
from noctis_tui.reading.export.request import Look, Watch
from noctis_tui.reading.placing import placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from archive.progress import ProgressListener
    from noctis_tui.reading.export.instances import Rewrite
    from noctis_tui.reading.export.request import SeriesFrames
    from noctis_tui.reading.export.target import ExportTarget

    Table = Callable[[], str]


def export(
    target: ExportTarget,
    out: Path,
    what: Format,
    look: Look | None = None,
    *,
    rewrite: Rewrite | None = None,
    table: Table | None = None,
    listener: ProgressListener = unheard,
    token: CancelToken | None = None,
    owner: str = "",
) -> Path:
    """Write a target as files; return the file or folder that holds them.

    One frame, or one series' clip or volume, goes into the file that is named; several go into a folder. What
    is cancelled or fails leaves nothing behind.

    Parameters
    ----------
    look
        How pictures and clips are made.
    rewrite
        Turns an instance into what goes out instead of it, for DICOM and ZIP.
    table
        Returns the text of a CSV.
    owner
        The UUID of the job that it is.

    Raises
    ------
    BadInput
        There is something under that name already, or the format cannot hold the target.
    NotAnImage
        The target has no pictures.
    Cancelled
        Somebody asked to stop.
    OSError
        The disk is full, or refuses.
    """
    if what in A_SERIES:
        target = replace(target, series=tuple(series.as_one for series in target.series))
    watch = Watch(_steps(target, what), listener, token or CancelToken())
    job = _Export(target, what, look or Look(), watch, rewrite, table)
    to_folder = job.to_folder(out)
    if out.is_dir() and not to_folder:
        raise BadInput(f"There is {visible(str(out), 200)} already; name something new.")
    with placed((out,), owner) as (fresh,):
        if to_folder:
            fresh.mkdir()
        job.write(fresh, to_folder=to_folder)
    return out


def _steps(target: ExportTarget, what: Format) -> int:
    if what in {Format.DICOM, Format.ZIP}:
        return len(target.files)
    return sum(len(series.stack) for series in target.series)


class _Export:
    """One export under way."""

    def __init__(
        self,
        target: ExportTarget,
        what: Format,
        look: Look,
        watch: Watch,
        rewrite: Rewrite | None,
        table: Table | None,
    ) -> None:
        self._target, self._what, self._look, self._watch = target, what, look, watch
        self._rewrite, self._table = rewrite, table

    def to_folder(self, out: Path) -> bool:
        """Tell whether a folder is written; refuse what cannot be."""
        target, what = self._target, self._what
        if what in {Format.ZIP, Format.CSV}:
            return False
        if what is Format.DICOM:
            return not (len(target.files) == 1 and suffix_of(out) == ".dcm")
        if not target.series:
            raise NotAnImage("There are no pictures to export.")
        named = bool(suffix_of(out))
        alone = _steps(target, what) == 1 if what in A_FRAME else len(target.series) == 1
        if named and not alone:
            many = f"{_steps(target, what)} images" if what in A_FRAME else f"{len(target.series)} series"
            raise BadInput(f"There are {many}: name a folder, or one of them.")
        return not named

    def write(self, out: Path, *, to_folder: bool) -> None:
        """Write everything to a file or into a folder."""
        from noctis_tui.reading.export.instances import save_files, save_zip  # noqa: PLC0415 - by the format

        match self._what:
            case Format.CSV:
                out.write_text(self._table() if self._table is not None else "", encoding="utf-8")
            case Format.ZIP:
                save_zip(out, self._target.files, self._watch, self._rewrite)
            case Format.DICOM if to_folder:
                save_files(out, self._target.files, self._watch, self._rewrite)
            case Format.DICOM:
                self._write_single(out)
            case what if what in A_SERIES:
                self._write_series(out, to_folder=to_folder)
            case _:
                self._write_frames(out, to_folder=to_folder)

    def _write_single(self, out: Path) -> None:
        file = self._target.files[0]
        self._watch.step(str(file.name))
        if self._rewrite is None:
            shutil.copyfile(file.path, out)
        else:
            out.write_bytes(self._rewrite(file.path))

    def _write_series(self, out: Path, *, to_folder: bool) -> None:
        for series in self._target.series:
            path = out / f"{series.name}{SUFFIXES[self._what]}" if to_folder else out
            self._save_series(path, series)

    def _save_series(self, path: Path, series: SeriesFrames) -> None:
        if self._what is Format.NIFTI:
            from noctis_tui.reading.export.nifti import save_nifti  # noqa: PLC0415 - by the format

            save_nifti(path, series, self._watch)
            return
        from noctis_tui.reading.export.clips import save_gif, save_mp4  # noqa: PLC0415 - by the format

        save = save_gif if self._what is Format.GIF else save_mp4
        save(path, series, self._look, self._watch)

    def _write_frames(self, out: Path, *, to_folder: bool) -> None:
        for series in self._target.series:
            folder = out / series.name if len(self._target.series) > 1 else out
            if to_folder:
                folder.mkdir(exist_ok=True)
            self._save_frames(folder, series, to_folder=to_folder)

    def _save_frames(self, out: Path, series: SeriesFrames, *, to_folder: bool) -> None:
        from noctis_tui.reading.export.frame_pictures import (  # noqa: PLC0415 - by the format
            grey_frames,
            pictures,
            save_frame,
        )

        sixteen = self._what is Format.PNG16
        made: Iterable[tuple[object, NDArray[Any]]] = (grey_frames if sixteen else pictures)(
            series, self._look, self._watch
        )
        quality = self._look.quality if self._what is Format.JPEG else None
        for number, (_, pixels) in enumerate(made, 1):
            name = out / f"{number:05}{SUFFIXES[self._what]}" if to_folder else out
            save_frame(name, pixels, quality)
