"""Exports that tell nobody who the patient is: what cannot be de-identified stays here, and is named."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from archive.deidentification import check, deidentify
from archive.errors import BadInput, NoctisError
from noctis_tui.reading.export.formats import Format
from noctis_tui.reading.export.request import SeriesFrames
from noctis_tui.reading.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from archive.deidentification import Profile
    from noctis_tui.reading.export.instances import Rewrite
    from noctis_tui.reading.export.target import ExportTarget


@dataclass(frozen=True, slots=True)
class Deidentified:
    """What may leave of a target.

    Attributes
    ----------
    target
        Without the instances that cannot be de-identified.
    left_out
        Why they cannot -> how many.
    rewrite
        Turns each of the others into its de-identified copy.
    """

    target: ExportTarget
    left_out: Mapping[str, int]
    rewrite: Rewrite


def deidentified(
    target: ExportTarget, what: Format, key: bytes, profile: Profile, *, burn_in: bool = False
) -> Deidentified:
    """Return what may leave; reads every header, so not for the event loop.

    Raises
    ------
    BadInput
        Nothing may leave; or the format itself tells who the patient is.
    """
    if burn_in:
        raise BadInput("Pictures with the patient burned in are not de-identified.")
    if what is Format.CSV:
        raise BadInput("A table of measurements names the images by their UIDs: it is not de-identified.")
    refused = {file.path: why for file in target.files if (why := _refusal(file.path, profile))}
    left_out = Counter(refused.values())
    if target.files and len(refused) == len(target.files):
        raise BadInput(next(iter(left_out)))
    files = tuple(file for file in target.files if file.path not in refused)
    series = (_without(each, refused) for each in target.series)
    kept = replace(target, files=files, series=tuple(each for each in series if len(each.stack)))
    return Deidentified(kept, left_out, partial(_copy, key=key, profile=profile))


def _refusal(path: Path, profile: Profile) -> str:
    try:
        check(path, profile)
    except NoctisError as refusal:  # also what does not parse to its last byte
        return str(refusal)
    return ""


def _without(series: SeriesFrames, refused: Mapping[Path, str]) -> SeriesFrames:
    return SeriesFrames(
        series.name, Stack(tuple(frame for frame in series.stack.frames if frame.path not in refused))
    )


def _copy(path: Path, *, key: bytes, profile: Profile) -> bytes:
    return deidentify(path, key, profile)
