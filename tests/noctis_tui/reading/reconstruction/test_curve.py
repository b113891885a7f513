"""Curves are begun, changed, undone and kept: whatever the order of keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from annotated import CURVE, STUDY, fill
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from archive.annotating import PutCurve, annotations_of, edit
from archive.annotations.edits import check_edits
from archive.local_archive import LocalArchive
from noctis_tui.reading.annotating import Stamp
from noctis_tui.reading.annotation_keeping import keep
from noctis_tui.reading.reconstruction.curve import NARROWEST_MM, CurveEditing

SERIES = (STUDY, "1.2.3.1", "1.2.3.0")
UID = "0f3c1c4e-6c2a-4f0e-9a59-3d1f3b7c2a1"


def stamp(number=0, now=1.7e9):
    return Stamp(f"{UID}{number}", "reader", now)


def drawn(*points):
    editing = CurveEditing()
    for point in points:
        editing = editing.added(point, SERIES, stamp())
    return editing


A, B, C, D = (0.0, 0.0, 0.0), (0.0, 0.0, 10.0), (0.0, 0.0, 30.0), (0.0, 0.0, 50.0)


def test_points_are_set_behind_the_chosen_one():
    editing = drawn(A, B, D)
    assert editing.points_mm == (A, B, D)
    assert editing.selected == 2
    editing = editing.with_next_point(-1).added(C, SERIES, stamp())
    assert editing.points_mm == (A, B, C, D)
    assert editing.selected == 2
    assert editing.curve == replace(
        CURVE, uid=f"{UID}0", points_mm=(A, B, C, D), name="", rotation_degrees=0, width_mm=50.0,
        created_at=1.7e9, modified_at=1.7e9,
    )  # fmt: skip


def test_a_point_is_inserted_where_the_curve_is_nearest():
    editing = drawn(A, B, D).inserted((3.0, 1.0, 29.0), 1.8e9)
    assert editing.points_mm == (A, B, (3.0, 1.0, 29.0), D)
    assert editing.selected == 2


def test_a_point_is_moved_and_taken_away_and_both_are_undone():
    editing = drawn(A, B, D)
    moved = editing.with_next_point(-1).moved(C, 1.8e9)
    assert moved.points_mm == (A, C, D)
    assert moved.curve.modified_at == 1.8e9
    gone = moved.without_point(1.9e9)
    assert gone.points_mm == (A, D)
    assert gone.selected == 0
    assert gone.undo().undo().curve == editing.curve
    assert gone.undo().undo().redo().redo().curve == gone.curve


def test_with_its_last_point_a_curve_goes_and_comes_back():
    gone = drawn(A).without_point(1.8e9)
    assert gone.curve is None
    assert gone.kept.curves == ()
    assert gone.dirty == {("curve", f"{UID}0")}
    assert gone.undo().points_mm == (A,)
    assert gone.undo().selected == 0


def test_a_curve_is_one_from_two_places_on():
    assert drawn(A).smooth is drawn(A, A).smooth is None
    assert drawn(A, B).smooth.length_mm == pytest.approx(10)


def test_how_it_is_looked_at_is_kept_but_not_undone():
    editing = drawn(A, B)
    looked = editing.turned(170, 1.8e9).turned(30, 1.8e9).widened(1.5, 1.8e9)
    assert (looked.curve.rotation_degrees, looked.curve.width_mm) == (-160, 75)
    assert looked.widened(1e-9, 1).curve.width_mm == NARROWEST_MM
    assert looked.history == editing.history
    assert CurveEditing().turned(3, 1).widened(2, 1) == CurveEditing()


def test_another_curve_is_begun_and_each_is_taken_in_hand():
    editing = drawn(A, B).with_chosen("").added(C, SERIES, stamp(1))
    assert [len(curve.points_mm) for curve in editing.kept.curves] == [2, 1]
    assert editing.points_mm == (C,)
    assert editing.with_next_curve().points_mm == (A, B)
    assert editing.with_next_curve().selected == 1
    assert editing.without_curve(1.8e9).with_next_curve().points_mm == (A, B)


def test_what_the_archive_has_is_taken_up_beside_what_is_not_kept_yet():
    stored = replace(CURVE, modified_at=2e9)
    begun = CurveEditing().with_stored([CURVE, replace(stored, uid=f"{UID}5")])
    assert begun.uid == f"{UID}5"  # the one changed last
    mine = begun.moved(D, 2.1e9)
    others = replace(CURVE, name="renamed")
    merged = mine.with_stored([others, stored])
    assert merged.curve.points_mm[-1] == D
    assert others in merged.kept.curves
    kept = mine.saved(mine)
    assert not kept.dirty
    assert mine.moved(C, 2.2e9).saved(mine).dirty  # changed meanwhile
    assert kept.with_stored([]).curve is None


def test_it_outlives_its_process_and_can_be_changed_again(tmp_path):
    editing = drawn(A, B, D).turned(45, 1.8e9)
    with LocalArchive.open(tmp_path) as archive:
        with archive.hold("test") as lease:
            fill(archive, lease)
        assert keep(archive, STUDY, editing.dirty, editing.kept) == (frozenset(), "")
    with LocalArchive.open(tmp_path) as archive:
        again = CurveEditing().with_stored(annotations_of(archive.index, STUDY).curves)
        assert again.curve == editing.curve
        changed = again.with_next_point(-1).moved(C, 1.9e9)
        keep(archive, STUDY, changed.dirty, changed.kept)
        assert annotations_of(archive.index, STUDY).curves == (changed.curve,)
        edit(archive, [PutCurve(CURVE)])
        gone = changed.without_curve(2e9)
        keep(archive, STUDY, gone.dirty, gone.kept)
        assert annotations_of(archive.index, STUDY).curves == (CURVE,)


class Hand(RuleBasedStateMachine):
    """Any keys in any order: what is there can be kept, and all of it can be undone."""

    def __init__(self):
        super().__init__()
        self.state, self.count = CurveEditing(), 0

    points = st.tuples(*[st.integers(-50, 50).map(float)] * 3)

    @rule(point=points)
    def add(self, point):
        self.count += 1
        self.state = self.state.added(point, SERIES, Stamp(f"{UID[:-3]}{self.count:04}", "me", 1.7e9))

    @rule(point=points)
    def insert(self, point):
        self.state = self.state.inserted(point, 1.7e9)

    @rule(point=points)
    def move(self, point):
        self.state = self.state.moved(point, 1.7e9)

    @rule()
    def take_away(self):
        self.state = self.state.without_point(1.7e9)

    @rule(step=st.integers(-3, 3))
    def choose(self, step):
        self.state = self.state.with_next_point(step)

    @rule()
    def another_curve(self):
        self.state = self.state.with_next_curve()

    @rule()
    def new_curve(self):
        self.state = self.state.with_chosen("")

    @rule()
    def undo(self):
        self.state = self.state.undo()

    @rule()
    def redo(self):
        self.state = self.state.redo()

    @precondition(lambda self: self.state.history.done)
    @rule()
    def undone_and_done_again_it_is_the_same(self):
        assert self.state.undo().redo().kept == self.state.kept

    @invariant()
    def it_can_be_kept(self):
        check_edits([PutCurve(curve) for curve in self.state.kept.curves])

    @invariant()
    def the_chosen_point_is_one(self):
        count = len(self.state.points_mm)
        assert self.state.selected in (range(count) if count else (None,))

    @invariant()
    def all_of_it_can_be_undone(self):
        state = self.state
        while state.history.done:
            state = state.undo()
        assert state.kept.curves == ()


TestHand = Hand.TestCase
TestHand.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
