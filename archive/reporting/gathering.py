"""What is kept about a study, with the headers of the images that objects refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pydicom

from archive.index.annotation_rows import annotations_of
from archive.index.study_images import images_of_study
from archive.reporting.measured import Material

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydicom.dataset import Dataset

    from archive.annotations.annotation import FrameKey
    from archive.index.database import Index
    from archive.reporting.measured import Measured

_HEADER_BYTES = 1 << 20
"""Longer values are not read: no attribute that objects copy has one."""


def gather(index: Index, study_instance_uid: str, measured: Sequence[Measured]) -> Material:
    """Return a study's annotations, layers and key images; reads files, so not for the event loop.

    Left out is what no object can refer to: images that are not there any more, and frames that Noctis made
    (the slices of a mosaic, the overview of a slide).
    """
    kept = annotations_of(index, study_instance_uid)
    frames = [*(each.annotation.frame for each in measured), *(key.frame for key in kept.key_images)]
    images = dict(_headers(index, study_instance_uid, (frame.sop_instance_uid for frame in frames)))
    shapes = [each for each in measured if _is_own(each.annotation.frame, images)]
    keys = [key for key in kept.key_images if _is_own(key.frame, images)]
    return Material(shapes, kept.layers, keys, images)


def _headers(index: Index, study_instance_uid: str, uids: Iterable[str]) -> Iterable[tuple[str, Dataset]]:
    known = images_of_study(index, study_instance_uid)
    for uid in dict.fromkeys(uids):
        if uid in known and (path := known[uid].instance.path).is_file():
            yield uid, pydicom.dcmread(path, stop_before_pixels=True, defer_size=_HEADER_BYTES, force=True)


def _is_own(frame: FrameKey, images: Mapping[str, Dataset]) -> bool:
    header = images.get(frame.sop_instance_uid)
    return header is not None and frame.frame_number <= int(header.get("NumberOfFrames") or 1)
