"""The series of the chosen study: read when the cursor rests, their pictures when they come in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.worklist import series_of
from noctis_tui.interface.series_pictures import draw_pictures

if TYPE_CHECKING:
    from archive.index.worklist import StudyRow
    from archive.local_archive import LocalArchive
    from noctis_tui.interface.worklist.details import Details


class SeriesPictures:
    """Reads the series of the chosen study and asks for a picture of each one in sight."""

    def __init__(self, archive: LocalArchive, details: Details) -> None:
        self._archive = archive
        self._details = details

    async def show_series(self, study: StudyRow) -> None:
        """Show the series of a study in the details."""
        index = self._archive.index
        self._details.show_series(study, await index.call(series_of, index, study.id))

    async def draw(self) -> None:
        """Ask for the pictures that are missing."""
        await draw_pictures(self._archive, self._details.strip)
