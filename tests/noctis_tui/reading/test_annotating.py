import itertools
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from archive.annotations.annotation import Annotation, Annotations, FrameKey, KeyImage, Kind, Layer
from noctis_tui.reading.annotating import Editing, Stamp
from noctis_tui.reading.edit_history import LONGEST, put

FRAME = FrameKey("1.2", "1.2.3", "1.2.3.4")
OTHER = FrameKey("1.2", "1.2.3", "1.2.3.5")
_UIDS = (f"uid-{number}" for number in itertools.count())


def stamp(now: float = 1.0) -> Stamp:
    return Stamp(next(_UIDS), "anna", now)


def draw(state: Editing, kind: Kind, *points, frame=FRAME) -> Editing:
    state = state.with_tool(kind)
    for point in points:
        state = state.with_point(frame, point, stamp())
    return state


def contents(state: Editing):
    kept = state.kept
    return frozenset(kept.annotations), frozenset(kept.layers), frozenset(kept.key_images)


def test_the_last_point_finishes_a_shape_and_the_next_one_begins():
    state = draw(Editing(), Kind.LENGTH, (1, 2), (3, 4))
    (shape,) = state.kept.annotations
    assert (shape.kind, shape.points, shape.author, shape.frame) == (
        Kind.LENGTH,
        ((1, 2), (3, 4)),
        "anna",
        FRAME,
    )
    assert state.points == ()
    assert state.tool is Kind.LENGTH
    assert state.dirty == {("annotation", shape.uid)}


def test_every_kind_takes_its_points():
    corners = [(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)]
    needed = {Kind.LENGTH: 2, Kind.ANGLE: 3, Kind.COBB: 4, Kind.ELLIPSE: 2, Kind.RECTANGLE: 2, Kind.PROBE: 1}
    for kind, count in needed.items():
        state = draw(Editing(), kind, *corners[: count - 1])
        assert not state.kept.annotations
        state = state.with_point(FRAME, corners[count - 1], stamp())
        assert len(state.kept.annotations[0].points) == count


def test_an_open_ended_shape_ends_where_its_last_point_is_set_again():
    state = draw(Editing(), Kind.POLYGON, (0, 0), (5, 0), (5, 5), (5, 5))
    assert state.kept.annotations[0].points == ((0, 0), (5, 0), (5, 5))
    too_few = draw(Editing(), Kind.POLYGON, (0, 0), (5, 0), (5, 0))
    assert too_few.kept.annotations == ()


def test_a_line_has_two_different_ends():
    state = draw(Editing(), Kind.LENGTH, (1, 2), (1, 2))
    assert state.points == ((1, 2),)


def test_points_on_another_frame_begin_another_shape():
    state = draw(Editing(), Kind.LENGTH, (1, 2)).with_point(OTHER, (3, 4), stamp())
    assert state.points == ((3, 4),)
    assert state.kept.annotations == ()


def test_a_text_waits_for_its_words():
    state = draw(Editing(), Kind.TEXT, (5, 5))
    assert state.kept.annotations == ()
    assert state.worded is not None
    said = state.with_words("  Größe 大  ", 2.0)
    assert said.kept.annotations[0].text == "Größe 大"
    assert state.with_words("   ", 2.0).kept.annotations == ()
    assert state.with_words(None, 2.0).kept.annotations == ()


def test_an_arrow_needs_no_words():
    state = draw(Editing(), Kind.ARROW, (5, 5), (9, 9)).with_words(None, 2.0)
    assert state.kept.annotations[0].text == ""


def test_other_words_can_be_undone():
    state = draw(Editing(), Kind.TEXT, (5, 5)).with_words("a", 2.0)
    uid = state.kept.annotations[0].uid
    state = state.selecting(uid).wording().with_words("b", 3.0)
    assert state.selection.text == "b"
    assert state.undo().kept.annotations[0].text == "a"
    assert state.wording().with_words(None, 4.0).selection.text == "b"


def test_a_move_is_one_change_however_many_steps_it_took():
    state = draw(Editing(), Kind.LENGTH, (1, 2), (3, 4)).with_tool(None).with_next(FRAME).with_next_handle()
    for _ in range(5):
        state = state.moved(1, 0)
    state = state.let_go(9.0)
    assert state.selection.points == ((6, 2), (3, 4))
    assert state.selection.modified_at == 9.0
    assert state.undo().kept.annotations[0].points == ((1, 2), (3, 4))


def test_handles_come_one_after_the_other_then_the_whole():
    state = draw(Editing(), Kind.LENGTH, (1, 2), (3, 4)).with_tool(None).with_next(FRAME)
    seen = []
    for _ in range(4):
        state = state.with_next_handle()
        seen.append(state.handle)
    assert seen == [0, 1, None, 0]
    assert state.with_next_handle(-1).handle is None


