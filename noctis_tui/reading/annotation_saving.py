"""Annotations as DICOM objects that look elsewhere as they do here, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.annotation_exchange import load_annotations, save_annotations
from archive.reporting.measured import Appearance, Measured
from noctis_tui.graphics.picture import OUTLINE_INDEX, OVERLAY_COLORS
from noctis_tui.reading.measurement_text import measurement_text
from noctis_tui.reading.stored_measurements import stored_measurements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archive.annotation_exchange import Exchanged
    from archive.local_archive import LocalArchive

_COLORS = {index: color for index, color in enumerate(OVERLAY_COLORS, 1) if index != OUTLINE_INDEX}
AS_HERE = Appearance(_COLORS, measurement_text)


def save_as_objects(
    archive: LocalArchive, study_instance_uid: str, author: str, folder: Path | None = None
) -> Exchanged:
    """Write a study's annotations as new objects; reads their pixels, so not for the event loop.

    Parameters
    ----------
    author
        Who answers for them.
    folder
        Where the files go; None for the archive itself.

    Raises
    ------
    BadInput
        There is nothing to write.
    NoctisError
        The archive or the folder does not take it.
    """
    stored = stored_measurements(archive.index, study_instance_uid)
    measured = [Measured(each.annotation, each.measurement) for each in stored]
    return save_annotations(archive, study_instance_uid, measured, author, AS_HERE, folder)


def load_from_objects(
    archive: LocalArchive, study_instance_uid: str, paths: Sequence[Path] = ()
) -> Exchanged:
    """Take over what objects hold, each layer in the nearest of the colours here.

    Parameters and errors are those of `archive.annotation_exchange.load_annotations`.
    """
    return load_annotations(archive, study_instance_uid, paths, AS_HERE)
