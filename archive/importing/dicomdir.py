"""DICOMDIR (PS3.3 Annex F): the files that it references, none of them outside of its own folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.attributes import walk_attributes
from archive.dicom.part10 import parse_file_meta
from archive.dicom.source import opened
from archive.errors import NoctisError
from archive.importing.findings import Refused, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.dicom.attributes import Attribute

MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"
_REFERENCED_FILE_ID = 0x00041500


def is_dicomdir(path: Path) -> bool:
    """Tell a DICOMDIR by its file meta information."""
    try:
        with opened(path) as source:
            return parse_file_meta(source).sop_class_uid == MEDIA_STORAGE_DIRECTORY
    except NoctisError:
        return False


def files_referenced(dicomdir: Path) -> Iterator[Path | Refused]:
    """Find the files that a DICOMDIR references, each once, and the DICOMDIR itself as a refusal.

    File IDs are folded to the case that the disk has: media are often copied through systems that change it.
    """
    file_ids: dict[str, None] = {}

    def collect(attribute: Attribute) -> None:
        if attribute.tag == _REFERENCED_FILE_ID and attribute.value:
            file_ids[attribute.value] = None

    reason = "A DICOMDIR is a table of contents and no instance."
    try:
        with opened(dicomdir) as source:
            walk_attributes(source, collect)
    except NoctisError as error:
        reason = str(error)  # what it lists before the fault is imported all the same
    yield skipped(dicomdir, reason)
    root = _Root(dicomdir.parent)
    yield from (root.find(file_id) for file_id in file_ids)


class _Root:
    """The folder of a DICOMDIR; listings are read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._real = folder.resolve()
        self._listings: dict[Path, dict[str, str]] = {}

    def find(self, file_id: str) -> Path | Refused:
        path = self._folder
        for part in file_id.split("\\"):
            name = self._listing(path).get(part.strip(" \0").casefold())
            # Only a name that the folder really has is ever joined, so `..`, `/` and the like find nothing.
            if name is None:
                return skipped(
                    f"{self._folder}: {file_id}", "The DICOMDIR references a file that is not there."
                )
            path /= name
        if not path.resolve().is_relative_to(self._real):
            return skipped(path, "The DICOMDIR references a file outside of its folder.")
        return path.resolve() if path.is_symlink() else path

    def _listing(self, folder: Path) -> dict[str, str]:
        if folder not in self._listings:
            try:
                names = [path.name for path in folder.iterdir()]
            except OSError:
                names = []
            self._listings[folder] = {name.casefold(): name for name in names}
        return self._listings[folder]
