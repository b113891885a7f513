"""An index that is damaged or gone is made again by whoever writes, without being asked."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from archive.errors import IndexDamaged
from archive.index.database import DAMAGED
from archive.index.integrity import require_sound
from archive.index.migration import pending
from archive.progress import CancelToken, ProgressListener, unheard
from archive.reindexing.rebuild import Reindexed, finish, rebuild_in_turn, untold
from archive.storage import succession
from archive.storage.files import listed
from archive.storage.spool import SEALED

if TYPE_CHECKING:
    from archive.local_archive import LocalArchive
    from archive.storage.lease import Lease

LOGGER = logging.getLogger(__name__)


def is_unusable(archive: LocalArchive) -> bool:
    """Whether the index cannot be read at all, or is not there though instances are; quick, for anyone."""
    if archive.index.path is None:
        return False
    if archive.index_is_lost or succession.is_decided(archive.layout.index):
        return True
    try:
        pending(archive.index)
    except IndexDamaged:
        return True
    return False


def needs_rebuild(archive: LocalArchive, *, starting: bool = False) -> bool:
    """Look through the whole index: for the lease holder, before it writes or on a suspicion.

    Parameters
    ----------
    starting
        Nobody has written since the last holder of the lease: what its journal holds is adopted next.

    Raises
    ------
    OutOfResources
        The index is locked.
    """
    if is_unusable(archive):
        return True
    archive.index.close_writer()  # what it remembers of the pages would hide what became of them
    try:
        require_sound(archive.index, vouched_for=starting and _has_journal(archive))
    except IndexDamaged:
        return True
    archive.layout.suspicion.unlink(missing_ok=True)
    return False


def _has_journal(archive: LocalArchive) -> bool:
    return any(name.endswith(SEALED) for name, _ in listed(archive.layout.incoming))


def restore_index(
    archive: LocalArchive,
    lease: Lease,
    *,
    listener: ProgressListener = unheard,
    token: CancelToken | None = None,
    look_closely: bool = True,
    certain: bool = False,
    starting: bool = False,
) -> Reindexed | None:
    """Make the index again if it needs to be; finish what a killed rebuild had decided.

    Parameters
    ----------
    look_closely
        Look through all of it; otherwise only whether it can be read.
    certain
        Do not look: a write has found it damaged.
    starting
        As `needs_rebuild`.

    Raises
    ------
    OutOfResources
        The disk refuses.
    Cancelled
        The token was cancelled.
    """
    if archive.index.path is None:
        return None
    with archive.turn:
        if succession.is_decided(archive.layout.index):
            finish(archive)
        if not (
            certain or (needs_rebuild(archive, starting=starting) if look_closely else is_unusable(archive))
        ):
            return None
        LOGGER.warning("%s It is made again now.", "The index is gone." if archive.index_is_lost else DAMAGED)
        made = rebuild_in_turn(archive, lease, listener, token or CancelToken(), untold)
        archive.layout.suspicion.unlink(missing_ok=True)
    _tell(made)
    return made


def _tell(made: Reindexed) -> None:
    LOGGER.warning(
        "The index was made again from the files in %.1f s: %d studies, %d instances%s%s.",
        made.seconds,
        made.studies,
        made.instances,
        f"; the old one is kept as {made.set_aside.name}" if made.set_aside else "",
        f"; {made.lost} instances that it named have no file any more" if made.lost else "",
    )