def test_next_goes_round_the_shown_annotations_of_the_frame():
    state = draw(Editing(), Kind.PROBE, (1, 1), (2, 2), (3, 3))
    state = state.with_point(OTHER, (4, 4), stamp()).with_tool(None)
    places = []
    for _ in range(4):
        state = state.with_next(FRAME)
        places.append(state.selection.points[0][0])
    assert places == [1, 2, 3, 1]
    assert state.selecting("").with_next(FRAME, -1).selection.points == ((3, 3),)
    hidden = state.with_layer(Layer("Measurements", visible=False))
    assert hidden.on(FRAME) == ()
    assert hidden.with_next(FRAME).selection is None


def test_undo_takes_a_point_back_while_drawing():
    state = draw(Editing(), Kind.ANGLE, (1, 1), (2, 2))
    assert state.undo().points == ((1, 1),)


def test_deleting_deselects_and_is_undone():
    state = draw(Editing(), Kind.PROBE, (1, 1)).with_tool(None).with_next(FRAME)
    gone = state.without(("annotation", state.selected))
    assert (gone.selected, gone.kept.annotations) == ("", ())
    assert gone.undo().kept == state.kept


def test_a_key_image_is_marked_unmarked_and_undone():
    state = Editing().with_key_image_toggled(FRAME, stamp())
    assert state.is_key_image(FRAME)
    assert not state.is_key_image(OTHER)
    assert not state.with_key_image_toggled(FRAME, stamp()).is_key_image(FRAME)
    assert not state.undo().is_key_image(FRAME)


def test_what_is_saved_is_dirty_again_when_it_changed_meanwhile():
    state = draw(Editing(), Kind.LENGTH, (1, 2), (3, 4)).with_tool(None).with_next(FRAME)
    sent, keys = state.kept, state.dirty
    assert state.saved(keys, sent).dirty == frozenset()
    later = state.moved(1, 1).let_go()
    assert later.saved(keys, sent).dirty == keys
    refused = state.not_saved(keys)
    assert refused.refused == keys
    assert refused.saved(keys, sent).refused == frozenset()


def test_rereading_keeps_what_the_archive_does_not_have_yet():
    theirs = Annotation("theirs", FRAME, Kind.PROBE, ((1.0, 1.0),))
    mine = draw(Editing(), Kind.PROBE, (2, 2))
    state = mine.reread(Annotations((theirs,)))
    assert {shape.uid for shape in state.kept.annotations} == {"theirs", mine.kept.annotations[0].uid}
    stored = mine.saved(mine.dirty, mine.kept)
    assert stored.reread(Annotations((theirs,))).kept.annotations == (theirs,)
    deleted = Editing(kept=Annotations((theirs,))).without(("annotation", "theirs"))
    assert deleted.reread(Annotations((theirs,))).kept.annotations == ()


def test_rereading_lets_go_of_what_is_gone():
    theirs = Annotation("theirs", FRAME, Kind.PROBE, ((1.0, 1.0),))
    state = Editing(kept=Annotations((theirs,))).selecting("theirs", 0)
    assert state.reread(Annotations()).selected == ""
    moving = state.moved(3, 0).reread(Annotations((theirs,)))
    assert moving.selection.points == ((4, 1),)


def test_the_past_is_bounded():
    state = draw(Editing(), Kind.PROBE, *((number, 0) for number in range(LONGEST + 9)))
    assert len(state.history.done) == LONGEST


def test_a_layer_goes_with_what_is_drawn_in_it_and_comes_back_with_it():
    state = Editing().with_layer(Layer("Surg", 5)).drawing_in("Surg")
    state = draw(draw(state, Kind.PROBE, (1, 1)), Kind.PROBE, (2, 2))
    gone = replace(state, dirty=frozenset()).without_layer("Surg")
    assert (gone.kept.annotations, gone.layer) == ((), "Measurements")
    assert [layer.name for layer in gone.kept.layers] == ["Measurements"]
    assert gone.dirty == {("layer", "Surg"), *(("annotation", each.uid) for each in state.kept.annotations)}
    assert contents(gone.undo()) == contents(state)
    assert contents(gone.undo().redo()) == contents(gone)


