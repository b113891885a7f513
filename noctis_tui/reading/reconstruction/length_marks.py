"""Lengths over the planes: in full where they lie in the plane, with the mm beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from noctis_tui.imaging.slices import distance_mm
from noctis_tui.reading.marks import Handle, Note, Stroke
from noctis_tui.reading.measurement_text import number
from noctis_tui.reading.overlay import ACTIVE_INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noctis_tui.imaging.slices import Slice
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.reconstruction.lengths import Length, Lengths

LENGTH_INDEX: Final = 6
"""Overlay index of lengths: a colour that no plane's line has."""
_WIDTH = 1.6
_ROUNDING_MM = 1e-6


def length_text(length: Length) -> str:
    """Return how long it is: `23.4 mm`."""
    return f"{number(length.mm)} mm"


def length_marks(lengths: Lengths, seen: Slice, reach_mm: float) -> tuple[Mark, ...]:
    """Return what to draw over a plane's picture, in points of its grid.

    Parameters
    ----------
    lengths
        All there are.
    seen
        The samples of the plane.
    reach_mm
        Ends that are no farther from the plane lie in it. A length that does not lie in it is left out; but
        the one that is drawn or chosen is shown dashed, as it is seen through the patient, without its mm.
    """
    return tuple(_all(lengths, seen, reach_mm + _ROUNDING_MM))


def _all(lengths: Lengths, seen: Slice, reach_mm: float) -> Iterator[Mark]:
    chosen = lengths.chosen if lengths.chosen is not None else -1
    for place, length in enumerate(lengths.drawn):
        yield from _one(length, seen, reach_mm, chosen - 2 * place)
    if lengths.being_drawn is not None:
        yield from _one(lengths.being_drawn, seen, reach_mm, 1)


def _one(length: Length, seen: Slice, reach_mm: float, chosen_end: int) -> Iterator[Mark]:
    """Give the marks of a length; it is chosen, or being drawn, where `chosen_end` is 0 or 1."""
    is_chosen = chosen_end in (0, 1)
    is_inside = all(abs(distance_mm(seen.plane, end)) <= reach_mm for end in length.ends_mm)
    if not (is_inside or is_chosen):
        return
    start, end = (seen.plane.image_point(end) for end in length.ends_mm)
    color = ACTIVE_INDEX if is_chosen else LENGTH_INDEX
    yield Stroke((start, end), color, dashed=not is_inside, width=_WIDTH)
    for place, point in enumerate((start, end)):
        yield Handle(point, color, active=place == chosen_end)
    if is_inside:
        yield Note(length_text(length), max(start, end), color)
