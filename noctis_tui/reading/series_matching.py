"""Which series of another study shows the same as one of this study."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.index.worklist import SeriesRow

_WORD = re.compile(r"[a-z]+|\d+")


def best_match(wanted: SeriesRow, others: Iterable[SeriesRow]) -> SeriesRow | None:
    """Return the series that is most like the wanted one, the first of several; None when there is none.

    The same modality counts more than anything else, then the words of the description, then the body part,
    the number and how many images there are.
    """
    return max(others, key=lambda other: likeness(wanted, other), default=None)


def likeness(one: SeriesRow, other: SeriesRow) -> float:
    """Return how alike two series are, by what the index knows: 0 for nothing, 16 for everything."""
    alike = 8.0 * (one.modality == other.modality)
    alike += 4.0 * _shared(_words(one.series_description), _words(other.series_description))
    alike += 2.0 * (one.body_part_examined == other.body_part_examined != "")
    alike += 1.0 * (one.series_number == other.series_number is not None)
    counts = sorted((one.frame_count, other.frame_count))
    return alike + (counts[0] / counts[1] if counts[1] else 0.0)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
