"""Laying curves through a volume and changing them: a frozen state and the pure transitions of it.

Nothing here knows a screen, a clock or an archive. `dirty` names what the archive does not have yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import dist
from typing import TYPE_CHECKING

from archive.annotations.annotation import Annotations
from archive.annotations.space_curve import MAXIMUM_CURVE_POINTS, WIDEST_MM, SpaceCurve
from archive.errors import BadInput
from noctis_tui.imaging.curves.curve import Curve, curve_through
from noctis_tui.reading.edit_history import Change, EditHistory, ItemKey, Step, find, inverse, made_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noctis_tui.imaging.patient_space import Vector
    from noctis_tui.reading.annotating import Stamp

NARROWEST_MM = 5.0


@lru_cache(maxsize=16)
def curve_of(points_mm: tuple[Vector, ...]) -> Curve | None:
    """Return the curve through points; None while they are no two places."""
    try:
        return curve_through(points_mm)
    except BadInput:
        return None


@dataclass(frozen=True, slots=True)
class CurveEditing:
    """The curves of a frame of reference, and the one that keys act on.

    Attributes
    ----------
    kept
        All of them, whether the archive has them or not.
    uid
        Of the one in hand; empty for none: the next point begins one.
    selected
        Which of its points new ones are set behind, and keys move or delete; None without points.
    history
        What can be undone and done again.
    dirty
        Which the archive does not have as they are here.
    """

    kept: Annotations = field(default_factory=Annotations)
    uid: str = ""
    selected: int | None = None
    history: EditHistory = field(default_factory=EditHistory)
    dirty: frozenset[ItemKey] = frozenset()

    @property
    def curve(self) -> SpaceCurve | None:
        """The one in hand."""
        found = find(self.kept, ("curve", self.uid)) if self.uid else None
        return found if isinstance(found, SpaceCurve) else None

    @property
    def points_mm(self) -> tuple[Vector, ...]:
        """The points of the one in hand."""
        return self.curve.points_mm if self.curve is not None else ()

    @property
    def smooth(self) -> Curve | None:
        """The one in hand as a curve; None while it has no two places."""
        return curve_of(self.points_mm)

    # ---- which

    def with_stored(self, curves: Sequence[SpaceCurve]) -> CurveEditing:
        """Take up what the archive has; what is not kept there yet stays as it is here."""
        here = [curve for curve in self.kept.curves if ("curve", curve.uid) in self.dirty]
        known = {uid for _, uid in self.dirty}
        kept = Annotations(curves=(*(curve for curve in curves if curve.uid not in known), *here))
        taken = replace(self, kept=kept)
        if taken.curve is None and not self.dirty:
            latest = max(kept.curves, key=lambda curve: curve.modified_at, default=None)
            return taken.with_chosen(latest.uid if latest is not None else "")
        return replace(taken, selected=_within(self.selected, len(taken.points_mm)))

    def with_chosen(self, uid: str) -> CurveEditing:
        """Take another curve in hand, its last point chosen; none with an empty UID."""
        chosen = replace(self, uid=uid)
        return replace(chosen, selected=len(chosen.points_mm) - 1 if chosen.points_mm else None)

    def with_next_curve(self) -> CurveEditing:
        """Take the next curve in hand, round again."""
        uids = [curve.uid for curve in self.kept.curves]
        place = uids.index(self.uid) if self.uid in uids else -1
        return self.with_chosen(uids[(place + 1) % len(uids)]) if uids else self

    def with_next_point(self, step: int) -> CurveEditing:
        """Choose the next point, the one before for a negative step; the ends hold."""
        count = len(self.points_mm)
        if not count:
            return self
        here = self.selected if self.selected is not None else count - 1
        return replace(self, selected=min(max(here + step, 0), count - 1))

    def with_point(self, place: int) -> CurveEditing:
        """Choose a point by its place."""
        return replace(self, selected=_within(place, len(self.points_mm)))

    # ---- changes

    def added(self, point_mm: Vector, series: tuple[str, str, str], stamp: Stamp) -> CurveEditing:
        """Set a point behind the chosen one; the first of a curve begins it.

        Parameters
        ----------
        series
            Study and Series Instance UID and Frame of Reference UID of what is looked at: a new curve's own.
        """
        curve = self.curve
        if curve is None:
            new = SpaceCurve(stamp.uid, *series, (point_mm,), author=stamp.author, created_at=stamp.now)
            return self._changed(None, new, stamp.now, 0)
        place = (self.selected if self.selected is not None else len(curve.points_mm) - 1) + 1
        return self._inserted(curve, place, point_mm, stamp.now)

    def inserted(self, point_mm: Vector, now: float) -> CurveEditing:
        """Set a point in the piece of the curve that it lies nearest to."""
        curve, smooth = self.curve, self.smooth
        if curve is None or smooth is None:
            return self
        arc_length_mm = smooth.nearest_arc_length_mm(point_mm)
        pairs = zip(smooth.points_mm, smooth.point_arc_lengths_mm, strict=True)
        before = [place for place, (_, at) in enumerate(pairs) if at <= arc_length_mm]
        return self._inserted(curve, max(before, default=0) + 1, point_mm, now)

    def moved(self, point_mm: Vector, now: float) -> CurveEditing:
        """Put the chosen point elsewhere."""
        curve, place = self.curve, self.selected
        if curve is None or place is None or curve.points_mm[place] == point_mm:
            return self
        points = (*curve.points_mm[:place], point_mm, *curve.points_mm[place + 1 :])
        return self._changed(curve, replace(curve, points_mm=points), now, place)

    def without_point(self, now: float) -> CurveEditing:
        """Take the chosen point away; with the last one the curve goes."""
        curve, place = self.curve, self.selected
        if curve is None or place is None:
            return self
        points = (*curve.points_mm[:place], *curve.points_mm[place + 1 :])
        if not points:
            return self.without_curve(now)
        return self._changed(curve, replace(curve, points_mm=points), now, max(place - 1, 0))

    def without_curve(self, now: float) -> CurveEditing:
        """Take the curve in hand away."""
        return self._changed(self.curve, None, now, None) if self.curve is not None else self

    def turned(self, degrees: float, now: float) -> CurveEditing:
        """Turn the picture about the curve."""
        if self.curve is None:
            return self
        rotation = (self.curve.rotation_degrees + degrees + 180) % 360 - 180
        return self._looked(replace(self.curve, rotation_degrees=rotation), now)

    def widened(self, factor: float, now: float) -> CurveEditing:
        """Show more beside the curve, less for a factor below one."""
        if self.curve is None:
            return self
        width_mm = min(max(round(self.curve.width_mm * factor, 1), NARROWEST_MM), WIDEST_MM)
        return self._looked(replace(self.curve, width_mm=width_mm), now)

    def undo(self) -> CurveEditing:
        """Take back what was last done."""
        if not self.history.done:
            return self
        return self._replayed(inverse(self.history.done[-1]), self.history.undo())

    def redo(self) -> CurveEditing:
        """Do again what was taken back."""
        if not self.history.undone:
            return self
        return self._replayed(self.history.undone[-1], self.history.redo())

    def saved(self, asked: CurveEditing) -> CurveEditing:
        """Know that the archive has what was asked of it; what was changed since then waits again."""
        there = (key for key in asked.dirty if find(self.kept, key) == find(asked.kept, key))
        return replace(self, dirty=self.dirty - frozenset(there))

    def nearest_point(self, point_mm: Vector) -> tuple[int, float] | None:
        """Return which of the points is nearest to a place, and how many mm it is away."""
        away = [(dist(point, point_mm), place) for place, point in enumerate(self.points_mm)]
        return (min(away)[1], min(away)[0]) if away else None

    def _inserted(self, curve: SpaceCurve, place: int, point_mm: Vector, now: float) -> CurveEditing:
        if len(curve.points_mm) >= MAXIMUM_CURVE_POINTS:
            return self
        points = (*curve.points_mm[:place], point_mm, *curve.points_mm[place:])
        return self._changed(curve, replace(curve, points_mm=points), now, place)

    def _looked(self, curve: SpaceCurve, now: float) -> CurveEditing:
        """Look at it otherwise: kept, but nothing to be undone."""
        key = "curve", curve.uid
        changed = Change(key, self.curve, replace(curve, modified_at=now))
        return replace(self, kept=made_in(self.kept, (changed,)), dirty=self.dirty | {key})

    def _changed(
        self, before: SpaceCurve | None, after: SpaceCurve | None, now: float, selected: int | None
    ) -> CurveEditing:
        if after is not None:
            after = replace(after, modified_at=now)
        uid = after.uid if after is not None else self.uid
        key = "curve", uid
        step = (Change(key, before, after),)
        return replace(
            self,
            kept=made_in(self.kept, step),
            uid=uid,
            selected=selected,
            history=self.history.with_step(step),
            dirty=self.dirty | {key},
        )

    def _replayed(self, step: Step, history: EditHistory) -> CurveEditing:
        kept = made_in(self.kept, step)
        keys = [change.key for change in step]
        uid = str(keys[-1][1])
        replayed = replace(self, kept=kept, history=history, dirty=self.dirty | frozenset(keys), uid=uid)
        return replace(replayed, selected=_within(self.selected, len(replayed.points_mm)))


def _within(place: int | None, count: int) -> int | None:
    if not count:
        return None
    return count - 1 if place is None else min(max(place, 0), count - 1)
