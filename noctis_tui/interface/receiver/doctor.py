"""What to tell a person about an association, asked of the archive's settings as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from archive.network.diagnosis import Diagnosis, diagnose
from archive.settings import read_settings

if TYPE_CHECKING:
    from archive.local_archive import LocalArchive
    from archive.network.association_log import AssociationEntry


@dataclass(frozen=True, slots=True)
class Advice:
    """Why a peer was refused and what would admit it.

    Attributes
    ----------
    diagnosis
        None where nothing was refused.
    is_first
        Whether there is no facility yet, so that a first one shuts everybody else out.
    """

    diagnosis: Diagnosis | None = None
    is_first: bool = False


def advise(archive: LocalArchive, entry: AssociationEntry) -> Advice:
    """Say what would admit the peer of an association; reads the settings, so it belongs into a thread."""
    try:
        settings = read_settings(archive.layout.settings)
    except NoctisError as error:
        return Advice(Diagnosis("", str(error)))
    is_first = not settings.facility and not settings.receiver.allow_anyone
    return Advice(diagnose(entry, settings), is_first)
