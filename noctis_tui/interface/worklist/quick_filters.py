"""The quick filters of keys 0 to 9: a few days, a few kinds of modality, combined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from archive.index.worklist import StudyFilter


@dataclass(frozen=True, slots=True)
class QuickFilter:
    """What one of the keys shows: studies of the last days, or of some modalities (PS3.3 C.7.3.1.1.1)."""

    key: int
    label: str
    title: str
    days: int | None = None
    modalities: frozenset[str] = frozenset()


QUICK_FILTERS: tuple[QuickFilter, ...] = (
    QuickFilter(0, "all", "All studies"),
    QuickFilter(1, "today", "Studies of today", days=1),
    QuickFilter(2, "7 days", "Studies of the last 7 days", days=7),
    QuickFilter(3, "30 days", "Studies of the last 30 days", days=30),
    QuickFilter(4, "CT", "CT", modalities=frozenset({"CT"})),
    QuickFilter(5, "MR", "MR", modalities=frozenset({"MR"})),
    QuickFilter(6, "US", "Ultrasound", modalities=frozenset({"US", "IVUS"})),
    QuickFilter(
        7, "XR", "Radiography: CR, DX, MG, PX, IO", modalities=frozenset({"CR", "DX", "MG", "PX", "IO"})
    ),
    QuickFilter(8, "XA", "Angiography and fluoroscopy: XA, RF", modalities=frozenset({"XA", "RF"})),
    QuickFilter(9, "NM", "Nuclear medicine: NM, PT", modalities=frozenset({"NM", "PT"})),
)
"""At most one filter of days and any number of modalities hold together; 0 ends them all."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the worklist is narrowed to: typed text and the quick filters that are on."""

    text: str = ""
    days_key: int | None = None
    modality_keys: frozenset[int] = frozenset()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not self.text and self.days_key is None and not self.modality_keys

    def toggled(self, key: int) -> Narrowing:
        """Return what holds after the key of a quick filter."""
        chosen = QUICK_FILTERS[key]
        if chosen.days is not None:
            return replace(self, days_key=None if self.days_key == key else key)
        if chosen.modalities:
            return replace(self, modality_keys=self.modality_keys ^ {key})
        return replace(self, days_key=None, modality_keys=frozenset())

    def holds(self, key: int) -> bool:
        """Tell whether a quick filter is on."""
        if key == 0:
            return self.days_key is None and not self.modality_keys
        return key == self.days_key or key in self.modality_keys

    def study_filter(self, today: date) -> StudyFilter:
        """Return what the index is asked for."""
        days = QUICK_FILTERS[self.days_key].days if self.days_key is not None else None
        from archive.index.worklist import StudyFilter  # noqa: PLC0415 - `noctis view` shows a picture first

        return StudyFilter(
            text=self.text,
            modalities=frozenset().union(*(QUICK_FILTERS[key].modalities for key in self.modality_keys)),
            study_date_from=f"{today - timedelta(days=days - 1):%Y%m%d}" if days is not None else "",
        )


EVERYTHING = Narrowing()
