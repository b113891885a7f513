"""Which instances of two sides belong together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence
    from pathlib import Path

Match = Literal["uid", "number", "position", ""]


@dataclass(frozen=True, slots=True)
class InstanceRef:
    """One instance of a side, as far as finding its partner needs it; texts are hostile."""

    path: Path
    sop_instance_uid: str = ""
    series_instance_uid: str = ""
    modality: str = ""
    series_number: int | None = None
    instance_number: int | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two instances that belong together, or one without a partner.

    Attributes
    ----------
    matched_by
        The SOP Instance UID, the Instance Number within series that belong together, or the position there;
        empty for an instance without a partner.
    """

    left: InstanceRef | None
    right: InstanceRef | None
    matched_by: Match = ""

    @property
    def is_complete(self) -> bool:
        """Whether both are there."""
        return self.left is not None and self.right is not None


def pair_instances(lefts: Sequence[InstanceRef], rights: Sequence[InstanceRef]) -> list[Pair]:
    """Find the partner of every instance, in the order of the left side, those only on the right last.

    By SOP Instance UID; then, within series that belong together, by Instance Number where nothing else has
    it, else by position. Two single instances belong together whatever they are called.
    """
    partner: dict[int, tuple[int, Match]] = {}
    _match(range(len(lefts)), range(len(rights)), partner, "uid", _uid_of(lefts), _uid_of(rights))
    if len(lefts) == len(rights) == 1 and not partner:
        partner[0] = 0, "position"
    for ours, theirs in _series_together(lefts, rights):
        _match_rest(lefts, rights, ours, theirs, partner)
    taken = {right for right, _ in partner.values()}
    pairs = [
        Pair(left, rights[partner[place][0]], partner[place][1]) if place in partner else Pair(left, None)
        for place, left in enumerate(lefts)
    ]
    return pairs + [Pair(None, right) for place, right in enumerate(rights) if place not in taken]


def _uid_of(refs: Sequence[InstanceRef]) -> Callable[[int], Hashable]:
    return lambda place: refs[place].sop_instance_uid or None


def _number_of(refs: Sequence[InstanceRef]) -> Callable[[int], Hashable]:
    return lambda place: refs[place].instance_number


def _match_rest(
    lefts: Sequence[InstanceRef],
    rights: Sequence[InstanceRef],
    ours: Sequence[int],
    theirs: Sequence[int],
    partner: dict[int, tuple[int, Match]],
) -> None:
    """Match what has no partner yet in two series, by number and by position."""
    _match(ours, theirs, partner, "number", _number_of(lefts), _number_of(rights))
    taken = {right for right, _ in partner.values()}
    left_over = [place for place in ours if place not in partner]
    for left, right in zip(left_over, (place for place in theirs if place not in taken), strict=False):
        partner[left] = right, "position"


def _match(
    ours: Sequence[int],
    theirs: Sequence[int],
    partner: dict[int, tuple[int, Match]],
    how: Match,
    left_key: Callable[[int], Hashable],
    right_key: Callable[[int], Hashable],
) -> None:
    """Match the places whose key nothing else on their side has."""
    taken = {right for right, _ in partner.values()}
    by_key = _unique((place for place in theirs if place not in taken), right_key)
    for key, place in _unique((place for place in ours if place not in partner), left_key).items():
        if key in by_key:
            partner[place] = by_key[key], how


def _unique(places: Iterator[int], key: Callable[[int], Hashable]) -> dict[Hashable, int]:
    found: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place in places:
        found[key(place)].append(place)
    return {key: places[0] for key, places in found.items() if len(places) == 1 and key is not None}


def _series_together(
    lefts: Sequence[InstanceRef], rights: Sequence[InstanceRef]
) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the places of the instances of series that belong together.

    By Series Instance UID, then by modality and number where these are unique, then in their order.
    """
    ours, theirs = _by_series(lefts), _by_series(rights)
    for left, right in _matched_series(lefts, rights, ours, theirs):
        yield ours.pop(left), theirs.pop(right)
    yield from zip(list(ours.values()), list(theirs.values()), strict=False)


def _matched_series(
    lefts: Sequence[InstanceRef],
    rights: Sequence[InstanceRef],
    ours: dict[str, list[int]],
    theirs: dict[str, list[int]],
) -> list[tuple[str, str]]:
    same = [(uid, uid) for uid in ours if uid and uid in theirs]
    known = {uid for uid, _ in same}
    sides = []
    for refs, series in ((lefts, ours), (rights, theirs)):
        first = [places[0] for uid, places in series.items() if uid not in known]
        sides.append(_unique(iter(first), _kind_of_series(refs)))
    described = [
        (lefts[place].series_instance_uid, rights[sides[1][key]].series_instance_uid)
        for key, place in sides[0].items()
        if key in sides[1]
    ]
    return same + described


def _kind_of_series(refs: Sequence[InstanceRef]) -> Callable[[int], Hashable]:
    def kind(place: int) -> Hashable:
        ref = refs[place]
        return (ref.modality, ref.series_number) if ref.series_number is not None else None

    return kind


def _by_series(refs: Sequence[InstanceRef]) -> dict[str, list[int]]:
    series: defaultdict[str, list[int]] = defaultdict(list)
    for place, ref in enumerate(refs):
        series[ref.series_instance_uid].append(place)
    return dict(series)
