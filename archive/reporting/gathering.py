"""What is kept about a study, measured again from its pixels, with the headers that objects refer to."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pydicom

from archive.annotations.measuring import measure
from archive.errors import NoctisError
from archive.index.annotation_rows import annotations_of
from archive.index.targets import find_instance
from archive.pixels.frames import ImageFile
from archive.reporting.measured import Material, Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from pydicom.dataset import Dataset

    from archive.annotations.annotation import Annotation, FrameKey
    from archive.annotations.measurement import Measurement
    from archive.index.database import Index

_HEADER_BYTES = 1 << 20
"""Longer values are not read: no attribute that objects copy has one."""


def gather(index: Index, study_instance_uid: str) -> Material:
    """Return a study's annotations, layers and key images; reads the pixels, so not for the event loop.

    What lies on an image that is not there any more is left out.
    """
    kept = annotations_of(index, study_instance_uid)
    frames = [*(each.frame for each in kept.annotations), *(key.frame for key in kept.key_images)]
    paths = _paths(index, frames)
    images = {uid: _header(path) for uid, path in paths.items()}
    measured = measure_all((each for each in kept.annotations if _uid(each.frame) in paths), paths)
    keys = [key for key in kept.key_images if _uid(key.frame) in paths]
    return Material(measured, kept.layers, keys, images)


def measure_all(annotations: Iterable[Annotation], paths: dict[str, Path]) -> list[Measured]:
    """Measure annotations on their images; what cannot be decoded or measured measures nothing."""
    opened: Callable[[Path], ImageFile] = lru_cache(maxsize=2)(ImageFile.open)
    return [Measured(each, _measurement(each, paths[_uid(each.frame)], opened)) for each in annotations]


def _measurement(
    annotation: Annotation, path: Path, opened: Callable[[Path], ImageFile]
) -> Measurement | None:
    try:
        image = opened(path)
        frame_index = annotation.frame.frame_number - 1
        stored = image.stored_values(frame_index)
        return measure(annotation.kind, annotation.points, stored, image.frame_attributes(frame_index))
    except (NoctisError, OSError):
        return None


def _paths(index: Index, frames: Iterable[FrameKey]) -> dict[str, Path]:
    paths: dict[str, Path] = {}
    for uid in dict.fromkeys(_uid(frame) for frame in frames):
        try:
            path = find_instance(index, uid).path
        except NoctisError:
            continue
        if path.is_file():
            paths[uid] = path
    return paths


def _uid(frame: FrameKey) -> str:
    return frame.sop_instance_uid


def _header(path: Path) -> Dataset:
    return pydicom.dcmread(path, stop_before_pixels=True, defer_size=_HEADER_BYTES, force=True)
