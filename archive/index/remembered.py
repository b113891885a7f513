"""Ids of rows that every group refers to and nothing ever changes or deletes: looked up once."""

from __future__ import annotations

from dataclasses import dataclass, field

_MOST = 4_096


@dataclass(frozen=True, slots=True)
class Remembered:
    """Ids by what identifies the rows; only of rows that are committed, in the file that is open."""

    patients: dict[tuple[str, ...], int] = field(default_factory=dict)
    sources: dict[tuple[str, ...], int] = field(default_factory=dict)
    uids: dict[str, int] = field(default_factory=dict)

    def keep(self, more: Remembered) -> None:
        """Remember more, and rather nothing than too much."""
        for known, found in (
            (self.patients, more.patients),
            (self.sources, more.sources),
        ):
            if len(known) > _MOST:
                known.clear()
            known.update(found)
        if len(self.uids) > _MOST:
            self.uids.clear()
        self.uids.update(more.uids)

    def forget(self) -> None:
        """Remember nothing: the index is another one."""
        self.patients.clear()
        self.sources.clear()
        self.uids.clear()
