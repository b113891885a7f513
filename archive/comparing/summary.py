"""Many pairs at once: each place that differs, in how many instances, and whether it does so alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.comparing.comparison import InstanceDifferences
    from archive.comparing.difference import Difference, Kind


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One place that differs in one way.

    Attributes
    ----------
    example
        The first difference of this kind in this place.
    instances
        In how many pairs.
    alike
        Whether the values on both sides were the same in all of them.
    """

    example: Difference
    instances: int = 1
    alike: bool = True


class Summary:
    """Gathers the differences of pair after pair."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, Kind], SummaryRow] = {}
        self.pairs = 0
        self.different = 0
        self.without_partner = 0

    def add(self, found: InstanceDifferences) -> None:
        """Take what was found in one pair."""
        if not found.pair.is_complete:
            self.without_partner += 1
            return
        self.pairs += 1
        self.different += not found.same
        for difference in found.differences:
            self._add(difference)

    def _add(self, difference: Difference) -> None:
        key = difference.path, difference.kind
        known = self._rows.get(key)
        if known is None:
            self._rows[key] = SummaryRow(difference)
            return
        said = known.example.left, known.example.right, known.example.note
        alike = known.alike and said == (difference.left, difference.right, difference.note)
        self._rows[key] = replace(known, instances=known.instances + 1, alike=alike)

    @property
    def same(self) -> bool:
        """Whether nothing that counts differs, and nothing is without a partner."""
        return not self.different and not self.without_partner

    @property
    def rows(self) -> list[SummaryRow]:
        """Every place, in the order of paths."""
        return sorted(self._rows.values(), key=lambda row: row.example.path)
