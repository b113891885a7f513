"""The site's key: who has it can tell which pseudonym was whose, so it stays in the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.audit.key import create_key, read_key
from archive.errors import NotFound

if TYPE_CHECKING:
    from archive.storage.layout import Layout

_WHAT = "de-identification key"


def site_key(layout: Layout) -> bytes:
    """Return the archive's key, made when there is none: 32 random bytes in a file for this user only.

    The same key gives the same UIDs and pseudonyms for every export, so that later studies of a patient fit
    to earlier ones. Without the file nobody can link them, nor find the patient again.

    Raises
    ------
    CannotRead, BadInput
        It may not be read, or holds something else.
    OutOfResources
        It cannot be made.
    """
    path = layout.deidentification_key
    try:
        return read_key(path, _WHAT)
    except NotFound:
        return create_key(path, _WHAT)
