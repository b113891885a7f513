"""Annotations as DICOM objects that look elsewhere as they do here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.annotation_exchange import save_annotations
from archive.reporting.measured import Appearance, Measured
from noctis_tui.graphics.picture import OVERLAY_COLORS
from noctis_tui.reading.measurement_text import measurement_text
from noctis_tui.reading.stored_measurements import stored_measurements

if TYPE_CHECKING:
    from pathlib import Path

    from archive.annotation_exchange import Exchanged
    from archive.local_archive import LocalArchive

AS_HERE = Appearance(dict(enumerate(OVERLAY_COLORS, 1)), measurement_text)


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
