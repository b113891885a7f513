"""The frames of a series in the order in which they are read.

By position along the normal where positions are distinct, else by instance number; the direction follows the
instance numbers, so that a series opens at the image the scanner called the first. Localizers with several
orientations are split by orientation before positions are compared. The frames of a multi-frame file come in
the order of `archive.pixels.frame_order`; the slices of mosaics come volume after volume, and behind them the
mosaics as they are stored; the overviews of slides come before their tiles.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Protocol

from archive.errors import NoctisError
from archive.pixels.derived_frames import derived_frames
from archive.pixels.frame_order import OrderedFrame, ordered_frames, position_along_normal
from archive.pixels.frames import ImageFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from archive.index.database import Index
    from archive.index.worklist import SeriesRow
    from noctis_tui.imaging.patient_space import Orientation

log = logging.getLogger(__name__)

PAGED_CLASSES = ("1.2.840.10008.5.1.4.1.1.9.", "1.2.840.10008.5.1.4.1.1.104.")
"""Roots of the SOP classes of waveforms and of encapsulated documents."""
SAME_POSITION_MM = 1e-3
SAME_ORIENTATION = 1e-2
OWN_FRAMES = -1
"""The part of frames behind what was made of them: whole mosaics behind slices, tiles behind overviews."""


class StackInstance(Protocol):
    """What ordering needs to know about an instance; the index's rows have it."""

    @property
    def path(self) -> Path:
        """Where the file is."""

    @property
    def sop_instance_uid(self) -> str:
        """SOP Instance UID (0008,0018)."""

    @property
    def instance_number(self) -> int | None:
        """Instance Number (0020,0013)."""

    @property
    def number_of_frames(self) -> int:
        """Number of Frames (0028,0008)."""

    @property
    def position_mm(self) -> float | None:
        """Image Position (Patient) along the normal."""


