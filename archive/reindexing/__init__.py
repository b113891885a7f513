"""The index again from the files: when a person asks for it, and by itself when it is damaged or gone."""

from archive.reindexing.opening import open_archive
from archive.reindexing.rebuild import Left, Reindexed, rebuild
from archive.reindexing.restoring import needs_rebuild, restore_index

__all__ = ("Left", "Reindexed", "needs_rebuild", "open_archive", "rebuild", "restore_index")
