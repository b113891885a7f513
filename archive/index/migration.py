"""The schema's versions: applied in order on open, each recorded in the transaction it performs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import BadInput
from archive.index.database import index_errors

if TYPE_CHECKING:
    from archive.index.database import Index

MIGRATIONS = Path(__file__).parent / "migrations"


def pending(index: Index) -> list[str]:
    """Return the names of the migrations that this index still needs, oldest first.

    Raises
    ------
    BadInput
        The index was written by a newer version than this one.
    """
    known = sorted(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))
    applied = _applied(index)
    if newer := applied.difference(known):
        raise BadInput(f"The index was written by a newer version of Noctis ({max(newer)}).")
    return [name for name in known if name not in applied]


def migrate(index: Index) -> list[str]:
    """Apply what is pending and return its names; only under the lease.

    Raises
    ------
    OutOfResources
        The disk is full, read-only or fails.
    """
    from playhouse.migrations import Runner  # noqa: PLC0415 - only when there is something to apply

    with index.lock, index_errors():
        applied: list[str] = Runner(index.database, os.fspath(MIGRATIONS)).up()
    return applied


def _applied(index: Index) -> set[str]:
    if index.path is not None and not index.path.exists():
        return set()
    has_history = "SELECT 1 FROM sqlite_master WHERE name = 'schema_migration'"
    if not index.fetch(has_history):
        return set()
    return {name for (name,) in index.fetch("SELECT name FROM schema_migration")}