def test_a_renamed_layer_keeps_its_looks_and_its_marks():
    state = draw(Editing().with_layer(Layer("Surg", 5, dashed=True)).drawing_in("Surg"), Kind.PROBE, (1, 1))
    named = state.with_layer_renamed("Surg", "Surgery", 7.0)
    assert named.layers == {
        "Measurements": Layer("Measurements"),
        "Surgery": Layer("Surgery", 5, dashed=True),
    }
    (moved,) = named.kept.annotations
    assert (moved.layer, moved.modified_at, named.layer) == ("Surgery", 7.0, "Surgery")
    assert contents(named.undo()) == contents(state)


def test_layers_of_one_name_become_one():
    state = draw(Editing().with_layer(Layer("Surg", 5)).drawing_in("Surg"), Kind.PROBE, (1, 1))
    one = state.with_layer_renamed("Surg", "Measurements", 7.0)
    assert one.kept.layers == (Layer("Measurements"),)
    assert one.kept.annotations[0].layer == "Measurements"
    back = one.with_layer_renamed("Measurements", "Mine", 8.0)
    assert {"Measurements", "Mine"} == set(back.layers)  # every study has the first one
    assert back.kept.annotations[0].layer == "Mine"


LAYERS = ("Measurements", "Surg", "Doubts")
POINTS = st.tuples(st.integers(0, 9).map(float), st.integers(0, 9).map(float))


class Reader(RuleBasedStateMachine):
    """Does anything in any order; whatever it did can be taken back to the start and done again."""

    def __init__(self):
        super().__init__()
        stored = Annotation("stored", FRAME, Kind.ANGLE, ((0.0, 0.0), (1.0, 1.0), (2.0, 0.0)))
        self.start = Editing(kept=Annotations((stored,), key_images=(KeyImage(OTHER),)))
        self.state = self.start

    @rule(kind=st.sampled_from(Kind))
    def take_a_tool(self, kind):
        self.state = self.state.with_tool(kind)

    @rule(point=POINTS, frame=st.sampled_from([FRAME, OTHER]))
    def set_a_point(self, point, frame):
        self.state = self.state.with_point(frame, point, stamp())

    @rule()
    def finish(self):
        self.state = self.state.finished(stamp())

    @rule(text=st.none() | st.text(max_size=5))
    def say(self, text):
        self.state = self.state.with_words(text, 5.0)

    @rule()
    def ask_for_other_words(self):
        self.state = self.state.wording()

    @rule(step=st.sampled_from([-1, 1]))
    def choose(self, step):
        self.state = self.state.with_tool(None).with_next(FRAME, step)

    @rule(step=st.sampled_from([-1, 1]))
    def choose_a_handle(self, step):
        self.state = self.state.with_next_handle(step)

    @rule(delta=POINTS)
    def move(self, delta):
        self.state = self.state.moved(*delta)

    @precondition(lambda self: self.state.selected)
    @rule()
    def delete(self):
        self.state = self.state.without(("annotation", self.state.selected))

    @rule(frame=st.sampled_from([FRAME, OTHER]))
    def toggle_a_key_image(self, frame):
        self.state = self.state.with_key_image_toggled(frame, stamp())

    @rule(name=st.sampled_from(LAYERS))
    def draw_in(self, name):
        self.state = self.state.drawing_in(name)

    @rule(name=st.sampled_from(LAYERS))
    def delete_a_layer(self, name):
        self.state = self.state.without_layer(name)

    @rule(name=st.sampled_from(LAYERS), new=st.sampled_from(LAYERS))
    def rename_a_layer(self, name, new):
        self.state = self.state.with_layer_renamed(name, new, 6.0)

    @rule()
    def undo(self):
        self.state = self.state.undo()

    @rule()
    def redo(self):
        self.state = self.state.redo()

    @rule()
    def be_saved(self):
        self.state = self.state.saved(self.state.dirty, self.state.kept)

    @invariant()
    def everything_can_be_taken_back_and_done_again(self):
        state = replace(self.state.let_go(), points=(), worded=None)
        changes = len(state.history.done)
        back = state
        for _ in range(changes):
            back = back.undo()
        assert contents(back) == contents(self.start)
        for _ in range(changes):
            back = back.redo()
        assert contents(back) == contents(state)

    @invariant()
    def nothing_is_chosen_that_is_not_there(self):
        assert self.state.selected == "" or self.state.selection is not None
        assert self.state.refused <= self.state.dirty


TestReader = Reader.TestCase
TestReader.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_putting_replaces_adds_and_takes_away():
    shape = Annotation("a", FRAME, Kind.PROBE, ((1.0, 1.0),))
    one = put(Annotations(), ("annotation", "a"), shape)
    assert one.annotations == (shape,)
    assert put(one, ("annotation", "a"), replace(shape, text="x")).annotations == (replace(shape, text="x"),)
    assert put(one, ("annotation", "a"), None) == Annotations()