@dataclass(frozen=True, slots=True)
class FrameRef:
    """One frame of one file: what to load, not yet loaded. `frame_index` counts from 0.

    Path and index are its identity: what the index adds later does not make it another frame.
    """

    path: Path
    frame_index: int
    sop_instance_uid: str = field(default="", compare=False)
    instance_number: int | None = field(default=None, compare=False)
    position_mm: float | None = field(default=None, compare=False)
    part: int = field(default=0, compare=False)
    """Which of the stacks that its file holds it belongs to."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Ordered frames; an index into `frames` is what scrolling changes."""

    frames: tuple[FrameRef, ...] = ()
    _places: dict[FrameRef, int] = field(default_factory=dict, repr=False, compare=False)
    _spacing: list[float | None] = field(default_factory=list, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._places.update((frame, place) for place, frame in enumerate(self.frames))

    def __len__(self) -> int:
        return len(self.frames)

    def clamp(self, frame_index: int) -> int:
        """Return the nearest index that exists; 0 for an empty stack."""
        return max(0, min(frame_index, len(self.frames) - 1))

    def place_of(self, frame: FrameRef) -> int | None:
        """Return where a frame stands: a growing series moves its frames."""
        return self._places.get(frame)

    @property
    def spacing_between_slices_mm(self) -> float | None:
        """Median distance between neighbouring positions, None when they are not known or coincide."""
        if not self._spacing:  # every picture asks; thousands of slices take milliseconds
            self._spacing.append(self._median_step())
        return self._spacing[0]

    def _median_step(self) -> float | None:
        places = [(frame.part, frame.position_mm) for frame in self.frames]
        steps = [
            abs(b - a) for (p, a), (q, b) in pairwise(places) if p == q and a is not None and b is not None
        ]
        return median(steps) if steps and median(steps) >= SAME_POSITION_MM else None


def stack_of_instances(
    instances: Iterable[StackInstance],
    orientation_of: Callable[[Path], Orientation | None] | None = None,
) -> Stack:
    """Order the instances of a series and expand their frames.

    `orientation_of` reads one file's Image Orientation (Patient); it is asked only when positions and
    instance numbers disagree, because only then may the series hold several orientations.
    """
    ordered = _ordered(list(instances), orientation_of or _orientation_in)
    mosaics = bool(ordered) and OWN_FRAMES in {place.part for place in _places_in(ordered[0])}
    frames = [frame for instance in ordered for frame in _frames_of(instance, expanded=mosaics)]
    return Stack(tuple(sorted(frames, key=lambda frame: frame.part == OWN_FRAMES)))


def _frames_of(instance: StackInstance, *, expanded: bool) -> Iterable[FrameRef]:
    pages = _page_count(instance)
    if pages > 1:
        for page in range(pages):
            yield FrameRef(instance.path, page, instance.sop_instance_uid, instance.instance_number)
        return
    alone = instance.number_of_frames <= 1 and not expanded
    places = (OrderedFrame(0, 0, instance.position_mm),) if alone else _places_in(instance)
    for place in places:
        yield FrameRef(
            instance.path,
            place.frame_index,
            instance.sop_instance_uid,
            instance.instance_number,
            place.position_mm,
            place.part,
        )


def _page_count(instance: StackInstance) -> int:
    """Return how many pages a document or a waveform has; 1 for images and whatever is one page."""
    sop_class_uid = str(getattr(instance, "sop_class_uid", ""))
    if not sop_class_uid.startswith(PAGED_CLASSES):
        return 1
    try:
        return _pages_in(instance.path, instance.path.stat().st_mtime_ns)
    except OSError:
        return 1


@lru_cache(maxsize=64)
def _pages_in(path: Path, _written: int) -> int:
    """Count pages once: for a PDF another process is started."""
    from noctis_tui.reading.documents.reading import page_count  # noqa: PLC0415 - few series have pages

    return page_count(path)


def _places_in(instance: StackInstance) -> tuple[OrderedFrame, ...]:
    try:
        written = instance.path.stat().st_mtime_ns
        return _ordered_frames(instance.path, written, instance.number_of_frames)
    except (NoctisError, OSError):
        return (OrderedFrame(0, 0, None),)  # reading it will say why it cannot be shown
    except Exception:
        log.exception("ordering the frames of a file failed")
        return (OrderedFrame(0, 0, None),)


@lru_cache(maxsize=64)
def _ordered_frames(path: Path, _written: int, claimed: int) -> tuple[OrderedFrame, ...]:
    """Order the frames that a file holds: what its header claims may be a hundred million."""
    with ImageFile.open(path) as image:
        derived = derived_frames(image) if image.is_mosaic or image.is_tiled else None
        own = ordered_frames(image, claimed)
        if derived is None:
            return own
        first = image.frame_count
        made = ((first + number, derived.attributes(number)) for number in range(derived.count))
        made_places = tuple(OrderedFrame(index, 0, position_along_normal(frame)) for index, frame in made)
        return (*made_places, *(replace(place, part=OWN_FRAMES, position_mm=None) for place in own))


def _number_key(instance: StackInstance) -> tuple[bool, int, str]:
    number = instance.instance_number
    return (number is None, number or 0, instance.sop_instance_uid)


def _ordered(
    instances: list[StackInstance], orientation_of: Callable[[Path], Orientation | None]
) -> list[StackInstance]:
    by_number = sorted(instances, key=_number_key)
    if not _positions_distinct(by_number):
        # Several images at one place (time, diffusion, echoes): their order is the acquisition's.
        return by_number
    if _monotonic([instance.position_mm or 0.0 for instance in by_number]):
        return by_number
    groups = _by_orientation(by_number, orientation_of)
    return [instance for group in groups for instance in _along_normal(group)]


def _positions_distinct(instances: Sequence[StackInstance]) -> bool:
    positions = sorted(i.position_mm for i in instances if i.position_mm is not None)
    if len(positions) < len(instances):
        return False
    return all(b - a >= SAME_POSITION_MM for a, b in pairwise(positions))


def _monotonic(positions: Sequence[float]) -> bool:
    rising = [b > a for a, b in pairwise(positions)]
    return all(rising) or not any(rising)


def _by_orientation(
    by_number: Sequence[StackInstance], orientation_of: Callable[[Path], Orientation | None]
) -> list[list[StackInstance]]:
    groups: list[tuple[Orientation | None, list[StackInstance]]] = []
    for instance in by_number:
        orientation = orientation_of(instance.path)
        for known, members in groups:
            if _same_orientation(known, orientation):
                members.append(instance)
                break
        else:
            groups.append((orientation, [instance]))
    return [members for _, members in groups]


def _same_orientation(a: Orientation | None, b: Orientation | None) -> bool:
    if a is None or b is None:
        return a is b
    return max(abs(x - y) for x, y in zip(a, b, strict=True)) < SAME_ORIENTATION


def _along_normal(by_number: list[StackInstance]) -> list[StackInstance]:
    along = sorted(by_number, key=lambda instance: instance.position_mm or 0.0)
    return along if _rises_with_number(by_number) else along[::-1]


def _rises_with_number(by_number: Sequence[StackInstance]) -> bool:
    """Tell whether instance numbers grow with the position, more often than not."""
    steps: defaultdict[bool, int] = defaultdict(int)
    for a, b in pairwise(instance.position_mm or 0.0 for instance in by_number):
        steps[b > a] += 1
    return steps[True] >= steps[False]


def _orientation_in(path: Path) -> Orientation | None:
    from archive.dicom.header import read_header  # noqa: PLC0415 - only for series that need it

    try:
        return read_header(path).image_orientation_patient
    except (NoctisError, OSError):
        return None


def stack_of(index: Index, series: SeriesRow) -> Stack:
    """Return the stack of a series as the index knows it now; to be called off the event loop."""
    from archive.index.worklist import instances_of  # noqa: PLC0415 - the first picture does not wait for it

    return stack_of_instances(instances_of(index, series.id))
