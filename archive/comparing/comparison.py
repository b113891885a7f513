"""Comparing two sides: which instances belong together, and what differs in each pair."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from archive.comparing.difference import Difference, Kind
from archive.comparing.elements import ElementComparison
from archive.comparing.ignoring import Ignoring
from archive.comparing.pairing import Pair, pair_instances
from archive.comparing.pixels import pixel_differences
from archive.dicom.element_tree import ElementTree
from archive.dicom.source import opened
from archive.errors import NoctisError
from archive.progress import CancelToken, Progress, unheard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from archive.comparing.pairing import InstanceRef
    from archive.progress import ProgressListener

MOST_DIFFERENCES = 10_000
"""Of one pair: what differs in more places is another image."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class InstanceDifferences:
    """What differs between the two instances of a pair; of one without a partner nothing is compared.

    Attributes
    ----------
    cut
        Whether there were more differences than are listed.
    """

    pair: Pair
    differences: tuple[Difference, ...] = ()
    cut: bool = False

    @property
    def same(self) -> bool:
        """Whether both instances are there and nothing counts that differs."""
        return self.pair.is_complete and not any(each.counts for each in self.differences)


def compare_sides(
    lefts: Sequence[InstanceRef],
    rights: Sequence[InstanceRef],
    ignoring: Ignoring | None = None,
    *,
    heard: ProgressListener = unheard,
    token: CancelToken | None = None,
) -> Iterator[InstanceDifferences]:
    """Compare two instances, series or studies, pair by pair; not for the event loop.

    Parameters
    ----------
    ignoring
        What does not count; how files were written by default.

    Raises
    ------
    Cancelled
        Asked to stop.
    """
    token, ignoring = token or CancelToken(), ignoring or Ignoring()
    pairs = pair_instances(lefts, rights)
    for done, pair in enumerate(pairs):
        token.check()
        heard(Progress(done, len(pairs), "instances"))
        yield compare_pair(pair, ignoring, token)
    heard(Progress(len(pairs), len(pairs), "instances"))


def compare_pair(
    pair: Pair, ignoring: Ignoring, token: CancelToken, *, everything: bool = False
) -> InstanceDifferences:
    """Compare the two instances of a pair; what cannot be read is a difference that says so.

    Parameters
    ----------
    everything
        Tell what is the same, too.
    """
    if pair.left is None or pair.right is None:
        return InstanceDifferences(pair)
    try:
        if not everything and _same_bytes(pair.left.path, pair.right.path, token):
            return InstanceDifferences(pair)
        every = _differences(pair.left.path, pair.right.path, token, everything=everything)
        found = [ignoring.labelled(each) for each in islice(every, MOST_DIFFERENCES + 1)]
    except NoctisError as error:
        found = [Difference("", 0, "", "", "", Kind.UNREAD, note=str(error))]
    return InstanceDifferences(pair, tuple(found[:MOST_DIFFERENCES]), len(found) > MOST_DIFFERENCES)


def _differences(left: Path, right: Path, token: CancelToken, *, everything: bool) -> Iterator[Difference]:
    with ElementTree.open(left) as ours, ElementTree.open(right) as theirs:
        for difference in ElementComparison(ours, theirs, everything=everything).run():
            token.check()
            yield difference
        yield from pixel_differences((left, ours), (right, theirs), token)


def _same_bytes(left: Path, right: Path, token: CancelToken) -> bool:
    with opened(left) as ours, opened(right) as theirs:
        if ours.size != theirs.size:
            return False
        for start in range(0, ours.size, _CHUNK):
            token.check()
            if ours.read(start, _CHUNK) != theirs.read(start, _CHUNK):
                return False
    return True
