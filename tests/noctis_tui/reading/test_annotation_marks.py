from dataclasses import replace

import numpy as np
import pytest
from phantoms import write_image

from archive.annotations.annotation import Annotation, Annotations, FrameKey, KeyImage, Kind, Layer
from noctis_tui.reading.annotating import Editing
from noctis_tui.reading.annotation_marks import ACTIVE_INDEX, AnnotationMarks
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.marks import Handle, Heading, Note, Stroke
from noctis_tui.reading.measurement_cache import MeasurementCache
from noctis_tui.reading.rendering import render
from noctis_tui.reading.stack import FrameRef
from noctis_tui.reading.viewport import OverlayLevel, ViewState

SHOWN = ViewState()
BARE = ViewState(overlay=OverlayLevel.NONE)


@pytest.fixture
def frame(tmp_path):
    """Rows 0.8 mm apart, columns 0.5 mm: a bar of 100 HU in air."""
    pixels = np.full((200, 200), -1000, np.int16)
    pixels[80:121, 60:121] = 100
    path = write_image(
        tmp_path / "a.dcm",
        pixels,
        PixelSpacing=[0.8, 0.5],
        RescaleSlope=1,
        RescaleIntercept=0,
        RescaleType="HU",
    )
    return read_frame(path)


@pytest.fixture
def marked(frame, tmp_path):
    """Return the marks of a state over the frame."""
    cache, ref = MeasurementCache(), FrameRef(tmp_path / "a.dcm", 0)

    def marks(editing, view=SHOWN):
        source = AnnotationMarks(cache)
        source.studies = (editing,)
        return source.marks(frame, ref, view)

    return marks


def key(frame, number=1):
    return FrameKey("1", "2", frame.image.sop_instance_uid, number)


def shape(frame, kind, *points, uid="a", **more):
    return Annotation(uid, key(frame), kind, points, **more)


def only(marks, kind):
    return [mark for mark in marks if isinstance(mark, kind)]


def notes(marks):
    return [mark.text for mark in only(marks, Note)]


@pytest.mark.parametrize(
    ("kind", "points", "text"),
    [
        (Kind.LENGTH, ((60, 80), (120, 120)), "43.9 mm"),
        (Kind.POLYLINE, ((60, 80), (120, 80), (120, 120)), "62.0 mm"),
        (Kind.ANGLE, ((60, 80), (60, 120), (120, 120)), "90.0°"),
        (Kind.COBB, ((60, 80), (120, 80), (60, 80), (60, 120)), "90.0°"),
        (Kind.RECTANGLE, ((60, 80), (120, 120)), "100.0 HU ± 0.00 · 9.60 cm²"),
        (Kind.PROBE, ((90, 100),), "100.0 HU"),
        (Kind.TEXT, ((90, 100),), ""),
    ],
)
def test_values_stand_beside_the_shapes(frame, marked, kind, points, text):
    marks = marked(Editing(kept=Annotations((shape(frame, kind, *points),))))
    assert notes(marks) == ([text] if text else [])


def test_words_come_first_and_what_is_not_kept_says_so(frame, marked):
    length = shape(frame, Kind.LENGTH, (60, 80), (120, 120), text="node\x1b[31m")
    state = Editing(kept=Annotations((length,)), dirty=frozenset({("annotation", "a")}))
    (note,) = notes(marked(replace(state, refused=state.dirty)))
    assert note.startswith("node")
    assert "\x1b" not in note
    assert note.endswith("43.9 mm  unsaved")


def test_other_frames_have_other_marks(frame, marked):
    elsewhere = replace(shape(frame, Kind.PROBE, (1, 1)), frame=key(frame, 2))
    assert marked(Editing(kept=Annotations((elsewhere,), key_images=(KeyImage(key(frame, 2)),)))) == ()


def test_a_layer_gives_colour_and_dashes_and_hides(frame, marked):
    length = shape(frame, Kind.LENGTH, (60, 80), (120, 120), layer="Surgery")
    layers = (Layer("Surgery", 5, dashed=True),)
    (stroke,) = only(marked(Editing(kept=Annotations((length,), layers))), Stroke)
    assert (stroke.color_index, stroke.dashed) == (5, True)
    hidden = Editing(kept=Annotations((length,), (replace(layers[0], visible=False),)))
    assert marked(hidden) == ()


def test_the_chosen_mark_has_handles_and_the_active_one_is_filled(frame, marked):
    state = Editing(kept=Annotations((shape(frame, Kind.LENGTH, (60, 80), (120, 120)),)))
    assert only(marked(state), Handle) == []
    handles = only(marked(state.selecting("a", 1)), Handle)
    assert [handle.active for handle in handles] == [False, True]
    assert all(handle.color_index == ACTIVE_INDEX for handle in handles)


def test_without_overlay_only_what_is_in_hand_is_drawn(frame, marked):
    state = Editing(
        kept=Annotations(
            (shape(frame, Kind.PROBE, (1, 1)), shape(frame, Kind.LENGTH, (60, 80), (120, 120), uid="b")),
            key_images=(KeyImage(key(frame)),),
        )
    )
    assert marked(state, BARE) == ()
    assert notes(marked(state.selecting("b"), BARE)) == ["43.9 mm"]
    drawing = Editing(tool=Kind.LENGTH, frame=key(frame), points=((60, 80),), cursor=(120, 120))
    assert notes(marked(drawing, BARE)) == ["43.9 mm"]


def test_what_is_drawn_on_another_frame_is_not_shown_here(frame, marked):
    drawing = Editing(tool=Kind.LENGTH, frame=key(frame, 2), points=((60, 80),), cursor=(120, 120))
    assert marked(drawing) == ()


def test_a_key_image_has_a_heading(frame, marked):
    assert only(marked(Editing(kept=Annotations(key_images=(KeyImage(key(frame)),)))), Heading)


@pytest.mark.parametrize(("turns", "mirrored", "end"), [(0, False, 120), (2, False, 60), (0, True, 60)])
def test_words_stand_where_the_shape_ends_on_the_right_of_the_screen(frame, marked, turns, mirrored, end):
    view = ViewState(quarter_turns=turns, mirrored=mirrored)
    state = Editing(kept=Annotations((shape(frame, Kind.LENGTH, (60, 80), (120, 120)),)))
    (note,) = only(marked(state, view), Note)
    assert note.point[0] == end


def test_every_kind_is_rendered_finished_or_not(frame, marked):
    points = ((60.0, 80.0), (120.0, 80.0), (120.0, 120.0), (70.0, 125.0))
    for kind in Kind:
        for count in range(1, 5):
            state = Editing(tool=kind, frame=key(frame), points=points[:count], cursor=(90.0, 90.0))
            render(frame, SHOWN, 300, 200, marks=marked(state))


def test_points_beyond_what_is_measured_are_drawn_without_a_value(frame, marked):
    far = shape(frame, Kind.LENGTH, (-1e6, 0), (1e6, 10))
    marks = marked(Editing(kept=Annotations((far,))))
    assert notes(marks) == []
    render(frame, SHOWN, 300, 200, marks=marks)
